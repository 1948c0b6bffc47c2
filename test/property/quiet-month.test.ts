import { describe, expect, it } from 'vitest';
import type { CanaryAnswerer, ConnectorEvent } from '../../src/connector-api/index.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import { seededRandom } from '../../src/core/random.ts';
import { defaultLiveness } from '../../src/engine/liveness/pace.ts';
import { LineWatch } from '../../src/engine/liveness/watch.ts';
import type { SessionFeature, SessionHandle, SessionOperation } from '../../src/engine/ports/index.ts';
import { CountingTelemetry } from '../support/engine-fixture.ts';
import { PlainClock } from '../support/version-town.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PULSE_MS = 5 * SECOND_MS;
/** An answer passes through some promises before the watch has it. */
const TURNS = 6;

/** A guest shows signs of life. */
const guestTypes: ConnectorEvent = {
  type: 'typing',
  chat: { kind: 'direct', addresses: ['+15551230001'] },
  by: '+15551230001',
  on: true,
};

/** One hotel's account: nights, weekends, bursts, slow answers, a host that stands still now and then. Its line always hears. */
class QuietMonth {
  readonly renewals: { readonly code: string; readonly at: number }[] = [];
  readonly telemetry = new CountingTelemetry();
  readonly #clock = new PlainClock();
  readonly #random: Random;
  readonly #answeredBy: CanaryAnswerer;
  readonly #handle: SessionHandle;
  readonly #watch: LineWatch;
  readonly #beginAt: number;
  doubts = 0;
  isPhoneOn = true;
  /** Nothing comes in any more; what is asked of the network's side of the line is answered. */
  isDeaf = false;
  /** Set = so many pushes an hour at any time, and a process that never stands still. */
  perHour: number | undefined;
  #pushes = 0;
  #blockedUntil = 0;
  #waiting: (() => void)[] = [];

  constructor(seed: number, answeredBy: CanaryAnswerer) {
    this.#random = seededRandom(seed);
    this.#answeredBy = answeredBy;
    this.#beginAt = this.#clock.now();
    this.#handle = {
      sessionId: 'front-desk',
      features: new Set<SessionFeature>(['canary', 'probe', 'vitals']),
      linked: true,
      account: undefined,
      // The answers of the two operations that a watch uses.
      call: ((operation: SessionOperation, input: { token: string }) =>
        operation === 'probe' ? this.#probe() : this.#canary(input.token)) as SessionHandle['call'],
      close: () => Promise.resolve(),
    };
    this.#watch = new LineWatch({
      session: { id: 'front-desk', channel: 'fake' },
      answeredBy,
      settings: defaultLiveness,
      telemetry: this.telemetry,
      clock: this.#clock,
      random: this.#random,
      log: silentLogger,
      orders: {
        renew: (_handle, cause) => {
          this.renewals.push({ code: cause.code, at: this.#clock.now() });
          this.#clock.after(SECOND_MS, () => this.#connect());
        },
        doubt: () => {
          this.doubts += 1;
        },
        trust: () => undefined,
        report: () => undefined,
      },
    });
  }

  async live(days: number): Promise<void> {
    this.#connect();
    await this.#pass((days * DAY_MS) / PULSE_MS);
  }

  /** Goes deaf at any moment; resolves with how long it took to find out. */
  async timeToFind(): Promise<number> {
    this.#connect();
    await this.#pass(600 + Math.floor(this.#random.next() * 200));
    this.#clock.advance(this.#random.next() * PULSE_MS);
    this.isDeaf = true;
    const at = this.#clock.now();
    while (this.renewals.length === 0) await this.#pass(1);
    return (this.renewals[0]?.at ?? 0) - at;
  }

