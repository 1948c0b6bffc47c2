import { describe, expect, it } from 'vitest';
import { undeliveredUntil } from '../../../../src/engine/pacing/undelivered.ts';
import {
  calm,
  DAY,
  entryOf,
  HOUR,
  intentOf,
  known,
  MINUTE,
  MORNING,
  plainRules,
  plan,
  stranger,
  turnsOf,
} from '../../../support/pacing-town.ts';

/** One every ten minutes, the oldest first; the first ones of them never arrived. */
const sent = (count: number, lost: number, from = MORNING - 10 * HOUR, lane: 'service' | 'reply' = 'service') =>
  Array.from({ length: count }, (_, index) =>
    entryOf({
      messageId: `o${index}`,
      conversationId: `o${index}`,
      at: from + index * 10 * MINUTE,
      lane,
      isUndelivered: index < lost,
    }),
  );
const until = (sends: ReturnType<typeof sent>) => undeliveredUntil(sends, MORNING, 30);

describe('messages that never reached their guests', () => {
  it('say something when they are more than three in ten of at least ten', () => {
    expect(until(sent(10, 3))).toBe(-Infinity);
    expect(until(sent(9, 9))).toBe(-Infinity);
    expect(until(sent(10, 4))).toBeGreaterThan(MORNING);
  });

  it('say nothing while they may still arrive, when they are old, and when they are answers', () => {
    expect(until(sent(20, 20, MORNING - 3.9 * HOUR))).toBe(-Infinity);
    expect(until(sent(20, 20, MORNING - 28 * HOUR))).toBe(-Infinity);
    expect(until(sent(20, 20, MORNING - 10 * HOUR, 'reply'))).toBe(-Infinity);
  });

  it('stop to say it when so many have left the day that the rest are few enough', () => {
    const sends = sent(20, 8);
    // 8 of 20, then 7 of 19, 6 of 18, 5 of 17: the third one has to go.
    expect(until(sends)).toBe((sends[2]?.at ?? 0) + DAY);
    const all = sent(20, 20);
    // With the eleventh gone nine are left, which are too few.
    expect(until(all)).toBe((all[10]?.at ?? 0) + DAY);
  });
});

describe('after too many messages that never reached their guests', () => {
  const queue = [
    intentOf({ messageId: 'first-word', conversationId: 'new' }),
    intentOf({ messageId: 'news', conversationId: 'old' }),
    intentOf({ messageId: 'answer', conversationId: 'asked', purpose: 'reply' }),
  ];
  const chats = new Map([
    ['new', stranger],
    ['old', known],
    ['asked', { ...known, lastInboundAt: MORNING - MINUTE }],
  ]);
  const planned = (lost: number, tellsDelivery = true) => {
    const sends = sent(20, lost, MORNING - 10 * HOUR);
    const history = { sends, chats };
    const turns = turnsOf(plan(queue, { rules: plainRules(), standing: { ...calm, tellsDelivery }, history }));
    return new Map(turns.map((turn) => [turn.messageId, turn]));
  };

  it('no new guest is written to, and all who know the hotel are', () => {
    const turns = planned(20);
    const end = MORNING - 10 * HOUR + 100 * MINUTE + DAY;
    expect(turns.get('first-word')?.heldBy?.rule).toBe('undelivered');
    expect(turns.get('first-word')?.sendAt).toBeGreaterThan(end);
    for (const each of ['news', 'answer']) expect(turns.get(each)?.sendAt).toBeLessThan(MORNING + HOUR);
  });

  it('the hold ends as soon as enough have arrived after all', () => {
    expect(planned(7).get('first-word')?.heldBy?.rule).toBe('undelivered');
    expect(planned(7).get('first-word')?.heldBy?.detail).toMatch(/never reached their guests/);
    expect(planned(6).get('first-word')?.sendAt).toBeLessThan(MORNING + HOUR);
  });

  it('nothing follows on a network that tells no deliveries', () => {
    expect(planned(20, false).get('first-word')?.sendAt).toBeLessThan(MORNING + HOUR);
  });
});
