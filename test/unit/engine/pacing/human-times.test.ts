import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/core/random.ts';
import { drawKey, drawLogNormal, draws, drawUnit } from '../../../../src/engine/pacing/keyed-draws.ts';
import { criticalDistance, distance, looksAlike } from '../../../support/kolmogorov.ts';
import {
  boundless,
  intentOf,
  known,
  MINUTE,
  MORNING,
  manyIntents,
  plan,
  SECOND,
  turnsOf,
} from '../../../support/pacing-town.ts';

/** Drawn apart from the planner: Marsaglia's polar method over another generator. */
class Reference {
  readonly #random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  normal(): number {
    for (;;) {
      const [u, v] = [2 * this.#random.next() - 1, 2 * this.#random.next() - 1];
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * Math.sqrt((-2 * Math.log(square)) / square);
    }
  }

  logNormal(median: number, sigma: number, floor = 0, cap = Infinity): number {
    for (;;) {
      const value = median * Math.exp(sigma * this.normal());
      if (value >= floor && value <= cap) return value;
    }
  }

  uniform(): number {
    return this.#random.next();
  }

  sample(count: number, draw: (reference: this) => number): number[] {
    return Array.from({ length: count }, () => draw(this));
  }
}

const SIZE = 1_000;
const reference = new Reference(99);

