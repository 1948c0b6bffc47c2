import { describe, expect, it } from 'vitest';
import { EngineFixture } from '../../../support/engine-fixture.ts';
import { ask, guest } from '../../../support/paced-guests.ts';
import {
  boundless,
  calm,
  DAY,
  intentOf,
  MINUTE,
  MORNING,
  manyIntents,
  plainRules,
  plan,
  SECOND,
  stranger,
  turnsOf,
  waiting,
} from '../../../support/pacing-town.ts';

describe('many answers to one guest', () => {
  const flood = Array.from({ length: 50 }, (_, index) =>
    intentOf({ messageId: `a${index}`, conversationId: 'c1', purpose: 'reply', queuedAt: MORNING + index }),
  );
  const other = intentOf({
    messageId: 'b',
    conversationId: 'c2',
    purpose: 'reply',
    queuedAt: MORNING + MINUTE,
  });

  it('let another guest pass who waits for the first', () => {
    const now = MORNING + MINUTE;
    const chats = new Map([
      ['c1', waiting],
      ['c2', { ...waiting, lastInboundAt: now - 20 * SECOND }],
    ]);
    const turns = turnsOf(plan([...flood, other], { rules: plainRules(), now, history: { chats } }));
    expect(turns.findIndex(({ messageId }) => messageId === 'b')).toBeLessThanOrEqual(4);
    // In their own order, all the same.
    const own = turns.filter(({ conversationId }) => conversationId === 'c1').map(({ messageId }) => messageId);
    expect(own).toEqual(flood.map(({ messageId }) => messageId));
  });

  it('also over a restart, and until that guest writes again', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules() });
    const line = await fixture.online();
    await ask(fixture, line, 1);
    for (let index = 0; index < 40; index += 1)
      await fixture.accept({ to: guest(1), body: `Point ${index} of our house rules.`, purpose: 'reply' });
    await fixture.until(() => line.count('send') >= 6, 5 * MINUTE, SECOND);
    await fixture.crashAndRestart();
    await fixture.clock.advance(5 * SECOND);
    await ask(fixture, line, 2);
    const { id } = await fixture.accept({ to: guest(2), body: 'Yes, gladly.', purpose: 'reply' });
    await fixture.untilStatus(id, 'sent', MINUTE);
  });

  it('up to three are sent in one go', () => {
    const few = flood.slice(0, 3);
    const now = MORNING + MINUTE;
    const chats = new Map([
      ['c1', waiting],
      ['c2', waiting],
    ]);
    const turns = turnsOf(plan([...few, other], { rules: plainRules(), now, history: { chats } }));
    expect(turns.map(({ messageId }) => messageId)).toEqual(['a0', 'a1', 'a2', 'b']);
  });
});

describe('what a message is said to wait for', () => {
  it('is the limit of the day also where many wait for the pauses between them after it', () => {
    const intents = manyIntents(120);
    const chats = new Map(intents.map(({ conversationId }) => [conversationId, stranger]));
    const rules = { ...boundless, limits: { ...boundless.limits, newChatsLater: 40, newChatGapSeconds: 90 } };
    const turns = turnsOf(plan(intents, { rules, history: { chats } }));
    expect(new Set(turns.slice(45).map(({ heldBy }) => heldBy?.rule))).toEqual(new Set(['new_chats_day']));
  });

  it('is the limit of the day, and not the pause that follows upon it', () => {
    const intents = manyIntents(40);
    const chats = new Map(intents.map(({ conversationId }) => [conversationId, stranger]));
    const rules = { ...boundless, limits: { ...boundless.limits, newChatsWeek1: 5, newChatGapSeconds: 90 } };
    const standing = { ...calm, bornAt: MORNING - DAY };
    const turns = turnsOf(plan(intents, { rules, standing, history: { chats } }));
    expect(turns[2]?.heldBy).toMatchObject({ rule: 'new_chat_gap' });
    for (const turn of turns.slice(6, 20)) {
      expect(turn.heldBy).toMatchObject({ rule: 'new_chats_day' });
      // Not long after it has let go.
      expect(turn.sendAt - (turn.heldBy?.until ?? 0)).toBeLessThan(15 * MINUTE);
    }
  });
});
