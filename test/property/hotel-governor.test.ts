import { beforeAll, describe, expect, it } from 'vitest';
import type { Penalty } from '../../connectors/box/ban-model/types.ts';
import type { Message } from '../../src/engine/model/message.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import { leastMsOf } from '../support/hotel-answers.ts';
import { HotelEngine } from '../support/hotel-engine.ts';
import { quantile } from '../support/hotel-figures.ts';
import { FIRST_MONDAY } from '../support/hotel-house.ts';
import type { Flood } from '../support/hotel-kinds.ts';
import { drawHotel } from '../support/hotel-kinds.ts';
import type { HotelMonth } from '../support/hotel-month.ts';
import { HotelNetwork } from '../support/hotel-network.ts';
import { makeMonth } from '../support/hotel-traffic.ts';
import { REPLY_TOLERANCE_MS } from '../support/hotel-verdict.ts';

/*
 * The month of hotels (`bench/hotel-month.ts`) asks the planner alone. Here some days of it go through all that Bellhop is: API, store,
 * governor, outbox, inbox. More of them: `BELLHOP_HOTEL_DAYS=7 npx vitest run test/property/hotel-governor.test.ts`.
 */
const DAYS = Number(process.env['BELLHOP_HOTEL_DAYS'] ?? 1);
/** The engine plans its whole queue every half minute, so a flood costs by its size: the suite has a share of each, the whole has all. */
const FLOOD_SHARE = DAYS === 1 ? 0.06 : 1;
const FLOODS = /^(queue_500|import_1000) \d*?(\d{1,2})$/;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Of a machine that has other things to do. */
const TIMEOUT_MS = 60_000 + DAYS * 60_000;
/** Between a message and what the engine makes of it lie some turns, and a pause between two plans. */
const ENGINE_TAKES_MS = 2_000;

interface House {
  readonly seed: number;
  readonly rooms: number;
  readonly age: number;
  readonly happens: readonly Flood[];
}
const houses: readonly House[] = [
  { seed: 1, rooms: 50, age: 3, happens: ['batch_of_50', 'all_at_23'] },
  { seed: 4, rooms: 40, age: 900, happens: ['queue_500', 'all_at_23'] },
  { seed: 2, rooms: 60, age: 15, happens: ['import_1000', 'same_text_200'] },
];

function monthOf({ seed, rooms, age, happens }: House): HotelMonth {
  const drawn = drawHotel(seed, FIRST_MONDAY, DAYS);
  const floods = new Map(happens.slice(0, DAYS).map((flood, index) => [index, flood]));
  const month = makeMonth({ ...drawn, rooms, bornAt: FIRST_MONDAY - age * DAY_MS, floods }, FIRST_MONDAY, DAYS);
  const happenings = month.happenings.filter((each) => each.do === 'ask' || isInShare(each.intent.messageId));
  return { ...month, happenings };
}

function isInShare(messageId: string): boolean {
  const [, , number] = FLOODS.exec(messageId) ?? [];
  return number === undefined || Number(number) < FLOOD_SHARE * 100;
}

const judgesOf = ({ kind }: HotelMonth): HotelNetwork =>
  new HotelNetwork({ networks: ['whatsapp', 'telegram'], ...kind, enforced: null });

const isOpen = ({ status }: Message): boolean => status === 'queued' || status === 'sending';

