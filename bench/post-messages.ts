/**
 * Durable POST /v1/messages beside a bare fastify hello, 50 connections, each server alone on one core and the load on another.
 * Run: npx tsx bench/post-messages.ts [seconds] [rounds]
 * Goal: at least a third of the hello, p99 under 50 ms. The limit of the machine (fdatasync) is measured in the same run.
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { z } from 'zod';
import { systemClock } from '../src/core/clock.ts';
import { IdFactory } from '../src/core/ids.ts';
import { silentLogger } from '../src/core/logger.ts';
import { systemRandom } from '../src/core/random.ts';
import { createEngine } from '../src/engine/engine.ts';
import type { EngineApi } from '../src/engine/engine-api.ts';
import { offPacer } from '../src/engine/simple-pacer.ts';
import { hashApiKey } from '../src/http/api-key.ts';
import { createHttpServer } from '../src/http/http-server.ts';
import { FileMediaStore } from '../src/store/media/index.ts';
import { openStore } from '../src/store/open-store.ts';
import { CountingTelemetry, testManifest } from '../test/support/engine-fixture.ts';
import { FakeHost } from '../test/support/fake-host.ts';

const require = createRequire(import.meta.url);
const KEY = 'bhk_bench';
const CONNECTIONS = 50;
const SERVER_CORE = '0';
const LOAD_CORE = '1';
const WARM_UP_SECONDS = 2;

/** `adapter`: our HTTP layer with an engine that answers at once, to tell its share from that of engine and store. */
type Kind = 'hello' | 'adapter' | 'bellhop';
const kinds: readonly Kind[] = ['hello', 'adapter', 'bellhop'];
const serverMessage = z.union([z.object({ port: z.number() }), z.object({ cpuMicros: z.number() })]);
const loadReport = z.object({
  requests: z.object({ total: z.number(), average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  '2xx': z.number(),
  non2xx: z.number(),
});

async function serve(kind: Kind, folder: string): Promise<number> {
  if (kind === 'hello') {
    const app = fastify({ logger: false });
    app.get('/', async () => ({ hello: 'world' }));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger };
  const store = await openStore({
    ...parts,
    url: `sqlite:${join(folder, 'bench.db')}`,
    ids: new IdFactory(parts),
    secretKey: new Uint8Array(32),
  });
  await store.createSession({ id: 'front-desk', property: 'main', channel: 'fake', settings: {} });
  await store.recordSessionChange({
    sessionId: 'front-desk',
    state: 'stopped',
    reason: null,
    at: systemClock.now(),
    account: { address: '+15550000001' },
  });
  const { api: real } = createEngine({
    ...parts,
    store,
    host: new FakeHost({ now: systemClock.now }),
    pacer: offPacer,
    manifests: new Map([['fake', testManifest()]]),
    channelConfigs: new Map(),
    telemetry: new CountingTelemetry(),
  });
  const answer = {
    status: 202,
    body: JSON.stringify({ id: 'msg_01kag3m5v2e8q0w7x4c9rd6t1b', filler: 'x'.repeat(1_000) }),
  };
  const stub = { ...real, messages: { ...real.messages, accept: async () => answer } } as EngineApi;
  const server = createHttpServer({
    ...parts,
    engine: kind === 'adapter' ? stub : real,
    store,
    media: new FileMediaStore({ dir: join(folder, 'media') }),
    targets: { check: async () => undefined },
    metrics: async () => '',
    health: async () => ({ ready: true, checks: [] }),
    knownKeys: [
      { hash: hashApiKey(KEY), principal: { keyId: 'k', name: 'k', scopes: new Set(['admin']), property: null } },
    ],
    version: 'bench',
    config: {
      host: '127.0.0.1',
      port: 0,
      bodyLimitBytes: 1_048_576,
      maxConnections: 1_024,
      rateLimit: { max: 10_000_000, windowSeconds: 3_600 },
      metricsPublic: false,
      mediaLimitBytes: 1_048_576,
    },
  });
  const { url } = await server.start();
  return Number(new URL(url).port);
}

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
    const results: Record<Kind, Round[]> = { hello: [], adapter: [], bellhop: [] };
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
    show('adapter');
    const own = show('bellhop');
    console.log(
      `ratio ${(own.perSecond / base.perSecond).toFixed(3)} by requests, ${(base.cpuMicros / own.cpuMicros).toFixed(3)} by CPU (goal 0.333)`,
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
