import { describe, expect, it } from 'vitest';
import type { DisconnectCause } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Session } from '../../src/engine/model/session.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { CountingTelemetry, testManifest } from '../support/engine-fixture.ts';
import { noPacing } from '../support/no-pacing.ts';
import { openTestStore } from '../support/open-test-store.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import type { FaultyLine, Weather } from './faulty-network.ts';
import { FaultyNetwork } from './faulty-network.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SESSIONS = 30;
const PROCESSES = 4;
const STEPS = 200;
/** More of them on demand: `BELLHOP_DAYS=500 npx vitest run test/property/day-of-faults.test.ts`. */
const DAYS = Number(process.env['BELLHOP_DAYS'] ?? 2);
const PATIENCE_MS = 60_000 + DAYS * 20_000;

interface House {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly disk: { isFull: boolean };
  readonly network: FaultyNetwork;
  readonly random: Random;
  stop(): Promise<void>;
}

async function open(seed: number): Promise<House> {
  const random = seededRandom(seed);
  const { store, clock } = await openTestStore({ seed });
  const ids = Array.from({ length: SESSIONS }, (_, index) => `line-${index}`);
  for (const id of ids) {
    await store.createSession({ id, property: 'main', channel: 'fake', settings: {} });
    const account = { address: `+1555000${1_000 + ids.indexOf(id)}` };
    await store.recordSessionChange({ sessionId: id, state: 'connected', reason: null, at: clock.now(), account });
  }
  const disk = { isFull: false };
  const network = new FaultyNetwork({ clock, random: seededRandom(seed + 1_000), ids, processes: PROCESSES });
  const engine = createEngine({
    store: onDisk(store, disk),
    host: network,
    pacing: noPacing,
    manifests: new Map([['fake', testManifest()]]),
    channelConfigs: new Map(),
    clock,
    random: seededRandom(seed + 2_000),
    log: silentLogger,
    telemetry: new CountingTelemetry(),
  });
  await engine.start();
  return { clock, store, disk, network, random, stop: () => engine.stop(0) };
}

function onDisk(store: Store, disk: { readonly isFull: boolean }): Store {
  return new Proxy(store, {
    get: (target, name, receiver) =>
      disk.isFull && name === 'recordSessionChange'
        ? () => Promise.reject(new BellhopError('store_full'))
        : (Reflect.get(target, name, receiver) as unknown),
  });
}

const cause = (kind: DisconnectCause['kind'], more: Partial<DisconnectCause> = {}): DisconnectCause => ({
  kind,
  code: `fake_${kind}`,
  ...more,
});

/** Short mostly, hours at times. */
const someTime = (random: Random): number => Math.round(MINUTE_MS * 200 ** random.next());

function anyWeather(random: Random): Weather {
  const draw = random.next();
  if (draw < 0.3) return { type: 'refuses', cause: cause('network') };
  if (draw < 0.4) return { type: 'refuses', cause: cause('network', { retryAfterMs: someTime(random) }) };
  if (draw < 0.55) return { type: 'refuses', cause: cause('unknown') };
  if (draw < 0.65) return { type: 'refuses', cause: cause('client_outdated') };
  if (draw < 0.75) return { type: 'refuses', cause: cause('restart_required') };
  if (draw < 0.9) return { type: 'silent' };
  return { type: 'slow', ms: Math.round(80 * SECOND_MS * random.next()) };
}

/** One thing goes wrong. */
async function misbehave({ network, random, clock, disk }: House): Promise<void> {
  const one = network.lines[Math.floor(random.next() * SESSIONS)]!;
  const cut = (lines: readonly FaultyLine[], why: DisconnectCause): Promise<unknown> =>
    Promise.all(lines.map((line) => network.drop(line, why)));
  const until = (ms: number): number => clock.monotonic() + ms;
  const draw = random.next();
  disk.isFull = draw > 0.5 && draw < 0.55;
  if (draw < 0.2) await cut([one], cause('network'));
  else if (draw < 0.3)
    await cut(
      network.lines.filter(() => random.next() < 0.3),
      cause('unknown'),
    );
  else if (draw < 0.35) await cut(network.lines, cause(random.next() < 0.5 ? 'network' : 'restart_required'));
  else if (draw < 0.45) {
    one.spells.push({ until: until(someTime(random)), weather: anyWeather(random) });
    await cut([one], cause('network'));
  } else if (draw < 0.52) {
    network.spells.push({ until: until(someTime(random)), weather: anyWeather(random) });
    if (random.next() < 0.7) await cut(network.lines, cause('network'));
  } else if (draw < 0.65) network.crash(Math.floor(random.next() * PROCESSES));
  else if (draw < 0.75) await cut([one], cause('replaced'));
  else if (draw < 0.85) await cut([one], cause('restricted', { retryAfterMs: someTime(random) }));
  else if (draw < 0.88) await end(network, one, cause(random.next() < 0.7 ? 'logged_out' : 'banned'));
  else if (draw < 0.89) await end(network, one, cause('unknown', { final: 'configuration' }));
}

