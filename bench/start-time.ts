/**
 * From the start of the process to the first answer over HTTP: nothing linked, a configuration present (so no sandbox). In the
 * same run, turn and turn about: an empty Node process, and a bare fastify that answers.
 * Run: npx tsx bench/start-time.ts [rounds]
 * Goal: under 1.5 s.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeMachine, sharedMicros } from './support/machine.ts';
import { cpuMicrosOf, rssBytesOf } from './support/process-figures.ts';
import { Product } from './support/product.ts';
import { describeSpread } from './support/statistics.ts';

const ROUNDS = Number(process.argv[2] ?? 7);
const MIB = 1_048_576;
const BARE_FASTIFY = `
  import { fastify } from 'fastify';
  const app = fastify();
  app.get('/healthz', async () => 'ok');
  console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
`;

interface Start {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly rssMib: number;
}

console.log(describeMachine());
const empty: number[] = [];
const bare: Start[] = [];
const product: Start[] = [];
await startProduct(); // fills the page cache; not counted
for (let round = 0; round < ROUNDS; round += 1) {
  empty.push(await runEmpty());
  bare.push(await startBare());
  product.push(await startProduct());
}
console.log(`node -e '', start to end: ${describeSpread(empty, 0)} ms`);
report('bare fastify', bare);
report('bellhop', product);

function report(name: string, starts: readonly Start[]): void {
  const spread = (pick: (start: Start) => number): string => describeSpread(starts.map(pick), 0);
  console.log(
    `${name}: first answer after ${spread((s) => s.readyMs)} ms, CPU ${spread((s) => s.cpuMs)} ms, RSS ${spread((s) => s.rssMib)} MiB`,
  );
}

async function runEmpty(): Promise<number> {
  const begun = sharedMicros();
  await once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit');
  return (sharedMicros() - begun) / 1_000;
}

async function startBare(): Promise<Start> {
  const begun = sharedMicros();
  const child = spawn(process.execPath, ['--input-type=module', '-e', BARE_FASTIFY], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const start = await firstAnswer(line.toString().trim(), begun, child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return start;
}

async function startProduct(): Promise<Start> {
  const daemon = new Product();
  await daemon.ready();
  const start = await firstAnswer(daemon.url, daemon.spawnedAt, daemon.pid);
  await daemon.stop();
  return start;
}

async function firstAnswer(url: string, begun: number, pid: number): Promise<Start> {
  const answer = await fetch(`${url}/healthz`);
  if (!answer.ok) throw new Error(`/healthz answered ${answer.status}`);
  return {
    readyMs: (sharedMicros() - begun) / 1_000,
    cpuMs: cpuMicrosOf(pid) / 1_000,
    rssMib: rssBytesOf(pid) / MIB,
  };
}
