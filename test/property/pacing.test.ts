import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import { planQueue } from '../../src/engine/pacing/plan-queue.ts';
import type { ChatFacts, Intent, SendLogEntry } from '../../src/engine/pacing/types.ts';
import { faultsOf } from '../support/pacing-checks.ts';
import { berlin, calm, DAY, HOUR, MINUTE, MORNING, plainRules, SECOND } from '../support/pacing-town.ts';

/** BELLHOP_PACING_RUNS=10000 npx vitest run test/property/pacing.test.ts */
const RUNS = Number(process.env['BELLHOP_PACING_RUNS'] ?? 500);
const TIMEOUT_MS = 30_000 + RUNS * 60;

const purposes = ['reply', 'service', 'scheduled', 'promotional', 'safety'] as const;
const urgencies = ['very-low', 'low', 'normal', 'high'] as const;
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC'] as const;

/** A house with any past, in any state, with anything in its queue; all from one number. */
function anyHouse(seed: number): PlanInput {
  const random = seededRandom(seed);
  const upTo = (most: number): number => Math.floor(random.next() * most);
  const chance = (share: number): boolean => random.next() < share;
  const oneOf = <T>(list: readonly T[]): T => list[upTo(list.length)]!;
  const now = MORNING + upTo(400 * DAY) - 200 * DAY;
  const guests = 1 + upTo(30);
  const hurry = oneOf([10 * SECOND, MINUTE, 20 * MINUTE]);
  const chats = new Map<string, ChatFacts>();
  for (let guest = 0; guest < guests; guest += 1) {
    if (chance(0.1)) continue; // nobody knows this one
    const isKnown = chance(0.6);
    const lastInboundAt = isKnown ? now - upTo(40 * HOUR) : null;
    chats.set(`c${guest}`, {
      lastInboundAt,
      isKnown,
      unreadWords: isKnown ? upTo(3) * 9 : 0,
      unanswered: upTo(3),
      isOpened: isKnown || chance(0.5),
    });
  }
  let at = now;
  const sends = Array.from({ length: upTo(120) }, (_, index): SendLogEntry => {
    at -= upTo(hurry);
    const lane = oneOf(purposes);
    return {
      messageId: `old${index}`,
      conversationId: `c${upTo(guests)}`,
      at,
      lane,
      opensChat: lane !== 'reply' && chance(0.3),
      textKey: chance(0.5) ? `t${upTo(2)}` : null,
      isAnswered: chance(0.3),
    };
  }).toReversed();
  const intents = Array.from({ length: upTo(70) }, (_, index): Intent => {
    const queuedAt = now - upTo(3 * HOUR);
    const sendAt = chance(0.2) ? now + upTo(2 * DAY) : null;
    return {
      messageId: `m${index}`,
      conversationId: `c${upTo(guests)}`,
      purpose: oneOf(purposes),
      urgency: oneOf(urgencies),
      textLength: upTo(400),
      hasMedia: chance(0.2),
      isTemplate: chance(0.4),
      textKey: chance(0.5) ? `t${upTo(2)}` : null,
      queuedAt,
      sendAt,
      expiresAt: chance(0.3) ? Math.max(now, sendAt ?? 0) + upTo(3 * HOUR) : null,
      retryAt: chance(0.1) ? now + upTo(5 * MINUTE) : null,
      review: chance(0.1) ? oneOf(['held', 'released'] as const) : 'none',
    };
  }).toSorted((one, other) => one.queuedAt - other.queuedAt);
  const limits = chance(0.3)
    ? [
        {
          scope: oneOf(['chat', 'account', 'new_chats'] as const),
          conversationId: `c${upTo(guests)}`,
          until: now + upTo(5 * HOUR),
        },
      ]
    : [];
  const quiet = oneOf([
    { from: 21 * 60, to: 8 * 60 },
    { from: 60, to: 330 },
    { from: 0, to: 0 },
  ]);
  return {
    intents,
    history: { sends, optOuts: chance(0.2) ? [now - upTo(DAY), now - upTo(DAY)] : [], chats },
    standing: { ...calm, bornAt: now - upTo(30 * DAY), limits, busyUntil: chance(0.2) ? now + upTo(MINUTE) : null },
    rules: { ...berlin, timeZone: oneOf(zones), quietHours: quiet },
    now,
    seed: upTo(1e9),
  };
}

