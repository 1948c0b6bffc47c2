import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAlerts, testAlerts } from '../../../src/cli/alerts.ts';
import type { CommandContext } from '../../../src/cli/context.ts';
import type { Alert } from '../../../src/engine/model/alert.ts';

const at = '2026-03-04T15:00:00.000Z';
const alert: Alert = {
  id: `alr_${'1'.repeat(26)}`,
  property: 'main',
  kind: 'line',
  code: 'fake_logged_out',
  name: 'front-desk (WhatsApp)',
  title: 'front-desk (WhatsApp) needs you: link it again',
  text: 'It was unlinked.',
  action: 'relink',
  remedy: 'Link it again.',
  channel: 'whatsapp',
  sessions: ['front-desk'],
  webhookId: null,
  since: at,
  openedAt: at,
  updatedAt: at,
  endedAt: null,
  closedAt: null,
  resolution: null,
};

describe('bellhop alerts', () => {
  const calls: string[] = [];
  const lines: string[] = [];
  let answer: unknown;
  let ways: readonly object[] = [];
  let url = '';
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify({ data: request.url === '/v1/alerts/ways' ? ways : answer, nextCursor: null }));
  });

  beforeEach(async () => {
    calls.length = 0;
    lines.length = 0;
    ways = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is one
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const context = (json = false): CommandContext => {
    const out = (text: string): void => {
      lines.push(text);
    };
    return {
      terminal: { out, note: out, interactive: false },
      environment: {},
      workingDir: '/',
      options: { url, key: 'bhk_x', json },
    };
  };

  it('shows what is open and what to do', async () => {
    answer = [alert];
    await listAlerts(context(), { all: false });
    expect(calls).toEqual(['GET /v1/alerts?limit=50&open=true', 'GET /v1/alerts/ways']);
    expect(lines.join('\n')).toMatch(/2026-03-04 15:00 .*link it again .*needs you .*Link it again\./);
  });

  it('shows what is over when that is asked, and whole objects in JSON', async () => {
    answer = [{ ...alert, closedAt: at, endedAt: at, resolution: 'recovered' }];
    await listAlerts(context(), { all: true });
    expect(lines.join('\n')).toContain('over since 2026-03-04 15:00');
    lines.length = 0;
    await listAlerts(context(true), { all: true });
    expect(JSON.parse(lines.join('\n'))).toEqual(answer);
  });

  it('says first that nobody can be told', async () => {
    answer = [];
    ways = [{ way: 'e-mail', kind: 'email', waiting: 1, failingSince: at, reason: 'connection refused' }];
    await listAlerts(context(), { all: false });
    expect(lines[0]).toMatch(/Nobody is told by e-mail: .*connection refused\. 1 alert waits to be told\./);
  });

  it('says that all is well', async () => {
    answer = [];
    await listAlerts(context(), { all: false });
    expect(lines).toEqual(['All is well: no alert is open.']);
  });

  it('tests each way, and fails when one of them did not take it', async () => {
    answer = [{ way: 'e-mail', delivered: true, reason: null }];
    await testAlerts(context());
    expect(calls).toEqual(['POST /v1/alerts/test']);
    expect(lines.join('\n')).toMatch(/sent +e-mail/);
    answer = [{ way: 'webhook to ntfy.example', delivered: false, reason: 'HTTP 403' }];
    await expect(testAlerts(context())).rejects.toMatchObject({ exitCode: 1 });
    expect(lines.join('\n')).toMatch(/failed +webhook to ntfy\.example: HTTP 403/);
  });

  it('says what to set when nobody would be told', async () => {
    answer = [];
    await expect(testAlerts(context())).rejects.toThrow(/Nobody is told/);
  });
});
