import { describe, expect, it } from 'vitest';
import type { SendLogEntry } from '../../../../src/engine/pacing/types.ts';
import {
  entryOf,
  HOUR,
  intentOf,
  known,
  MINUTE,
  MORNING,
  manyIntents,
  plan,
  stranger,
  turnsOf,
} from '../../../support/pacing-town.ts';

const strangers = (count: number): ReadonlyMap<string, typeof stranger> =>
  new Map(manyIntents(count).map(({ conversationId }) => [conversationId, stranger]));
/** First words of the last two hours, so many of them answered. */
const openings = (count: number, answered: number): readonly SendLogEntry[] =>
  Array.from({ length: count }, (_, index) =>
    entryOf({
      messageId: `old ${index}`,
      conversationId: `before ${index}`,
      at: MORNING - (2 * HOUR - index * 10 * MINUTE),
      opensChat: true,
      isAnswered: index < answered,
    }),
  );
/** Twenty first words of the week, answered well. */
const judged: readonly SendLogEntry[] = Array.from({ length: 20 }, (_, index) =>
  entryOf({
    messageId: `judged ${index}`,
    conversationId: `judged ${index}`,
    at: MORNING - (72 - index) * HOUR,
    opensChat: true,
    isAnswered: index % 2 === 0,
  }),
);
const sentBy = (turns: readonly { readonly sendAt: number }[], at: number): number =>
  turns.filter(({ sendAt }) => sendAt <= at).length;

describe('first words of which nobody knows yet whether they are answered', () => {
  it('are five at most before it is known how new guests answer', () => {
    const turns = turnsOf(plan(manyIntents(30), { history: { chats: strangers(30) } }));
    expect(turns[4]?.sendAt).toBeLessThan(MORNING + HOUR);
    expect(turns[5]?.sendAt).toBeGreaterThan((turns[0]?.sendAt ?? 0) + 4 * HOUR);
  });

  it('are ten at most: the next waits until the first of them has had its four hours', () => {
    const turns = turnsOf(plan(manyIntents(30), { history: { chats: strangers(30), sends: judged } }));
    const tenth = turns[9]?.sendAt ?? 0;
    expect(tenth).toBeLessThan(MORNING + 2 * HOUR);
    const [first] = turns;
    expect(turns[10]?.sendAt).toBeGreaterThan((first?.sendAt ?? 0) + 4 * HOUR);
    expect(turns[10]?.heldBy).toMatchObject({ rule: 'reply_ratio', until: (first?.sendAt ?? 0) + 4 * HOUR });
    for (const { sendAt } of turns)
      expect(sentBy(turns, sendAt) - sentBy(turns, sendAt - 4 * HOUR)).toBeLessThanOrEqual(10);
  });

  it('make room as they are answered', () => {
    const soon = (answered: number): number => {
      const history = { chats: strangers(20), sends: [...judged, ...openings(10, answered)] };
      return sentBy(turnsOf(plan(manyIntents(20), { history })), MORNING + HOUR);
    };
    expect(soon(0)).toBe(0);
    expect(soon(4)).toBe(4);
  });

  it('keep nobody waiting who knows the number', () => {
    const intent = intentOf({ conversationId: 'friend' });
    const chats = new Map([...strangers(20), ['friend', known]]);
    const turns = turnsOf(
      plan([...manyIntents(20), intent], { history: { chats, sends: [...judged, ...openings(10, 0)] } }),
    );
    expect(turns[0]).toMatchObject({ conversationId: 'friend', heldBy: null });
  });
});