describe.each(houses.slice(0, DAYS + 1))(
  'some days at a hotel of $rooms rooms, its number $age days old, on the real engine',
  (kind) => {
    const month = monthOf(kind);
    const network = judgesOf(month);
    let house: HotelEngine;
    let messages: readonly Message[];
    beforeAll(async () => {
      house = await HotelEngine.open({ month, network });
      await house.live();
      messages = await house.messages();
    }, TIMEOUT_MS);

    it('cost no number, by any model of any network', () => {
      expect(network.records.filter(({ bannedAt, closings }) => bannedAt !== null || closings > 0)).toEqual([]);
      expect(network.records).toHaveLength(20);
      expect(messages.length).toBeGreaterThan(60);
    });

    it('lose nothing, repeat nothing, and say of each message that waits what it waits for', () => {
      const line = house.fixture.host.line('front-desk');
      expect(line.arrivals.length).toBeGreaterThan(20);
      expect(new Set(line.arrivals.map(({ networkId }) => networkId)).size).toBe(line.arrivals.length);
      expect(messages.filter(({ status }) => status === 'failed')).toEqual([]);
      const left = messages.filter((message) => isOpen(message));
      expect(left.filter(({ heldBy, estimatedSendAt }) => heldBy === null && estimatedSendAt === null)).toEqual([]);
      const until = month.until;
      const late = left.filter(({ heldBy, estimatedSendAt }) => {
        const isHeld = heldBy !== null && (heldBy.until === null || Date.parse(heldBy.until) > until - HOUR_MS);
        return !isHeld && Date.parse(estimatedSendAt ?? '') < until - HOUR_MS;
      });
      expect(late).toEqual([]);
    });

    it('answer waiting guests as fast as a person who has nothing else to do', async () => {
      const sentAt = new Map(messages.map(({ id, sentAt: at }) => [id, at]));
      const rules = defaultRules(month.kind.timeZone);
      const answered = house.answers.flatMap(({ id, intent, lastInboundAt, unreadWords }) => {
        const at = sentAt.get(id);
        if (typeof at !== 'string') return [];
        const facts = { lastInboundAt, isKnown: true, unreadWords, unanswered: 0, isOpened: true };
        const chats = new Map([[intent.conversationId, facts]]);
        const leastMs = leastMsOf({
          // An answer is typed: that it was prepared, the engine does not know.
          intents: [{ ...intent, messageId: id, isTemplate: false, hasMedia: false }],
          history: { sends: [], optOuts: [], chats },
          standing: { bornAt: 0, limits: [], ban: null, busyUntil: null },
          rules,
          now: intent.queuedAt,
          seed: 1,
        });
        return [{ waitedMs: Date.parse(at) - intent.queuedAt, leastMs }];
      });
      expect(answered.length).toBeGreaterThan(10);
      expect(answered.length).toBeGreaterThanOrEqual(house.answers.length - 5);
      const p95 = quantile(
        answered.map(({ waitedMs }) => waitedMs),
        0.95,
      );
      const least = quantile(
        answered.map(({ leastMs }) => leastMs),
        0.95,
      );
      expect(p95).toBeLessThan(least + REPLY_TOLERANCE_MS + ENGINE_TAKES_MS);
    });
  },
);

describe('a network that says no', () => {
  it('is obeyed at once: nothing that it has closed is tried before the end, and then it goes on', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const month = monthOf({ seed: 5, rooms: 40, age: 60, happens: ['queue_500'] });
    const closed = { new_chats: -Infinity, account: -Infinity };
    const breaches: string[] = [];
    let sends = 0;
    let refusals = 0;
    const house: HotelEngine = await HotelEngine.open({
      month,
      network: judgesOf(month),
      verdict: ({ chat, isFirstWord }): Penalty | null => {
        const now = house.fixture.clock.now();
        if (now < closed.account) breaches.push(`${chat} although all is closed`);
        if (now < closed.new_chats && isFirstWord) breaches.push(`${chat} although new chats are closed`);
        sends += 1;
        const because = { sign: 'strangers', degree: 1, clause: 'because' } as const;
        if (isFirstWord && sends > 10 && now > closed.new_chats + 8 * HOUR_MS) {
          refusals += 1;
          closed.new_chats = now + 3 * HOUR_MS;
          return { kind: 'no_new_chats', until: closed.new_chats, because };
        }
        if (sends % 25 !== 0) return null;
        refusals += 1;
        closed.account = now + 10 * MINUTE_MS;
        return { kind: 'wait', until: closed.account, because };
      },
    });
    await house.live();
    expect(breaches).toEqual([]);
    expect(refusals).toBeGreaterThan(2);
    const messages = await house.messages();
    expect(messages.filter(({ status }) => status === 'failed')).toEqual([]);
    const line = house.fixture.host.line('front-desk');
    expect(line.arrivals.length).toBe(sends - refusals);
    expect(line.arrivals.length).toBeGreaterThan(50);
  });

  it('by a ban for a day ends all sending, at once and until a person has looked', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const month = monthOf({ seed: 6, rooms: 30, age: 60, happens: ['queue_500'] });
    let sends = 0;
    const house: HotelEngine = await HotelEngine.open({
      month,
      network: judgesOf(month),
      verdict: (): Penalty | null => {
        sends += 1;
        if (sends < 15) return null;
        const until = house.fixture.clock.now() + 12 * HOUR_MS;
        return {
          kind: 'temporary_ban',
          code: 101,
          until,
          because: { sign: 'strangers', degree: 1, clause: 'because' },
        };
      },
    });
    await house.live();
    expect(sends).toBe(15);
    const rules = (await house.messages()).filter((message) => isOpen(message)).map(({ heldBy }) => heldBy?.rule);
    expect(rules.length).toBeGreaterThan(15);
    expect(new Set(rules)).toEqual(new Set(['temporary_ban']));
  });
});
