import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../src/cli/context.ts';
import type { VersionRequest } from '../../../src/cli/versions.ts';
import { manageVersions } from '../../../src/cli/versions.ts';

const version = {
  channel: 'telegram',
  version: 'gramjs/198/1.0.0',
  origin: 'shipped',
  wanted: true,
  current: false,
  pinned: false,
  sessions: 0,
  firstWorkedAt: null,
  lastWorkedAt: '2026-11-20T08:00:00.000Z',
  firstFailedAt: null,
  lastFailedAt: '2026-11-21T09:30:00.000Z',
  failingSince: '2026-11-21T09:30:00.000Z',
};
const nothing: VersionRequest = { channel: undefined, pin: undefined, unpin: undefined, forget: undefined };

describe('bellhop versions', () => {
  const calls: string[] = [];
  const lines: string[] = [];
  let answer: unknown = { data: [version] };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      calls.push(`${request.method} ${request.url} ${body}`.trim());
      response
        .writeHead(request.method === 'DELETE' ? 204 : 200)
        .end(request.method === 'DELETE' ? '' : JSON.stringify(answer));
    });
  });
  let url = '';

  beforeEach(async () => {
    calls.length = 0;
    lines.length = 0;
    answer = { data: [version] };
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is one
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const run = (request: Partial<VersionRequest>, json = false): Promise<void> => {
    const out = (text: string): void => {
      lines.push(text);
    };
    const context: CommandContext = {
      terminal: { out, note: out, interactive: false },
      environment: {},
      workingDir: '/nowhere',
      options: { url, key: 'bh_key', json },
    };
    return manageVersions(context, { ...nothing, ...request });
  };

  it('shows what networks said to each version', async () => {
    await run({ channel: 'telegram' });
    expect(calls).toEqual(['GET /v1/versions?channel=telegram']);
    expect(lines.join('\n')).toContain('gramjs/198/1.0.0');
    expect(lines.join('\n')).toContain('refused since 2026-11-21 09:30');
    expect(lines.join('\n')).toContain('2026-11-20 08:00');
  });

  it('answers in JSON', async () => {
    await run({}, true);
    expect(calls).toEqual(['GET /v1/versions']);
    expect(JSON.parse(lines.join('\n'))).toEqual([version]);
  });

  it('pins, unpins and forgets one', async () => {
    answer = { ...version, pinned: true };
    await run({ channel: 'telegram', pin: version.version });
    await run({ channel: 'telegram', unpin: version.version }, true);
    await run({ channel: 'telegram', forget: version.version });
    expect(calls).toEqual([
      'PATCH /v1/versions/telegram/gramjs%2F198%2F1.0.0 {"pinned":true}',
      'PATCH /v1/versions/telegram/gramjs%2F198%2F1.0.0 {"pinned":false}',
      'DELETE /v1/versions/telegram/gramjs%2F198%2F1.0.0',
    ]);
    expect(lines[0]).toContain('Pinned gramjs/198/1.0.0');
    expect(lines.at(-1)).toContain('Forgot');
  });

  it('says how it is used', async () => {
    await expect(run({ pin: '1' })).rejects.toThrow('Which channel?');
    await expect(run({ channel: 'telegram', pin: '1', forget: '1' })).rejects.toThrow('at a time');
    expect(calls).toEqual([]);
  });
});