/** For good; told at once where there is a connection, else at the next attempt. */
async function end(network: FaultyNetwork, line: FaultyLine, why: DisconnectCause): Promise<void> {
  line.over ??= why;
  await network.drop(line, line.over);
}

function most(times: readonly number[], withinMs: number): number {
  let from = 0;
  let found = 0;
  for (const [index, at] of times.entries()) {
    while (at - (times[from] ?? at) >= withinMs) from += 1;
    found = Math.max(found, index - from + 1);
  }
  return found;
}

/** Replaced again within an hour, or four times within a day. */
function isFought({ replacedAt }: FaultyLine): boolean {
  return replacedAt.some((at, index) => {
    const earlier = replacedAt.slice(0, index).map((before) => at - before);
    return earlier.some((ago) => ago < HOUR_MS) || earlier.filter((ago) => ago < DAY_MS).length >= 3;
  });
}

/** The longest that a session may be away once its network is well again. */
function longestWait(line: FaultyLine, now: number): number {
  const gateMs = 2 * MINUTE_MS;
  const toldMs = line.notBefore + 0.1 * (line.lastCause?.retryAfterMs ?? 0) - now;
  const kind = line.lastCause?.kind;
  const capMs = kind === 'client_outdated' ? 30 * MINUTE_MS : 5 * MINUTE_MS;
  return Math.round(Math.max(toldMs, capMs) + gateMs);
}

async function eventsOf(store: Store): Promise<Map<string, string[]>> {
  const told = new Map<string, string[]>();
  for (let after: string | undefined; ; ) {
    const query = { property: null, limit: 1_000, types: ['session.*'] };
    const { data, nextCursor } = await store.listEvents(after === undefined ? query : { ...query, after });
    for (const event of data) {
      const { id } = (event.data as { session: Session }).session;
      told.set(id, [...(told.get(id) ?? []), event.type]);
    }
    if (data.length === 0 || nextCursor === null) return told;
    after = nextCursor;
  }
}

describe('a day of random faults of the network, the processes and the disk', { timeout: PATIENCE_MS }, () => {
  it.each(Array.from({ length: DAYS }, (_, index) => index + 1))(
    'no busy loop, nobody left behind, nothing after the end, each incident told once (day %i)',
    async (seed) => {
      const house = await open(seed);
      const { clock, network, store, random, disk } = house;
      for (let step = 0; step < STEPS; step += 1) {
        await misbehave(house);
        await clock.advance(Math.round(2 * random.next() * (DAY_MS / STEPS)));
      }
      disk.isFull = false;
      network.spells.length = 0;
      const now = clock.monotonic();
      for (const line of network.lines) line.spells.length = 0;
      const ends = network.lines.map((line) => ({ line, by: now + longestWait(line, now) }));
      for (const { line, by } of ends.toSorted((a, b) => a.by - b.by)) {
        if (by > clock.monotonic()) await clock.advance(by - clock.monotonic());
        const { state } = (await store.getSession(line.id))!;
        if (line.isOverTold) expect(state, line.id).toBe(line.over?.final === undefined ? line.over?.kind : 'stopped');
        else if (isFought(line)) expect(state, line.id).toBe('stopped');
        else expect([state, line.isOnline], line.id).toEqual(['connected', true]);
      }

      expect(network.breaches).toEqual([]);
      for (const line of network.lines) expect(most(line.attempts, HOUR_MS), line.id).toBeLessThan(120);
      const all = network.lines.flatMap(({ attempts }) => attempts).toSorted((a, b) => a - b);
      expect(most(all, SECOND_MS)).toBeLessThanOrEqual(32);
      for (const [id, types] of await eventsOf(store)) {
        const story = types.map((type) => type.replace('session.', ' ')).join('');
        expect(story, id).toMatch(
          /^( connected)?( disconnected recovered)*( disconnected)?( logged_out| banned| disconnected)?$/,
        );
      }
      const stopped = house.stop();
      await clock.advance(MINUTE_MS);
      await stopped;
      expect(clock.pendingTimers).toBe(0);
    },
  );
});