  async #pass(pulses: number): Promise<void> {
    for (let index = 0; index < pulses; index += 1) {
      this.#clock.advance(PULSE_MS);
      for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
      this.#pulse();
    }
  }

  #connect(): void {
    this.#pushes = 0;
    this.#watch.begin(this.#handle);
  }

  #pulse(): void {
    const now = this.#clock.now();
    if (now < this.#blockedUntil) return;
    const loopLagMs = now - this.#blockedUntil < PULSE_MS ? 20_000 : this.#random.next() * 50;
    for (const run of this.#waiting.splice(0)) run();
    const said = this.#said(now);
    this.#pushes += said;
    if (said > 0 && this.#random.next() < 0.5) this.#watch.heard(this.#handle, guestTypes);
    this.#watch.pulse(this.#handle, {
      loopLagMs,
      vitals: { silentForMs: this.#random.next() * 35_000, oldestPendingMs: 0, pushes: this.#pushes },
    });
    // Now and then the process stands still for up to a minute.
    if (this.perHour === undefined && this.#random.next() < 0.0002)
      this.#blockedUntil = now + this.#random.next() * MINUTE_MS;
  }

  /** What guests and the network said in the last 5 s: busy by day, in bursts; hardly anything by night and on Sundays. */
  #said(now: number): number {
    if (this.isDeaf) return 0;
    if (this.perHour !== undefined) return this.#random.next() < (this.perHour * PULSE_MS) / HOUR_MS ? 1 : 0;
    const sinceMs = now - this.#beginAt;
    const hour = (sinceMs % DAY_MS) / HOUR_MS;
    const isNight = hour < 6 || hour >= 23;
    this.isPhoneOn = !(isNight && Math.floor(sinceMs / DAY_MS) % 3 === 0);
    const perHour = Math.floor(sinceMs / DAY_MS) % 7 === 6 ? 4 : isNight ? 0.3 : 120;
    const isBurst = Math.sin(sinceMs / (17 * MINUTE_MS)) > 0.95;
    const chance = (perHour * PULSE_MS) / HOUR_MS;
    if (!isNight && isBurst) return Math.floor(this.#random.next() * 4);
    return this.#random.next() < chance ? 1 : 0;
  }

  async #canary(token: string): Promise<void> {
    if (this.isDeaf) return;
    if (this.#answeredBy === 'phone' && !this.isPhoneOn) return;
    // Mostly at once, sometimes slow: up to 10 s. While the process stands still, when it goes on.
    const delayMs = this.#random.next() < 0.05 ? this.#random.next() * 10 * SECOND_MS : 300;
    const come = (): void => this.#watch.canary(this.#handle, token, 0, true);
    this.#clock.after(delayMs, () => {
      if (this.#clock.now() < this.#blockedUntil) this.#waiting.push(come);
      else come();
    });
  }

  #probe(): Promise<number> {
    return new Promise((resolve) => {
      this.#clock.after(this.#random.next() * 4 * SECOND_MS, () => {
        if (this.#clock.now() < this.#blockedUntil) this.#waiting.push(() => resolve(100));
        else resolve(100);
      });
    });
  }
}

describe('a line that goes deaf at any moment', () => {
  it.each([
    ['busy', 'network', 600, MINUTE_MS],
    ['busy', 'phone', 600, MINUTE_MS],
    ['quiet', 'network', 1, 5 * MINUTE_MS],
    ['quiet', 'phone', 1, 5 * MINUTE_MS],
  ] as const)('is found in time: %s, answered by the %s', async (_name, answeredBy, perHour, limitMs) => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const month = new QuietMonth(seed, answeredBy);
      month.perHour = perHour;
      expect(await month.timeToFind(), `seed ${seed}`).toBeLessThanOrEqual(limitMs);
    }
  });
});

describe('a month of a line that hears', () => {
  it.each([1, 2])('brings no restart where the network answers (seed %i)', async (seed) => {
    const month = new QuietMonth(seed, 'network');
    await month.live(30);
    expect(month.renewals).toEqual([]);
    expect(month.doubts).toBe(0);
    expect(month.telemetry.count('line:canary:answered')).toBeGreaterThan(3_000);
    // What blocked processes had not answered in time was waited for.
    expect(month.telemetry.count('line:canary:unanswered')).toBeLessThan(5);
  });

  it('brings few renewals where the phone is off in some nights: one, and one more after a guest was heard', async () => {
    const month = new QuietMonth(3, 'phone');
    await month.live(30);
    const timesOff = 20; // ten days, each before 6 and after 23 o'clock
    expect(new Set(month.renewals.map(({ code }) => code))).toEqual(new Set(['phone_silent']));
    expect(month.renewals.length).toBeGreaterThanOrEqual(timesOff / 2);
    expect(month.renewals.length).toBeLessThanOrEqual(timesOff * 2);
    for (const [index, { at }] of month.renewals.entries()) {
      const before = month.renewals[index - 1]?.at ?? 0;
      expect(at - before).toBeGreaterThan(HOUR_MS);
    }
    expect(month.doubts).toBeLessThanOrEqual(timesOff * 3);
    expect(month.telemetry.count('line:probe:unanswered')).toBe(0);
  });
});