describe('any plan for any house', () => {
  it('keeps every limit in every window, every order, the hours and the network, as counted the slow way', {
    timeout: TIMEOUT_MS,
  }, () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const house = anyHouse(seed);
      expect(faultsOf(house, planQueue(house)), `seed ${seed}`).toEqual([]);
    }
  });

  it('is found again message by message when it is made anew after each of them', { timeout: TIMEOUT_MS }, () => {
    for (let seed = 1; seed <= RUNS; seed += 1) expectReplay(timeless(anyHouse(seed)), seed);
  });
});

/** Nothing that looks at the clock, and so may move between two plans: the reply ratio, messages that expire, questions that grow old. */
function timeless(house: PlanInput): PlanInput {
  const { now, history } = house;
  const sends = history.sends.map((send) => ({ ...send, isAnswered: true }));
  const intents = house.intents.map((intent) => ({ ...intent, expiresAt: null }));
  const chats = new Map(history.chats);
  for (const [id, facts] of chats) {
    const { lastInboundAt } = facts;
    const isRecent = lastInboundAt !== null && lastInboundAt > now - DAY;
    if (isRecent) chats.set(id, { ...facts, lastInboundAt: Math.max(lastInboundAt, now - 20 * HOUR) });
  }
  return { ...house, intents, history: { sends, chats, optOuts: [] } };
}

/** Acts on a plan up to some message, enters it in the log, plans the rest: nothing moves. */
function expectReplay(house: PlanInput, seed: number): void {
  const planned = planQueue(house);
  const turns = planned.filter((each) => each.do === 'send');
  if (turns.length < 4) return;
  const heldIds = new Set(planned.flatMap((each) => (each.do === 'hold' ? [each.messageId] : [])));
  const cut = 1 + (seed % (turns.length - 2));
  const done = turns.slice(0, cut);
  const last = done.at(-1)!;
  const doneIds = new Set(done.map(({ messageId }) => messageId));
  const chats = new Map(house.history.chats);
  const sends = [...house.history.sends];
  for (const { messageId, conversationId, sendAt, lane } of done) {
    const facts = chats.get(conversationId) ?? {
      lastInboundAt: null,
      isKnown: false,
      unreadWords: 0,
      unanswered: 0,
      isOpened: false,
    };
    const isOwn = lane !== 'reply' && lane !== 'safety';
    const intent = house.intents.find((each) => each.messageId === messageId);
    sends.push({
      messageId,
      conversationId,
      at: sendAt,
      lane,
      opensChat: !facts.isKnown && !facts.isOpened,
      textKey: intent?.textKey ?? null,
      isAnswered: false,
    });
    chats.set(conversationId, {
      ...facts,
      unreadWords: 0,
      isOpened: true,
      unanswered: facts.unanswered + (isOwn ? 1 : 0),
    });
  }
  if (last.sendAt - house.now > HOUR) return;
  const again = planQueue({
    ...house,
    // What waits for a person is remembered as such.
    intents: house.intents
      .filter(({ messageId }) => !doneIds.has(messageId))
      .map((intent) => (heldIds.has(intent.messageId) ? { ...intent, review: 'held' as const } : intent)),
    history: { ...house.history, sends, chats },
    now: last.sendAt,
    standing: { ...house.standing, busyUntil: null },
  }).filter((each) => each.do === 'send');
  const timesOf = (list: typeof turns): (string | number)[][] =>
    list.map(({ messageId, typingFrom, sendAt }) => [messageId, typingFrom, sendAt]);
  expect(timesOf(again), `seed ${seed}, after ${cut}`).toEqual(timesOf(turns.slice(cut)));
}

