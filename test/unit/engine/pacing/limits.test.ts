import { describe, expect, it } from 'vitest';
import { comparableText } from '../../../../src/engine/pacing/comparable-text.ts';
import { explain } from '../../../../src/engine/pacing/explain.ts';
import { limitTable } from '../../../../src/engine/pacing/limits.ts';
import type { ChatFacts, History, NetworkLimit } from '../../../../src/engine/pacing/types.ts';
import { holdRules } from '../../../../src/engine/pacing/types.ts';
import {
  boundless,
  calm,
  DAY,
  entryOf,
  HOUR,
  intentOf,
  known,
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

const WEEK = 7 * DAY;
const chatsOf = (facts: ChatFacts, intents: readonly { conversationId: string }[]): History['chats'] =>
  new Map(intents.map(({ conversationId }) => [conversationId, facts]));
/** The limits of new chats are those of the table, also for numbers that are not young any more. */
const boundlessButNew = { ...boundless, limits: { ...boundless.limits, newChatsLater: 40 } };
const closed = (scope: NetworkLimit['scope'], conversationId: string | null = null): NetworkLimit => ({
  scope,
  conversationId,
  until: MORNING + HOUR,
});

describe('the table of limits', () => {
  it('gives each its number, unit, reason and source, under a rule that there is', () => {
    for (const row of Object.values(limitTable)) {
      expect(row.value).toBeGreaterThan(0);
      for (const text of [row.unit, row.reason, row.source]) expect(text.length).toBeGreaterThan(10);
      expect(holdRules).toContain(row.rule);
    }
  });
});

describe('what the hotel sends by itself', () => {
  it.each([
    [0, 15],
    [1, 40],
    [2, 80],
    [3, 120],
  ])('is little while the number is young: after %i weeks %i in 24 hours', (weeks, most) => {
    const intents = manyIntents(140);
    const standing = { ...calm, bornAt: MORNING - weeks * WEEK };
    const turns = turnsOf(plan(intents, { rules: plainRules({ ownPerHour: 1e9 }), standing }));
    const firstDay = turns.filter(({ sendAt }) => sendAt < (turns[0]?.sendAt ?? 0) + DAY);
    expect(firstDay).toHaveLength(most);
    expect(turns[most]?.heldBy?.detail).toContain(`at most ${most} messages in 24 hours`);
  });
});

describe('guests who never wrote', () => {
  it.each([
    [0, 5],
    [1, 10],
    [2, 20],
    [3, 40],
    [50, 40],
  ])('are few while the number is young: after %i weeks %i a day, at least 90 s apart', (weeks, most) => {
    const intents = manyIntents(60);
    const bornAt = MORNING - weeks * WEEK;
    const rules = boundlessButNew;
    const turns = turnsOf(
      plan(intents, { rules, standing: { ...calm, bornAt }, history: { chats: chatsOf(stranger, intents) } }),
    );
    expect(turns).toHaveLength(60);
    const firstDay = turns.filter(({ sendAt }) => sendAt < MORNING + DAY);
    expect(firstDay).toHaveLength(most);
    for (const [index, { sendAt }] of turns.entries())
      expect(sendAt - (turns[index - 1]?.sendAt ?? -Infinity)).toBeGreaterThanOrEqual(90 * SECOND);
    expect(turns[most]?.heldBy?.rule).toBe('new_chats_day');
  });

  it('are not held by each other when they have written, nor is the second message a new chat', () => {
    const intents = manyIntents(12);
    const turns = turnsOf(
      plan(intents, {
        rules: boundless,
        standing: { ...calm, bornAt: MORNING },
        history: { chats: chatsOf(known, intents) },
      }),
    );
    expect(turns.at(-1)?.sendAt).toBeLessThan(MORNING + HOUR);
    const two = [intentOf({ messageId: 'a' }), intentOf({ messageId: 'b' })];
    const standing = { ...calm, bornAt: MORNING };
    const rules = { ...boundless, limits: { ...boundless.limits, newChatsWeek1: 1 } };
    expect(
      turnsOf(plan(two, { rules, standing, history: { chats: chatsOf(stranger, two) } })).at(-1)?.sendAt,
    ).toBeLessThan(MORNING + HOUR);
  });

  it('are more as soon as a week of the number ends, not a day after the last ones', () => {
    const intents = manyIntents(1);
    const sends = Array.from({ length: 5 }, (_, index) =>
      entryOf({
        messageId: `o${index}`,
        conversationId: `o${index}`,
        at: MORNING - HOUR + index * 2 * MINUTE,
        opensChat: true,
      }),
    );
    const bornAt = MORNING + 3 * HOUR - WEEK;
    const history = { sends, chats: chatsOf(stranger, intents) };
    const [turn] = turnsOf(plan(intents, { rules: boundlessButNew, standing: { ...calm, bornAt }, history }));
    expect(turn?.heldBy).toMatchObject({ rule: 'new_chats_day', until: MORNING + 3 * HOUR });
    expect(turn?.sendAt).toBeLessThan(MORNING + 3.1 * HOUR);
  });

  const openings = (answered: number): History['sends'] =>
    Array.from({ length: 40 }, (_, index) =>
      entryOf({
        messageId: `o${index}`,
        conversationId: `o${index}`,
        at: MORNING - 5 * DAY + index * HOUR,
        opensChat: true,
        isAnswered: index >= 40 - answered,
      }),
    );

  it('are written to once a day and no more when hardly anybody answers', () => {
    const intents = manyIntents(3);
    const dayBefore = (answered: number) =>
      turnsOf(
        plan(intents, {
          rules: plainRules(),
          history: { sends: openings(answered), chats: chatsOf(stranger, intents) },
        }),
      );
    expect(dayBefore(6).at(-1)?.sendAt).toBeLessThan(MORNING + HOUR); // 15 %
    const [first, second, third] = dayBefore(5); // 12.5 %
    expect(first?.sendAt).toBeLessThan(MORNING + 10 * MINUTE);
    expect(second?.heldBy).toMatchObject({ rule: 'reply_ratio', until: MORNING + 14 * HOUR });
    expect(third?.sendAt).toBeGreaterThan(MORNING + 38 * HOUR);
  });

  it('are written to once a day when strangers do not answer, also if all others do', () => {
    const intents = manyIntents(3);
    const after = (answered: number) =>
      turnsOf(
        plan(intents, {
          rules: plainRules(),
          history: {
            sends: [
              ...openings(0).slice(0, 20 - answered),
              ...openings(40).slice(20 - answered, 20),
              ...Array.from({ length: 40 }, (_, index) =>
                entryOf({ messageId: `k${index}`, conversationId: `k${index}`, at: MORNING - DAY, isAnswered: true }),
              ),
            ],
            chats: chatsOf(stranger, intents),
          },
        }),
      );
    expect(after(2).at(-1)?.sendAt).toBeLessThan(MORNING + HOUR); // 10 %
    expect(after(1)[1]?.heldBy).toMatchObject({ rule: 'reply_ratio', until: MORNING + 14 * HOUR });
  });

  it('are not written to in gaps that are alike', () => {
    const intents = manyIntents(40);
    const times = turnsOf(plan(intents, { rules: plainRules(), history: { chats: chatsOf(stranger, intents) } })).map(
      ({ sendAt }) => sendAt,
    );
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
    const median = gaps.toSorted((one, other) => one - other)[gaps.length >> 1] ?? 0;
    const alike = gaps.filter((gap) => Math.abs(gap - median) <= median / 10);
    expect(alike.length).toBeLessThan(gaps.length / 2);
  });

  it('do not all get the same text: after ten in a day a person has to say so', () => {
    const intents = manyIntents(1, { textKey: 'welcome' });
    const before = (count: number, opensChat = true) =>
      Array.from({ length: count }, (_, index) =>
        entryOf({
          messageId: `o${index}`,
          conversationId: `o${index}`,
          at: MORNING - 20 * HOUR + index * HOUR,
          opensChat,
          textKey: 'welcome',
        }),
      );
    const after = (sends: History['sends'], facts = stranger) =>
      plan(intents, { rules: plainRules(), history: { sends, chats: chatsOf(facts, intents) } })[0];
    expect(after(before(9))).toMatchObject({ do: 'send' });
    expect(after(before(10))).toMatchObject({ do: 'hold', heldBy: { rule: 'same_text', until: null } });
    expect(after(before(10, false))).toMatchObject({ do: 'send' });
    expect(after(before(10), known)).toMatchObject({ do: 'send' });
  });

  it('are left alone for the day once two guests have asked for no more', () => {
    const intents = manyIntents(1);
    const after = (optOuts: readonly number[]) =>
      turnsOf(plan(intents, { history: { optOuts, chats: chatsOf(stranger, intents) } }))[0];
    expect(after([MORNING - HOUR])?.heldBy).toBeNull();
    expect(after([MORNING - 20 * HOUR, MORNING - 11 * HOUR])?.heldBy).toBeNull(); // yesterday
    expect(after([MORNING - HOUR, MORNING - 2 * HOUR])?.sendAt).toBeGreaterThan(MORNING + 22 * HOUR);
  });
});

describe('one guest', () => {
  it('gets no third message that nobody answered, until a person lets it go', () => {
    const queue = [1, 2, 3].map((each) => intentOf({ messageId: `m${each}` }));
    const planned = plan(queue);
    expect(planned.map((each) => each.do)).toEqual(['send', 'send', 'hold']);
    expect(explain(planned[2]!)).toBe(
      'Held until the guest writes or a person lets it go: the guest has not answered the last 2 messages.',
    );
    const released = plan(queue.map((intent) => ({ ...intent, review: 'released' as const })));
    expect(turnsOf(released)).toHaveLength(3);
  });

  it('has five minutes between two messages that nobody wrote by hand, and ten seconds after a talk', () => {
    const [first, second] = turnsOf(plan([intentOf({ messageId: 'a' }), intentOf({ messageId: 'b' })]));
    expect((second?.typingFrom ?? 0) - (first?.sendAt ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(second?.heldBy?.rule).toBe('chat_cool_down');
    const sends = [entryOf({ conversationId: 'cnv_1', lane: 'reply', at: MORNING - SECOND })];
    const [after] = turnsOf(plan([intentOf()], { history: { sends, chats: chatsOf(known, [intentOf()]) } }));
    expect(after?.typingFrom).toBeGreaterThanOrEqual(MORNING + 9 * SECOND);
  });
});

describe('the same text', () => {
  it('goes to ten guests an hour, then a person has to look; a warning does not wait for that', () => {
    const queue = manyIntents(14, { textKey: comparableText('Spa: 20 % off!') });
    const rules = { ...boundless, limits: { ...boundless.limits, sameTextPerHour: 10 } };
    const planned = plan(queue, { rules });
    expect(turnsOf(planned)).toHaveLength(10);
    expect(planned.filter((each) => each.do === 'hold').map(({ heldBy }) => heldBy.rule)).toEqual(
      Array(4).fill('same_text'),
    );
    const warning = queue.map((intent) => ({ ...intent, purpose: 'safety' as const }));
    expect(turnsOf(plan(warning, { rules }))).toHaveLength(14);
    const held = plan([{ ...queue[0]!, review: 'held' }], { rules });
    expect(held[0]).toMatchObject({ do: 'hold', heldBy: { rule: 'same_text', until: null } });
  });

  it('is counted within an hour', () => {
    const afterTen = (agoMs: number) => {
      const sends = Array.from({ length: 10 }, (_, index) =>
        entryOf({ messageId: `o${index}`, conversationId: `o${index}`, at: MORNING - agoMs, textKey: 'spa' }),
      );
      const intent = intentOf({ textKey: 'spa' });
      return plan([intent], { history: { sends, chats: chatsOf(known, [intent]) } })[0]?.do;
    };
    expect(afterTen(59 * MINUTE)).toBe('hold');
    expect(afterTen(61 * MINUTE)).toBe('send');
  });

  it('is the same however it is dressed up, and another with another number', () => {
    const key = comparableText('Your room is ready.');
    expect(comparableText('your  ROOM\u200b is réady!!')).toBe(key);
    expect(comparableText('Your room 12 is ready.')).not.toBe(key);
    expect(comparableText('Номер готов')).not.toBe(comparableText('Номер занят'));
    expect([comparableText(null), comparableText(' 👍 ')]).toEqual([null, null]);
  });
});

describe('what the network has closed', () => {
  const answer = intentOf({ messageId: 'answer', conversationId: 'a', purpose: 'reply' });
  const first = intentOf({ messageId: 'first', conversationId: 'b' });
  const chats = new Map([
    ['a', waiting],
    ['b', stranger],
  ]);
  const under = (limit: NetworkLimit) =>
    Object.fromEntries(
      turnsOf(plan([answer, first], { standing: { ...calm, limits: [limit] }, history: { chats } })).map((turn) => [
        turn.messageId,
        turn,
      ]),
    );

  it('wins over everything: an account that may send nothing sends nothing, safety and answers included', () => {
    const { answer, first } = under(closed('account'));
    for (const turn of [answer, first]) expect(turn?.typingFrom).toBeGreaterThan(MORNING + HOUR);
    expect(answer?.heldBy).toMatchObject({ rule: 'network_limit', until: MORNING + HOUR });
  });

  it('closes one chat, or new ones, and leaves the rest alone', () => {
    const slow = under(closed('chat', 'a'));
    expect(slow['answer']?.typingFrom).toBeGreaterThan(MORNING + HOUR);
    expect(slow['first']?.sendAt).toBeLessThan(MORNING + MINUTE);
    const known = under(closed('new_chats'));
    expect(known['answer']?.sendAt).toBeLessThan(MORNING + MINUTE);
    expect(known['first']?.heldBy?.rule).toBe('new_chats_closed');
    expect(known['first']?.typingFrom).toBeGreaterThan(MORNING + HOUR);
  });

  it('is over when its time is over', () => {
    expect(under({ ...closed('account'), until: MORNING - 1 })['answer']?.heldBy).toBeNull();
  });

  it('is a ban: everything stops, and nothing begins again by itself', () => {
    const queue = [answer, first, intentOf({ purpose: 'safety' })];
    for (const ban of [
      { kind: 'temporary', until: MORNING - HOUR },
      { kind: 'permanent', until: null },
    ] as const) {
      const planned = plan(queue, { standing: { ...calm, ban } });
      expect(planned.map((each) => each.do)).toEqual(['closed', 'closed', 'closed']);
    }
  });
});

describe('a limit of nought', () => {
  it('holds for a person what it stops, and nothing else', () => {
    const rules = plainRules({ ownPerDay: 0 });
    const planned = plan([intentOf(), intentOf({ messageId: 'r', conversationId: 'r', purpose: 'reply' })], { rules });
    expect(planned.map((each) => each.do)).toEqual(['send', 'hold']);
    expect(planned[1]).toMatchObject({ messageId: 'msg_1', heldBy: { rule: 'own_day', until: null } });
  });
});

describe('sentences for staff', () => {
  it('tell the time of the property, and the day when it is another', () => {
    const at = (now: number) => explain(plan([intentOf({ queuedAt: now })], { now })[0]!);
    expect(at(MORNING - 3 * HOUR)).toBe('Held until 08:00: quiet hours of the property.');
    expect(at(MORNING + 13 * HOUR)).toBe('Held until Tue 24 Nov, 08:00: quiet hours of the property.');
    expect(at(MORNING)).toBe('Waits for its turn.');
  });

  it('name what stopped all before, for a message in the middle of a long queue', () => {
    const turns = turnsOf(plan(manyIntents(300)));
    const tomorrow = turns.filter(({ sendAt }) => sendAt > MORNING + DAY);
    expect(tomorrow.length).toBeGreaterThan(100);
    for (const turn of tomorrow) expect(explain(turn)).toMatch(/^Held until .*\.$/);
  });
});
