import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { CommandContext } from '../../../src/cli/context.ts';
import { listProcesses, renewProcesses } from '../../../src/cli/processes.ts';

const running = {
  channel: 'whatsapp',
  number: 2,
  pid: 4_711,
  startedAt: '2026-11-21T15:00:00.000Z',
  sessions: 12,
  retiring: false,
  residentBytes: 134_217_728,
  heapBytes: 50_000_000,
  loopLagMs: 13,
};
const calls: string[] = [];
const lines: string[] = [];
let data: unknown[];
const server = createServer((request, response) => {
  calls.push(`${request.method} ${request.url}`);
  request.resume();
  response.writeHead(200).end(JSON.stringify({ data }));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  calls.length = 0;
  lines.length = 0;
  data = [running, { ...running, number: 1, retiring: true, residentBytes: null, loopLagMs: null }];
});

function context(json = false): CommandContext {
  const out = (text: string): void => {
    lines.push(text);
  };
  const { port } = server.address() as AddressInfo; // a TCP server's address is one
  return {
    terminal: { out, note: out, interactive: false },
    environment: {},
    workingDir: '/nowhere',
    options: { url: `http://127.0.0.1:${port}`, key: 'bhk_test', json },
  };
}

it('lists processes with their memory and lag, and those that are being replaced', async () => {
  await listProcesses(context());
  expect(calls).toEqual(['GET /v1/processes']);
  const [head, first, second] = lines.join('\n').split('\n');
  expect(head).toMatch(/^CHANNEL +PROCESS +PID +SINCE +SESSIONS +MEMORY +LAG/);
  expect(first).toMatch(/^whatsapp +2 +4711 +2026-11-21 15:00 +12 +128 MiB +13 ms *$/);
  expect(second).toMatch(/^whatsapp +1 .* – +– +being replaced$/);
});

it('says so when there are none', async () => {
  data = [];
  await listProcesses(context());
  await renewProcesses(context());
  expect(lines).toEqual([
    'No process: the first session of a channel starts one.',
    'Nothing to replace: no process runs.',
  ]);
});

it('renews, and says how to follow it', async () => {
  await renewProcesses(context());
  expect(calls).toEqual(['POST /v1/sessions/renew']);
  expect(lines[0]).toContain('Replacing 2 processes, one at a time');
  await renewProcesses(context(true));
  expect(JSON.parse(lines[1] ?? '')).toEqual(data);
});
