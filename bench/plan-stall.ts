/**
 * How long the daemon's loop stands still for the plan of a long queue, and what a standing queue costs. A real store in a file, the
 * governor, one session; the longest wait of a timer in each phase. Usage: npx tsx bench/plan-stall.ts [messages]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../src/core/clock.ts';
import { IdFactory } from '../src/core/ids.ts';
import { silentLogger } from '../src/core/logger.ts';
import { seededRandom, systemRandom } from '../src/core/random.ts';
import { Governor } from '../src/engine/pacing/governor.ts';
import { defaultRules } from '../src/engine/pacing/rules.ts';
import type { Desk, Store } from '../src/engine/ports/index.ts';
import { openStore } from '../src/store/open-store.ts';
import { CountingTelemetry } from '../test/support/engine-fixture.ts';
import { inbound, outbound, person, SESSION } from '../test/support/store-fixture.ts';
import { describeSpread } from './support/statistics.ts';

const MESSAGES = Number(process.argv[2] ?? 10_000);
const GUESTS = Math.ceil(MESSAGES / 4);
const BATCH = 20;
const ROUNDS = 20;
const WATCH_MS = 20_000;
/** Of one round of the control, in which nothing is done; ms. */
const IDLE_MS = 1_000;
/** Nothing was planned or written for so long: it is at rest; ms. */
const QUIET_MS = 400;
const purposes = ['reply', 'service', 'scheduled', 'promotional'] as const;

const random = seededRandom(7);
const delay = monitorEventLoopDelay({ resolution: 1 });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const addressOf = (guest: number): `+${string}` => `+4915${10_000_000 + guest}`;
let networkId = 0;
let lastSignAt = 0;
let plans = 0;

function message(): ReturnType<typeof outbound> {
  networkId += 1;
  return outbound(`M${networkId}`, {
    to: { kind: 'direct', address: addressOf(Math.floor(random.next() * GUESTS)) },
    body: `Room ${networkId}: your key waits at the front desk; breakfast is from seven to ten.`,
    purpose: purposes[Math.floor(random.next() * purposes.length)] ?? 'service',
  });
}

async function fill(store: Store): Promise<void> {
  await store.createSession({ id: SESSION, property: 'main', channel: 'whatsapp', settings: {} });
  const account = { address: '+493012345' };
  await store.recordSessionChange({ sessionId: SESSION, state: 'connected', reason: null, at: Date.now(), account });
  for (let guest = 0; guest < GUESTS; guest += 2)
    await store.recordInbound(inbound(`IN${guest}`, Date.now(), { from: person(addressOf(guest)) }));
  for (let index = 0; index < MESSAGES; index += BATCH)
    await store.acceptMessages(Array.from({ length: BATCH }, message));
}

/** Until nothing has been planned or written for a while, and it was planned since. */
async function rest(plansBefore: number): Promise<void> {
  for (;;) {
    await pause(50);
    if (plans > plansBefore && systemClock.monotonic() - lastSignAt > QUIET_MS) return;
  }
}

interface Stall {
  /** By how much a timer was late at most; ms. */
  readonly lateMs: number;
  /** What the longest turn of the loop took of the processor, threads that collect garbage or compile included; ms. */
  readonly cpuMs: number;
}

