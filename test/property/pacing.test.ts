import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import { planQueue } from '../../src/engine/pacing/plan-queue.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import type { ChatFacts, Intent, PlannedTurn, SendLogEntry } from '../../src/engine/pacing/types.ts';
import { faultsOf } from '../support/pacing-checks.ts';
import { berlin, boundless, calm, DAY, HOUR, MINUTE, MORNING, plainRules, SECOND } from '../support/pacing-town.ts';

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
      isUndelivered: false,
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

/** Nothing that a later look sees otherwise: the reply ratio, messages that expire, questions that grow old, texts that repeat, limits that end. */
function timeless(house: PlanInput): PlanInput {
  const { now, history } = house;
  const sends = history.sends.map((send) => ({ ...send, isAnswered: true }));
  const intents = house.intents.map((intent) => ({ ...intent, expiresAt: null, textKey: null }));
  const chats = new Map(history.chats);
  for (const [id, facts] of chats) {
    const { lastInboundAt } = facts;
    const isRecent = lastInboundAt !== null && lastInboundAt > now - DAY;
    if (isRecent) chats.set(id, { ...facts, lastInboundAt: Math.max(lastInboundAt, now - 20 * HOUR) });
  }
  const limits = house.standing.limits.map((limit) => ({ ...limit, until: limit.until + 2 * HOUR }));
  return { ...house, intents, history: { sends, chats, optOuts: [] }, standing: { ...house.standing, limits } };
}

/** Acts on a plan up to some message, enters it in the log, plans the rest: nothing moves. */
function expectReplay(house: PlanInput, seed: number): void {
  const turns = planQueue(house).filter((each) => each.do === 'send');
  if (turns.length < 4) return;
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
      isUndelivered: false,
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
    intents: house.intents.filter(({ messageId }) => !doneIds.has(messageId)),
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
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        // More questions than one desk can answer, for hours; long ones, half a minute each.
        const answers = Array.from({ length: 400 }, (_, index) => ({
          ...guest(index, 'reply', MORNING + index * SECOND),
          textLength: 400,
          isTemplate: false,
        }));
        const own = Array.from({ length: 12 }, (_, index) =>
          guest(index, index % 2 === 0 ? 'service' : 'promotional', MORNING - 25 * HOUR),
        );
        const turns = turnsFor([...own, ...answers], boundless, seed);
        expect(turns).toHaveLength(own.length + answers.length);
        // Without limits the longest pause of the hotel's own is a rest of eight minutes and a gap of three.
        const longestPauseMs = 11 * MINUTE;
        let lastOwnAt = MORNING;
        let left = own.length;
        let since = 0;
        for (const { lane, typingFrom, sendAt } of turns) {
          since += 1;
          if (lane !== 'reply') {
            if (left < own.length) expect(since).toBeGreaterThan(5); // this one and five answers
            [lastOwnAt, since] = [sendAt, 0];
            left -= 1;
          } else if (left > 0 && since > 6) expect(typingFrom).toBeLessThan(lastOwnAt + longestPauseMs + MINUTE);
        }
        expect(left).toBe(0);
      }),
      { numRuns: 10 },
    );
  });

  it('behind what matters more: at its full age an offer goes before all that is overdue later, and only then', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        // A day's budget that is used up already, and rooms that fall ready faster than it lets be told.
        const sends = Array.from(
          { length: 120 },
          (_, index): SendLogEntry => ({
            messageId: `old${index}`,
            conversationId: `old${index}`,
            at: MORNING - DAY + index * 12 * MINUTE,
            lane: 'service',
            opensChat: false,
            textKey: null,
            isAnswered: true,
            isUndelivered: false,
          }),
        );
        const rooms = Array.from({ length: 400 }, (_, index) =>
          guest(index, 'service', MORNING - HOUR + index * 8 * MINUTE),
        );
        const intents = [...rooms, guest(0, 'promotional', MORNING), guest(1, 'scheduled', MORNING)];
        const turns = turnsFor(intents, plainRules(), seed, sends);
        // A message that is chosen just before that age still goes first, when the next place falls free.
        const placeMs = 12 * MINUTE + 5 * MINUTE;
        const due = new Map(intents.map(({ messageId, queuedAt }) => [messageId, queuedAt]));
        for (const [lane, slackMs, fullAgeMs] of [
          ['promotional', 24 * HOUR, 24 * HOUR],
          ['scheduled', 30 * MINUTE, 4 * HOUR],
        ] as const) {
          const place = turns.findIndex((turn) => turn.lane === lane);
          const overdueAt = MORNING + slackMs;
          const passing = turns
            .slice(0, place)
            .filter(({ messageId }) => (due.get(messageId) ?? 0) + 10 * MINUTE > overdueAt);
          expect(passing.length, lane).toBeGreaterThan(0);
          for (const { typingFrom } of passing) expect(typingFrom, lane).toBeLessThan(overdueAt + fullAgeMs + placeMs);
        }
      }),
      { numRuns: 10 },
    );
  });
});

function turnsFor(
  intents: readonly Intent[],
  rules: Rules,
  seed: number,
  sends: readonly SendLogEntry[] = [],
): PlannedTurn[] {
  const chats = factsOf(intents);
  const planned = planQueue({
    intents,
    history: { sends, optOuts: [], chats },
    standing: calm,
    rules,
    now: MORNING,
    seed,
  });
  return planned.filter((each) => each.do === 'send');
}