describe('the test of Kolmogorov and Smirnov itself', () => {
  it('knows the distance of samples that can be counted by hand', () => {
    expect(distance([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(distance([1, 2, 3], [4, 5, 6])).toBe(1);
    expect(distance([1, 2, 3, 4], [3, 4, 5, 6])).toBe(0.5);
    expect(distance([1, 1, 1, 2], [1, 2, 2, 2])).toBe(0.5);
  });

  it('knows the critical distances of the tables', () => {
    // Smirnov's table for large samples: 1.358, 1.628 and 1.949 times the root of (n + m) / nm.
    expect(criticalDistance([100, 100], 0.05)).toBeCloseTo(1.358 * Math.sqrt(0.02), 3);
    expect(criticalDistance([200, 50], 0.01)).toBeCloseTo(1.628 * Math.sqrt(250 / 10_000), 3);
    expect(criticalDistance([100, 100], 0.001)).toBeCloseTo(1.949 * Math.sqrt(0.02), 3);
  });

  it('rejects one pair of like samples in a hundred, and nearly every pair of unlike ones', () => {
    const pairs = (other: () => number): number =>
      Array.from({ length: 400 }, () =>
        looksAlike(
          reference.sample(200, (each) => each.normal()),
          Array.from({ length: 200 }, other),
          0.05,
        ),
      ).filter((isAlike) => !isAlike).length / 400;
    expect(pairs(() => reference.normal())).toBeLessThan(0.09);
    expect(pairs(() => reference.normal())).toBeGreaterThan(0.01);
    expect(pairs(() => reference.normal() + 0.5)).toBeGreaterThan(0.95);
    expect(pairs(() => 1.6 * reference.normal())).toBeGreaterThan(0.8);
  });
});

describe('keyed draws', () => {
  const keys = Array.from({ length: 4_000 }, (_, index) => drawKey(7, `msg_${index}`));

  it('are spread evenly', () => {
    const units = keys.map((key) => drawUnit(key, draws.typing));
    expect(
      looksAlike(
        units,
        reference.sample(4_000, (each) => each.uniform()),
      ),
    ).toBe(true);
  });

  it('do not hang together: neither two purposes of a message, nor two messages, nor two seeds', () => {
    const correlation = (one: number[], other: number[]): number => {
      const sum = one.reduce((total, value, index) => total + (value - 0.5) * ((other[index] ?? 0) - 0.5), 0);
      return (12 * sum) / one.length;
    };
    const typing = keys.map((key) => drawUnit(key, draws.typing));
    const others = [
      keys.map((key) => drawUnit(key, draws.pause)),
      keys.map((key) => drawUnit(key, draws.typing, 1)),
      [...typing.slice(1), 0.5],
      keys.map((_, index) => drawUnit(drawKey(8, `msg_${index}`), draws.typing)),
    ];
    for (const other of others) expect(Math.abs(correlation(typing, other))).toBeLessThan(4 / Math.sqrt(keys.length));
  });

  it('are cut without heaping up at the ends', () => {
    const shape = { medianMs: 20_000, sigma: 0.7, floorMs: 10_000, capMs: 30_000 };
    const values = keys.map((key) => drawLogNormal(key, draws.ownGap, shape));
    expect(Math.min(...values)).toBeGreaterThan(10_000);
    expect(Math.max(...values)).toBeLessThan(30_000);
    expect(
      looksAlike(
        values,
        reference.sample(4_000, (each) => each.logNormal(20_000, 0.7, 10_000, 30_000)),
      ),
    ).toBe(true);
  });
});

describe.each([1, 2, 3])('the log of planned sends, seed %i', (seed) => {
  const own = turnsOf(plan(manyIntents(SIZE, { textLength: 60 }), { rules: boundless, seed }));
  const replies = turnsOf(plan(manyIntents(SIZE, { textLength: 60, purpose: 'reply' }), { rules: boundless, seed }));

  it('shows typing at 52 words a minute, log-normal about it, and a pause', () => {
    const typed = (each: Reference): number => (700 + (60 * MINUTE) / 260) * each.logNormal(1, 0.3, 0.4, 2.5);
    const expected = reference.sample(
      SIZE,
      (each) => Math.min(typed(each), 40 * SECOND) + each.logNormal(1_000, 0.4, 500, 2_000),
    );
    const seen = replies.map(({ typingFrom, sendAt }) => sendAt - typingFrom).filter((ms) => ms < 25 * SECOND);
    expect(
      looksAlike(
        seen,
        expected.filter((ms) => ms < 25 * SECOND),
      ),
    ).toBe(true);
    expect(new Set(seen).size).toBeGreaterThan(0.9 * seen.length);
  });

  it('shows gaps between guests, log-normal with median 20 s and sigma 0.7 from 4 s on, for what the hotel sends by itself', () => {
    // A gap counts from message to message; behind it stands what the hour's weight and budget make longer, both switched off here.
    const gaps = own
      .slice(1)
      .flatMap((turn, index) => (turn.reason === 'guest_gap' ? [turn.typingFrom - own[index]!.sendAt] : []));
    expect(gaps.length).toBeGreaterThan(0.8 * SIZE);
    expect(
      looksAlike(
        gaps,
        reference.sample(SIZE, (each) => each.logNormal(20_000, 0.7, 4_000, 180_000)),
      ),
    ).toBe(true);
    expect(
      looksAlike(
        gaps,
        reference.sample(SIZE, (each) => each.logNormal(24_000, 0.7, 4_000, 180_000)),
      ),
    ).toBe(false);
  });

  it('shows intervals that are the sum of gap, typing and pause', () => {
    const intervals = own
      .slice(1)
      .flatMap((turn, index) => (turn.reason === 'guest_gap' ? [turn.sendAt - own[index]!.sendAt] : []));
    const typed = (each: Reference): number =>
      Math.min(
        (700 + (60 * MINUTE) / 260) * each.logNormal(1, 0.3, 0.4, 2.5),
        25 * SECOND + 15 * SECOND * each.uniform(),
      );
    const expected = reference.sample(
      SIZE,
      (each) => each.logNormal(20_000, 0.7, 4_000, 180_000) + typed(each) + each.logNormal(1_000, 0.4, 500, 2_000),
    );
    expect(looksAlike(intervals, expected)).toBe(true);
  });

  it('shows a rest of three to eight minutes after eight to twelve messages', () => {
    const starts = own.flatMap((turn, index) => (turn.reason === 'rest' ? [index] : []));
    // A gap that is as long as a rest is one: the run begins anew after it.
    const isBroken = (from: number, to: number): boolean =>
      own.slice(from, to - 1).some((turn, index) => own[from + index + 1]!.sendAt - turn.sendAt >= 3 * MINUTE);
    const runs = starts
      .slice(1)
      .flatMap((start, index) => (isBroken(starts[index]!, start) ? [] : [start - starts[index]!]));
    expect(runs.length).toBeGreaterThan(50);
    expect(Math.min(...runs)).toBe(8);
    expect(Math.max(...runs)).toBe(12);
    const rests = starts.map((start) => own[start]!.typingFrom - own[start - 1]!.sendAt);
    expect(
      looksAlike(
        rests,
        reference.sample(SIZE, (each) => each.logNormal(5 * MINUTE, 0.3, 3 * MINUTE, 8 * MINUTE)),
      ),
    ).toBe(true);
  });

  it('goes from one waiting guest to the next without a rest, in about a second', () => {
    const gaps = replies.slice(1).map((turn, index) => turn.typingFrom - replies[index]!.sendAt);
    expect(
      looksAlike(
        gaps,
        reference.sample(SIZE, (each) => each.logNormal(1_000, 0.5, 500, 4_000)),
      ),
    ).toBe(true);
  });

  it('shows reading at 238 words a minute before an answer to a guest who has just written', () => {
    const chats = new Map(
      manyIntents(SIZE).map(({ conversationId }) => [
        conversationId,
        { ...known, lastInboundAt: MORNING, unreadWords: 20 },
      ]),
    );
    const reading = Array.from({ length: 300 }, (_, index) => {
      const intent = intentOf({ purpose: 'reply', messageId: `r${index}`, conversationId: 'cm1' });
      const [turn] = turnsOf(plan([intent], { rules: boundless, seed, history: { chats } }));
      return turn?.readAt === null || turn === undefined ? 0 : turn.readAt - MORNING;
    });
    expect(
      looksAlike(
        reading,
        reference
          .sample(SIZE, (each) => 800 + ((20 * MINUTE) / 238) * each.logNormal(1, 0.3, 0.4, 2.5))
          .filter((ms) => ms <= 10_000),
      ),
    ).toBe(true);
  });
});