async function longestStall(work: () => Promise<unknown>): Promise<Stall> {
  let cpuMs = 0;
  let isOver = false;
  let before = process.cpuUsage();
  const turn = (): void => {
    const { user, system } = process.cpuUsage(before);
    cpuMs = Math.max(cpuMs, (user + system) / 1_000);
    before = process.cpuUsage();
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  delay.reset();
  delay.enable();
  await work();
  delay.disable();
  isOver = true;
  return { lateMs: delay.max / 1e6, cpuMs };
}

/** While `work` is done and what it changes is planned and written. */
function stallOf(work: () => Promise<unknown>): Promise<Stall> {
  return longestStall(async () => {
    const before = plans;
    await work();
    await rest(before);
  });
}

/** The share of a core that this process takes, and how many plans a minute it makes. */
interface Share {
  readonly percent: number;
  readonly plans: number;
}

function describeShare({ percent, plans: made }: Share): string {
  return `${percent.toFixed(1)} % of a core, ${made.toFixed(0)} plans a minute`;
}

async function share(work: () => Promise<unknown>): Promise<Share> {
  const [cpu, begunAt, before] = [process.cpuUsage(), systemClock.monotonic(), plans];
  while (systemClock.monotonic() - begunAt < WATCH_MS) {
    await work();
    await pause(1_000);
  }
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = systemClock.monotonic() - begunAt;
  return { percent: (user + system) / 10 / tookMs, plans: ((plans - before) * 60_000) / tookMs };
}

/** Sends what the desk says, to nobody. */
class Worker {
  readonly #store: Store;
  #wake: () => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  async start(governor: Governor): Promise<void> {
    // Nothing is asked of the network here.
    const link = { sessionId: SESSION, channel: 'whatsapp', handle: {} as never };
    const desk = await governor.open(link, () => {
      plans += 1;
      lastSignAt = systemClock.monotonic();
      this.#wake();
    });
    void this.#run(desk);
  }

  async #run(desk: Desk): Promise<void> {
    for (;;) {
      const step = await desk.next();
      if (step.do === 'wait') {
        const woken = new Promise<void>((resolve) => (this.#wake = resolve));
        await Promise.race([woken, pause(step.ms)]);
        continue;
      }
      const { id } = step.due.message;
      await this.#store.beginAttempt(id, Date.now());
      await this.#store.finishAttempt(id, { type: 'sent', at: Date.now() });
      desk.done();
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
const ids = new IdFactory({ clock: systemClock, random: systemRandom });
const store = await openStore({
  url: `sqlite:${join(folder, 'store.db')}`,
  clock: systemClock,
  ids,
  log: silentLogger,
  secretKey: new Uint8Array(32),
});
const pacing = { rules: defaultRules('Europe/Berlin'), isPaced: () => true, tellsDelivery: () => true };
const governor = new Governor({
  store,
  telemetry: new CountingTelemetry(),
  clock: systemClock,
  log: silentLogger,
  pacing,
});
try {
  await fill(store);
  store.onCommit(() => {
    lastSignAt = systemClock.monotonic();
  });
  const accept = (): Promise<unknown> => store.acceptMessages([message()]);
  const idle: Stall[] = [];
  for (let round = 0; round < ROUNDS; round += 1) idle.push(await longestStall(() => pause(IDLE_MS)));
  const unplanned = await share(accept);
  await governor.start();
  const worker = new Worker(store);
  const cold = await stallOf(() => worker.start(governor));
  const warm: Stall[] = [];
  for (let round = 0; round < ROUNDS; round += 1) warm.push(await stallOf(accept));
  const told = (stalls: readonly Stall[]): string => {
    const [late, cpu] = [stalls.map(({ lateMs }) => lateMs), stalls.map((each) => each.cpuMs)];
    return `${describeSpread(late, 0)} ms, ${describeSpread(cpu, 0)} ms of CPU`;
  };
  console.log(`load ${loadavg()[0]?.toFixed(1)}; ${MESSAGES} messages to ${GUESTS} guests; ${ROUNDS} rounds`);
  console.log(`longest stall of a round in which nothing is done: ${told(idle)}`);
  console.log(`of the first plan: ${told([cold])}`);
  console.log(`of later ones, one message more each: ${told(warm)}`);
  const still = await share(() => Promise.resolve());
  console.log(`standing queue, nothing happens: ${describeShare(still)}`);
  const trickle = await share(accept);
  console.log(
    `a message a second: ${describeShare(trickle)}; without planning ${unplanned.percent.toFixed(1)} % of a core`,
  );
} finally {
  governor.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0); // the worker waits for ever
