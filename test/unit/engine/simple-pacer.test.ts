import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import type { SendIntent } from '../../../src/engine/ports/index.ts';
import { offPacer, SimplePacer } from '../../../src/engine/simple-pacer.ts';

const NOW = Date.UTC(2026, 2, 4, 15);
const intent = (changes: Partial<SendIntent> = {}): SendIntent => ({
  channel: 'fake',
  sessionId: 'front-desk',
  conversationId: 'cnv_1',
  messageId: 'msg_1',
  textLength: 43,
  hasMedia: false,
  urgency: 'normal',
  purpose: 'reply',
  unreadLength: 0,
  lastInboundAt: NOW,
  attempt: 1,
  ...changes,
});

function plans(changes: Partial<SendIntent>, count = 2_000): { readAfterMs: number; typingForMs: number }[] {
  const pacer = new SimplePacer({ random: seededRandom(11) });
  return Array.from({ length: count }, () => {
    const plan = pacer.plan(intent(changes), NOW);
    if (plan.do !== 'send') throw new Error('put off');
    return plan;
  });
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const median = (values: readonly number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? 0;
const sent = (pacer: SimplePacer, conversationId: string, at: number): void =>
  pacer.record(
    { sessionId: 'front-desk', conversationId, messageId: 'msg_1', sentAt: at, outcome: 'sent', nativeCode: null },
    at,
  );

describe('typing', () => {
  it('takes as long as a person at a desk needs: 43 characters in about ten seconds, never twice the same', () => {
    const times = plans({ textLength: 43 }).map((plan) => plan.typingForMs);
    expect(median(times)).toBeGreaterThan(9_400);
    expect(median(times)).toBeLessThan(10_600);
    expect(new Set(times).size).toBeGreaterThan(1_500);
  });

  it('has a floor and a cap, and a lower cap for prepared texts', () => {
    const short = plans({ textLength: 1 }).map((plan) => plan.typingForMs);
    expect(Math.min(...short)).toBe(1_000);
    const long = plans({ textLength: 4_000 }).map((plan) => plan.typingForMs);
    expect(Math.max(...long)).toBe(30_000);
    const prepared = plans({ textLength: 4_000, purpose: 'scheduled' }).map((plan) => plan.typingForMs);
    expect(Math.max(...prepared)).toBe(10_000);
  });

  it('leaves time to attach a file', () => {
    const times = plans({ textLength: 0, hasMedia: true }).map((plan) => plan.typingForMs);
    expect(median(times)).toBeGreaterThan(2_700);
    expect(median(times)).toBeLessThan(3_300);
  });
});

describe('reading', () => {
  it('comes before the answer, at 238 words a minute after a moment, within a cap', () => {
    const times = plans({ unreadLength: 119 }).map((plan) => plan.readAfterMs);
    expect(median(times)).toBeGreaterThan(5_500);
    expect(median(times)).toBeLessThan(6_100);
    expect(Math.max(...plans({ unreadLength: 100_000 }).map((plan) => plan.readAfterMs))).toBe(10_000);
    expect(Math.max(...plans({ unreadLength: 0 }).map((plan) => plan.readAfterMs))).toBe(0);
  });
});

describe('the pause between guests', () => {
  it('is short for answers, longer for what the hotel sends by itself, and none within a conversation', () => {
    const pauses = (changes: Partial<SendIntent>): number[] =>
      Array.from({ length: 500 }, (_, seed) => {
        const pacer = new SimplePacer({ random: seededRandom(seed) });
        sent(pacer, 'cnv_0', NOW);
        const plan = pacer.plan(intent(changes), NOW);
        return plan.do === 'send' ? plan.readAfterMs : -1;
      });
    const replies = pauses({ purpose: 'reply' });
    expect(Math.min(...replies)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...replies)).toBeLessThanOrEqual(2_000);
    const own = pauses({ purpose: 'service' });
    expect(Math.min(...own)).toBeGreaterThanOrEqual(4_000);
    expect(median(own)).toBeGreaterThan(16_000);
    expect(median(own)).toBeLessThan(24_000);
    expect(Math.max(...pauses({ conversationId: 'cnv_0' }))).toBe(0);
  });

  it('is over when the time has passed, the same when asked twice, and no longer after the clock was set back', () => {
    const pacer = new SimplePacer({ random: seededRandom(5) });
    sent(pacer, 'cnv_0', NOW);
    const ask = (at: number): number => {
      const plan = pacer.plan(intent({ purpose: 'service' }), at);
      return plan.do === 'send' ? plan.readAfterMs : -1;
    };
    const full = ask(NOW);
    expect(ask(NOW)).toBe(full);
    expect(ask(NOW + 1_000)).toBe(full - 1_000);
    expect(ask(NOW + 120_000)).toBe(0);
    expect(ask(NOW - 3_600_000)).toBe(full);
  });
});

describe('the first guess', () => {
  it('grows with the queue', () => {
    const pacer = new SimplePacer({ random: seededRandom(5) });
    const text = { textLength: 43, hasMedia: false };
    expect(pacer.estimate(text, 0, NOW)).toBe(NOW + 10_000);
    expect(pacer.estimate(text, 10, NOW)).toBe(NOW + 190_000);
  });
});

describe('without pacing', () => {
  it('everything goes at once', () => {
    expect(offPacer.plan(intent(), NOW)).toEqual({ do: 'send', readAfterMs: 0, typingForMs: 0 });
    expect(offPacer.estimate({ channel: 'fake', textLength: 1, hasMedia: false }, 9, NOW)).toBe(NOW);
  });
});
