/**
 * Durable POST /v1/messages beside a bare fastify hello, 50 connections, each server alone on one core and the load on another.
 * Run: npm run build && npx tsx bench/post-messages.ts [seconds] [rounds]
 * Goal: at least a third of the hello, p99 under 50 ms. The limit of the machine (fdatasync) is measured in the same run.
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../src/core/clock.ts';
import type { Kind } from './support/message-server.ts';
import { KEY, kinds, serve } from './support/message-server.ts';

const require = createRequire(import.meta.url);
const CONNECTIONS = 50;
const SERVER_CORE = '0';
const LOAD_CORE = '1';
const WARM_UP_SECONDS = 2;

const serverMessage = z.union([z.object({ port: z.number() }), z.object({ cpuMicros: z.number() })]);
const loadReport = z.object({
  requests: z.object({ total: z.number(), average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  '2xx': z.number(),
  non2xx: z.number(),
});

interface Round {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number;
}

class BenchServer {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async open(kind: Kind, folder: string): Promise<BenchServer> {
    const child = fork(import.meta.filename, ['serve', kind, folder], {
      stdio: 'inherit',
      execArgv: ['--import', 'tsx'],
    });
    pin(child.pid ?? 0, SERVER_CORE);
    const answer = await reply(child);
    if (!('port' in answer)) throw new Error('no port');
    return new BenchServer(child, answer.port);
  }

  async cpuMicros(): Promise<number> {
    const answer = reply(this.#child);
    this.#child.send('cpu');
    const got = await answer;
    return 'cpuMicros' in got ? got.cpuMicros : 0;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

function reply(child: ChildProcess): Promise<z.infer<typeof serverMessage>> {
  return new Promise((resolve) => child.once('message', (message) => resolve(serverMessage.parse(message))));
}

function pin(pid: number, core: string): void {
  try {
    execFileSync('taskset', ['-a', '-cp', core, String(pid)], { stdio: 'ignore' });
  } catch {
    console.log('taskset is missing: server and load share the cores');
  }
}

async function load(kind: Kind, port: number, seconds: number): Promise<z.infer<typeof loadReport>> {
  const body = JSON.stringify({
    channel: 'fake',
    to: '+15551230001',
    body: 'Your room is ready. The key waits at the front desk; breakfast is from seven to ten.',
    basis: { reservation: 'R-1', consent: 'booking' },
  });
  const post = ['-m', 'POST', '-b', body, '-H', 'content-type=application/json', '-H', `authorization=Bearer ${KEY}`];
  const url = `http://127.0.0.1:${port}${kind === 'hello' ? '/' : '/v1/messages'}`;
  const script = require.resolve('autocannon');
  const args = [script, '-j', '-c', String(CONNECTIONS), '-d', String(seconds), ...(kind === 'hello' ? [] : post), url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  pin(child.pid ?? 0, LOAD_CORE);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return loadReport.parse(JSON.parse(text));
}

async function round(kind: Kind, server: BenchServer, seconds: number): Promise<Round> {
  const before = await server.cpuMicros();
  const report = await load(kind, server.port, seconds);
  const used = (await server.cpuMicros()) - before;
  if (report.non2xx > 0) throw new Error(`${report.non2xx} answers of ${kind} were not 2xx`);
  return {
    perSecond: report.requests.average,
    p50: report.latency.p50,
    p99: report.latency.p99,
    cpuMicros: used / report.requests.total,
  };
}

function fdatasyncRate(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const bytes = Buffer.alloc(4_096, 'x');
  const end = systemClock.monotonic() + 1_000;
  let count = 0;
  while (systemClock.monotonic() < end) {
    writeSync(file, bytes);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  return count;
}

async function main(seconds: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
  const servers: BenchServer[] = [];
  try {
    const results: Record<Kind, Round[]> = { hello: [], post: [], durable: [], adapter: [], bellhop: [] };
    const open = new Map<Kind, BenchServer>();
    for (const kind of kinds) {
      const server = await BenchServer.open(kind, mkdtempSync(join(folder, kind)));
      servers.push(server);
      open.set(kind, server);
      await load(kind, server.port, WARM_UP_SECONDS);
    }
    for (let index = 0; index < rounds; index += 1) {
      for (const [kind, server] of open) results[kind].push(await round(kind, server, seconds));
    }
    const show = (kind: Kind): Round => {
      const median = (pick: (one: Round) => number): number =>
        results[kind].map(pick).sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
      const all: Round = {
        perSecond: median((one) => one.perSecond),
        p50: median((one) => one.p50),
        p99: median((one) => one.p99),
        cpuMicros: median((one) => one.cpuMicros),
      };
      console.log(
        `${kind}: ${all.perSecond.toFixed(0)}/s, p50 ${all.p50} ms, p99 ${all.p99} ms, ${all.cpuMicros.toFixed(1)} CPU-µs a request`,
      );
      return all;
    };
    console.log(
      `load ${loadavg()[0]?.toFixed(2)}, fdatasync ${fdatasyncRate(folder)}/s, medians of ${rounds} × ${seconds} s`,
    );
    const base = show('hello');
    const post = show('post');
    const durable = show('durable');
    const adapter = show('adapter');
    const own = show('bellhop');
    const beside = (one: Round, other: Round): string =>
      `${(one.perSecond / other.perSecond).toFixed(3)} by requests, ${(other.cpuMicros / one.cpuMicros).toFixed(3)} by CPU`;
    console.log(`ratio ${beside(own, base)} (goal 0.333)`);
    console.log(`beside the bare POST: ${beside(own, post)}; the least durable POST: ${beside(own, durable)}`);
    console.log(
      `beside the hello: least durable POST ${beside(durable, base)}; HTTP layer alone ${beside(adapter, base)}`,
    );
  } finally {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, , command, kind, folder] = process.argv;
if (command === 'serve') {
  const port = await serve(kinds.find((one) => one === kind) ?? 'bellhop', folder ?? '');
  process.on('message', () => {
    const used = process.cpuUsage();
    process.send?.({ cpuMicros: used.user + used.system });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ port });
} else {
  await main(Number(command ?? 5), Number(kind ?? 3));
}
