import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorRegistry } from '../../../src/core/error-registry.ts';
import type { LogFields, Logger } from '../../../src/core/logger.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, unknown>;
  readonly security?: unknown[];
  readonly 'x-scope'?: string;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly webhooks: Record<string, unknown>;
  readonly components: { readonly schemas: Record<string, { properties?: { code?: { enum?: string[] } } }> };
}

const operationsOf = (document: Document): Operation[] =>
  Object.values(document.paths).flatMap((path) => Object.values(path));

describe('health', () => {
  it('tells apart alive and ready', async () => {
    const tired = await makeHttpFixture({
      deps: (deps) => ({
        ...deps,
        health: async () => ({ ready: false, checks: [{ name: 'store', ok: false, detail: 'store_full' }] }),
      }),
    });
    expect((await tired.ask('GET', '/healthz', { key: null })).json).toEqual({ status: 'ok' });
    const ready = await tired.ask('GET', '/readyz', { key: null });
    expect([ready.status, ready.json['status']]).toEqual([503, 'not_ready']);
    await tired.close();
    expect((await http.ask('GET', '/readyz', { key: null })).status).toBe(200);
  });
});

describe('the API description', () => {
  it('is the one that was generated', async () => {
    const served = (await http.ask('GET', '/openapi.json', { key: null })).json;
    const written: unknown = JSON.parse(
      readFileSync(new URL('../../../docs/reference/openapi.json', import.meta.url), 'utf8'),
    );
    const strip = (document: unknown): unknown => {
      const { info, ...rest } = document as { info: unknown };
      return info === undefined ? document : rest;
    };
    expect(strip(served)).toEqual(strip(written));
  });

  it('names each operation once, with a good answer, a refusal and its scope', async () => {
    const document = (await http.ask('GET', '/openapi.json')).json as unknown as Document;
    expect(document.openapi).toBe('3.1.0');
    const operations = operationsOf(document);
    expect(new Set(operations.map((one) => one.operationId)).size).toBe(operations.length);
    for (const { operationId, responses, security, 'x-scope': scope } of operations) {
      const statuses = Object.keys(responses);
      expect([operationId, statuses.some((status) => /^(2|101)/.test(status))]).toEqual([operationId, true]);
      expect([operationId, statuses.some((status) => status.startsWith('4'))]).toEqual([operationId, true]);
      expect([operationId, security === undefined]).toEqual([operationId, scope !== undefined]);
    }
    expect(document.components.schemas['Problem']?.properties?.code?.enum).toEqual(Object.keys(errorRegistry));
    expect(Object.keys(document.components.schemas).filter((name) => /Input|Output|__/.test(name))).toEqual([]);
    expect(Object.keys(document.webhooks)).toContain('message.received');
  });

  it('does not promise what is not there', async () => {
    const document = (await http.ask('GET', '/openapi.json')).json as unknown as Document;
    expect(document.paths['/v1/guests/{id}']?.['delete']).toBeUndefined();
  });
});

describe('the page at /docs', () => {
  it('loads everything from here, under a policy that allows nothing else', async () => {
    const page = await http.ask('GET', '/docs', { key: null });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).not.toMatch(/https?:\/\//);
    expect(page.text).not.toMatch(/<script>|<style>| on\w+=/);
    expect(String(page.headers['content-security-policy'])).toContain("script-src 'self';");
    for (const [, asset] of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const answer = await http.ask('GET', asset ?? '', { key: null });
      expect([asset, answer.status]).toEqual([asset, 200]);
      expect(answer.bytes.length).toBeGreaterThan(50);
    }
  });

  it('gives no other file', async () => {
    for (const asset of ['package.json', '..%2fpackage.json', '%2e%2e', 'index.html']) {
      expect((await http.ask('GET', `/docs/${asset}`, { key: null })).status).toBe(404);
    }
  });
});

describe('the log', () => {
  it('has one line a request, with the template of the path and nothing of the guest', async () => {
    const lines: { text: string; fields: LogFields | undefined }[] = [];
    const note = (text: string, fields?: LogFields): void => void lines.push({ text, fields });
    const log: Logger = { trace: note, debug: note, info: note, warn: note, error: note, child: () => log };
    const logged = await makeHttpFixture({ log });
    await logged.seed();
    lines.length = 0;
    await logged.ask('POST', '/v1/messages', {
      body: { channel: 'whatsapp', to: '+15551234567', body: 'private words' },
    });
    await logged.ask('GET', '/v1/guests?q=%2B15551234567');
    await logged.ask('GET', '/v1/messages/msg_00000000000000000000000000');
    await logged.ask('GET', '/secret-path/+15551234567');
    expect(lines.map((line) => line.fields?.['route'])).toEqual([
      '/v1/messages',
      '/v1/guests',
      '/v1/messages/:id',
      null,
    ]);
    expect(lines.every((line) => line.text === 'request')).toBe(true);
    expect(JSON.stringify(lines)).not.toMatch(/5551234567|private|secret|bhk_/);
    await logged.close();
  });

  it('is not asked where its level shows no requests', async () => {
    const lines: string[] = [];
    const note = (text: string): void => void lines.push(text);
    const log: Logger = { trace: note, debug: note, info: note, warn: note, error: note, child: () => log };
    const logged = await makeHttpFixture({ log, config: { logLevel: 'info' } });
    lines.length = 0;
    expect((await logged.ask('GET', '/v1/guests')).status).toBe(200);
    expect(lines).toEqual([]);
    await logged.close();
  });
});