const guest = (index: number, purpose: Intent['purpose'], queuedAt: number): Intent => ({
  messageId: `${purpose} ${index}`,
  conversationId: `${purpose} ${index}`,
  purpose,
  urgency: 'normal',
  textLength: 40,
  hasMedia: false,
  isTemplate: true,
  textKey: null,
  queuedAt,
  sendAt: null,
  expiresAt: null,
  retryAt: null,
  review: 'none',
});
const factsOf = (intents: readonly Intent[]): Map<string, ChatFacts> =>
  new Map(
    intents.map(({ conversationId, queuedAt }) => [
      conversationId,
      { lastInboundAt: queuedAt - MINUTE, isKnown: true, unreadWords: 0, unanswered: 0, isOpened: true },
    ]),
  );

describe('nothing starves', () => {
  it('behind answers: once an own message is overdue and its pause is over, at most five go before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 3, max: 12 }), (seed, everySeconds) => {
        // More questions than one desk can answer, for hours.
        const answers = Array.from({ length: 600 }, (_, index) =>
          guest(index, 'reply', MORNING + index * everySeconds * SECOND),
        );
        const own = Array.from({ length: 12 }, (_, index) =>
          guest(index, index % 2 === 0 ? 'service' : 'promotional', MORNING),
        );
        const intents = [...own, ...answers];
        const rules = plainRules({ accountPerHour: 1e9, accountPerDay: 1e9 });
        const turns = planQueue({
          intents,
          history: { sends: [], optOuts: [], chats: factsOf(intents) },
          standing: calm,
          rules,
          now: MORNING,
          seed,
        }).filter((each) => each.do === 'send');
        expect(turns).toHaveLength(intents.length);
        const lastAnswer = turns.findLast(({ lane }) => lane === 'reply');
        let answersInARow = 0;
        let lastOwnAt = MORNING;
        for (const turn of turns) {
          if (turn.sendAt > (lastAnswer?.sendAt ?? 0)) break;
          if (turn.lane === 'reply') {
            // The longest pause between two own messages: the longest gap, stretched by a budget that is almost used up.
            if (turn.typingFrom > Math.max(lastOwnAt + 30 * MINUTE, MORNING + 2 * HOUR)) answersInARow += 1;
            const left = turns.some((each) => each.lane !== 'reply' && each.sendAt > turn.sendAt);
            if (left) expect(answersInARow).toBeLessThanOrEqual(5);
          } else [answersInARow, lastOwnAt] = [0, turn.sendAt];
        }
      }),
      { numRuns: 10 },
    );
  });

  it('behind what matters more: an offer that has waited for its whole age goes before all that fell due later than it was overdue', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        // Rooms fall ready faster than the budget lets be told, for four days.
        const rooms = Array.from({ length: 700 }, (_, index) =>
          guest(index, 'service', MORNING - 2 * HOUR + index * 8 * MINUTE),
        );
        const offers = [guest(0, 'promotional', MORNING), guest(1, 'scheduled', MORNING)];
        const intents = [...rooms, ...offers];
        const turns = planQueue({
          intents,
          history: {
            sends: [],
            optOuts: [],
            chats: new Map(
              [...factsOf(intents)].map(([id, facts]) => [id, { ...facts, lastInboundAt: MORNING - 3 * DAY }]),
            ),
          },
          standing: calm,
          rules: plainRules(),
          now: MORNING,
          seed,
        }).filter((each) => each.do === 'send');
        for (const [lane, slack, age] of [
          ['promotional', 2 * HOUR, 24 * HOUR],
          ['scheduled', 30 * MINUTE, 4 * HOUR],
        ] as const) {
          const offer = turns.findIndex((turn) => turn.lane === lane);
          const passed = turns.slice(0, offer).filter(({ typingFrom, messageId }) => {
            const due = intents.find((intent) => intent.messageId === messageId)?.queuedAt ?? 0;
            return due + 10 * MINUTE > MORNING + slack && typingFrom > MORNING + slack + age + HOUR;
          });
          expect(offer).toBeGreaterThan(-1);
          expect(passed).toEqual([]);
        }
      }),
      { numRuns: 10 },
    );
  });
});
