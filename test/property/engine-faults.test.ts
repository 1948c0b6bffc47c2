import { describe, expect, it } from 'vitest';
import type { DisconnectCause } from '../../src/connector-api/index.ts';
import { limitScopes, SendError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/random.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { EngineFixture } from '../support/engine-fixture.ts';
import type { FakeLine } from '../support/fake-host.ts';
import { limitless } from '../support/limitless.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEPS = 240;
const GUESTS = 6;
/** A day is some twenty thousand turns of the loop: seconds, and more on a machine that is busy. */
const PATIENCE_MS = 240_000;
const WRITES = new Set([
  'finishAttempt',
  'beginAttempt',
  'recordSessionChange',
  'recordInbound',
  'deferMessage',
  'endLimits',
]);
const DROPS: readonly DisconnectCause[] = [
  { kind: 'network', code: 'fake_lost' },
  { kind: 'restart_required', code: 'fake_restart' },
  { kind: 'unknown', code: 'fake_strange' },
  { kind: 'restricted', code: 'fake_restricted', retryAfterMs: 120_000 },
];

/** The real store, with a disk that is full at times, and a count of what is asked of it. */
class FaultyStore {
  isFull = false;
  readonly asked = new Map<string, number>();

  wrap(store: Store): Store {
    return new Proxy(store, {
      get: (target, name, receiver) => {
        const operation = String(name);
        this.asked.set(operation, (this.asked.get(operation) ?? 0) + 1);
        if (this.isFull && WRITES.has(operation)) return () => Promise.reject(new BellhopError('store_full'));
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
  }
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random.next() * values.length)]!;
}

function spoilSend(line: FakeLine, random: Random): void {
  const kind = Math.floor(random.next() * 5);
  const scope = pick(random, limitScopes);
  const retryAfterMs = Math.floor(random.next() * HOUR_MS);
  line.sends.push(async (message) => {
    if (kind === 4)
      throw new SendError('rate_limited', { certainty: 'not_sent', retryable: true, scope, retryAfterMs });
    if (kind === 0) throw new SendError('encryption_failed', { certainty: 'not_sent', retryable: true });
    if (kind !== 1) line.deliver(message);
    if (kind === 3) throw new TypeError('a defect after the message had left');
    throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: kind === 2 });
  });
}

async function misbehave(fixture: EngineFixture, line: FakeLine, faulty: FaultyStore, random: Random): Promise<void> {
  const draw = random.next();
  if (draw < 0.15) spoilSend(line, random);
  else if (draw < 0.3) line.connects.push(pick(random, DROPS));
  else if (draw < 0.45 && line.isOnline) await line.drop(pick(random, DROPS));
  else if (draw < 0.52) line.crash();
  else if (draw < 0.57) await fixture.crashAndRestart();
  else if (draw < 0.62) faulty.isFull = true;
  else faulty.isFull = false;
}

describe('a day of random faults', { timeout: PATIENCE_MS }, () => {
  it.each([1, 2, 3])('loses nothing, repeats nothing, keeps the order and never spins (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const faulty = new FaultyStore();
    const fixture = await EngineFixture.open({
      seed,
      pacing: limitless,
      wrapStore: (store) => faulty.wrap(store),
    });
    const line = await fixture.online();
    const said = new Map<string, string[]>();
    const accepted: string[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      await misbehave(fixture, line, faulty, random);
      if (random.next() < 0.4) {
        const to = `+1555300000${Math.floor(random.next() * GUESTS)}`;
        const body = `message ${step}`;
        accepted.push((await fixture.accept({ to, body })).id);
        said.set(to, [...(said.get(to) ?? []), body]);
      }
      await fixture.clock.advance(Math.floor(random.next() * 2 * (DAY_MS / STEPS)));
    }
    faulty.isFull = false;
    line.sends.length = 0;
    line.connects.length = 0;
    for (const id of accepted) await fixture.untilStatus(id, 'sent', 2 * HOUR_MS);

    // Some met a limit of the network, and none is left once its time is over.
    expect(fixture.telemetry.count('outbound:limited')).toBeGreaterThan(0);
    await fixture.clock.advance(HOUR_MS);
    expect((await fixture.session()).limits).toEqual([]);
    // Nothing is lost, and nothing is shown twice under another id.
    expect([...line.phone.values()].toSorted()).toEqual([...said.values()].flat().toSorted());
    // Each guest reads in the order in which the hotel wrote.
    const shown = new Map<string, string[]>();
    const seen = new Set<string>();
    for (const { networkId, chat } of line.arrivals) {
      if (seen.has(networkId)) continue;
      seen.add(networkId);
      shown.set(chat, [...(shown.get(chat) ?? []), line.phone.get(networkId) ?? '']);
    }
    expect(shown).toEqual(said);
    expect(line.mostSendsUnderWay).toBe(1);
    // A busy loop would ask thousands of times an hour.
    expect(line.count('connect')).toBeLessThan(STEPS * 4);
    expect(faulty.asked.get('dueMessages') ?? 0).toBeLessThan(STEPS * 100);
    expect(faulty.asked.get('endLimits') ?? 0).toBeLessThan(STEPS * 100);
    expect(faulty.asked.get('recordSessionChange') ?? 0).toBeLessThan(STEPS * 60);
    expect(fixture.clock.pendingTimers).toBeLessThan(50);
  });

  it('waits out a day without any network without a busy loop, then sends', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    for (let index = 0; index < 10_000; index += 1) line.connects.push({ kind: 'network', code: 'fake_unreachable' });
    await line.drop({ kind: 'network', code: 'fake_lost' });
    const { id } = await fixture.accept();
    await fixture.clock.advance(DAY_MS);
    const attempts = 10_000 - line.connects.length;
    // Full jitter below five minutes: one attempt in two and a half minutes on average makes 576.
    expect(attempts).toBeGreaterThan(400);
    expect(attempts).toBeLessThan(800);
    line.connects.length = 0;
    await fixture.untilStatus(id, 'sent', HOUR_MS);
    const types = (await fixture.eventTypes()).filter((type) => type.startsWith('session.'));
    expect(types).toEqual(['session.connected', 'session.disconnected', 'session.recovered']);
  });
});
