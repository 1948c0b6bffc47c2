import type { Random } from '../core/random.ts';
import { REPLY_RATIO_SAMPLE } from '../engine/pacing/limits.ts';
import { planQueue } from '../engine/pacing/plan-queue.ts';
import { PropertyHours } from '../engine/pacing/property-hours.ts';
import type { Rules } from '../engine/pacing/rules.ts';
import type {
  ChatFacts,
  Intent,
  Lane,
  PlannedSend,
  PlannedTurn,
  SendLogEntry,
  Standing,
} from '../engine/pacing/types.ts';
import { lanes } from '../engine/pacing/types.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Of a hotel's messages so many are of each lane; about what houses that message all of a stay send. */
const SHARES: Readonly<Record<Exclude<Lane, 'safety'>, number>> = {
  reply: 0.45,
  service: 0.25,
  scheduled: 0.2,
  promotional: 0.1,
};
/** Between a guest's question and what somebody at the desk, or the bot, hands over; the log-normal's median and sigma. */
const DESK_TAKES = { medianMs: 2 * MINUTE_MS, sigma: 0.9 } as const;
/** Who never wrote; guests who booked elsewhere. */
const STRANGERS = 0.15;
const TEXT_LENGTH = { least: 15, most: 200 } as const;
/** What a PMS hands over by itself comes at full hours, all at once. */
const PMS_HOURS: Readonly<Partial<Record<Lane, number>>> = { scheduled: 9, promotional: 11 };

export interface Simulation {
  readonly sent: readonly PlannedTurn[];
  /** When each message of `sent` was handed over. */
  readonly queuedAt: ReadonlyMap<string, number>;
  /** Still waiting at the end, and why. */
  readonly left: readonly PlannedSend[];
}

interface Arrival {
  readonly intent: Intent;
  readonly facts: ChatFacts;
}

/**
 * Has a made-up hotel hand over `perDay` messages a day, and acts on the plan as the daemon does: it is made anew with each message
 * that is handed over, and its next turn is carried out. The same seed gives the same days.
 */
export function simulateHotel(input: {
  readonly days: number;
  readonly perDay: number;
  readonly rules: Rules;
  readonly standing: Standing;
  readonly from: number;
  readonly seed: number;
  readonly random: Random;
}): Simulation {
  const { rules, standing, from, days, seed } = input;
  const arrivals = makeArrivals(input);
  const chats = new Map(arrivals.map(({ intent, facts }) => [intent.conversationId, facts]));
  const queue = new Map<string, Intent>();
  const sends: SendLogEntry[] = [];
  const sent: PlannedTurn[] = [];
  const end = from + days * DAY_MS;
  let busyUntil = from;
  let planned: readonly PlannedSend[] = [];
  const replan = (now: number): void => {
    planned = planQueue({
      intents: [...queue.values()],
      history: { sends: sends.slice(firstSince(sends, now - DAY_MS)), optOuts: [], chats },
      standing: { ...standing, busyUntil },
      rules,
      now,
      seed,
    });
  };
  /** What begins before `until` is typed to its end, whatever comes meanwhile. */
  const carryOut = (until: number): void => {
    for (let turn = nextTurn(planned); turn !== undefined && startOf(turn) < until; turn = nextTurn(planned)) {
      const intent = queue.get(turn.messageId);
      if (intent === undefined) return;
      queue.delete(turn.messageId);
      sent.push(turn);
      const facts = chats.get(turn.conversationId);
      sends.push({
        ...turn,
        at: turn.sendAt,
        textKey: null,
        isAnswered: true,
        isUndelivered: false,
        opensChat: facts?.isOpened === false,
      });
      if (facts !== undefined) chats.set(turn.conversationId, { ...facts, isOpened: true, unreadWords: 0 });
      busyUntil = turn.sendAt;
      replan(turn.sendAt);
    }
  };
  for (const { intent } of arrivals) {
    carryOut(intent.queuedAt);
    queue.set(intent.messageId, intent);
    replan(intent.queuedAt);
  }
  carryOut(end);
  return { sent, left: planned, queuedAt: new Map(arrivals.map(({ intent }) => [intent.messageId, intent.queuedAt])) };
}

/** The log is read from here: what the longest window sees, and some more for the reply ratio. */
function firstSince(sends: readonly SendLogEntry[], since: number): number {
  let place = sends.length;
  while (place > 0 && (sends[place - 1]?.at ?? 0) > since) place -= 1;
  return Math.max(0, Math.min(place, sends.length - REPLY_RATIO_SAMPLE));
}

function nextTurn(planned: readonly PlannedSend[]): PlannedTurn | undefined {
  const [first] = planned;
  return first?.do === 'send' ? first : undefined;
}

function startOf({ readAt, typingFrom }: PlannedTurn): number {
  return readAt ?? typingFrom;
}

/** Each message goes to a guest of its own: what guests get more of makes no difference to the account. */
function makeArrivals(input: {
  days: number;
  perDay: number;
  rules: Rules;
  from: number;
  random: Random;
  seed: number;
}): readonly Arrival[] {
  const { days, perDay, rules, from, random, seed } = input;
  const hours = new PropertyHours(rules, seed);
  const arrivals: Arrival[] = [];
  for (let index = 0; index < Math.round(days * perDay); index += 1) {
    const lane = drawLane(random);
    const hour = PMS_HOURS[lane];
    const day = hours.zone.dayAt(from + (index / perDay) * DAY_MS);
    const queuedAt = hour === undefined ? drawTime(hours, lane, input) : hours.zone.instantOf(day, hour * 60, 'first');
    const cameAt = queuedAt - DESK_TAKES.medianMs * Math.exp(DESK_TAKES.sigma * drawNormal(random));
    const isKnown = lane === 'reply' || random.next() > STRANGERS;
    const { least, most } = TEXT_LENGTH;
    arrivals.push({
      intent: {
        messageId: `${lane}-${index}`,
        conversationId: `guest-${index}`,
        purpose: lane,
        urgency: 'normal',
        textLength: least + Math.floor(random.next() * (most - least)),
        hasMedia: false,
        isTemplate: lane !== 'reply',
        textKey: null,
        queuedAt,
        sendAt: null,
        expiresAt: null,
        retryAt: null,
        review: 'none',
      },
      facts: {
        lastInboundAt: lane === 'reply' ? cameAt : isKnown ? queuedAt - 3 * DAY_MS : null,
        isKnown,
        unreadWords: lane === 'reply' ? 12 : 0,
        unanswered: 0,
        isOpened: isKnown,
      },
    });
  }
  return arrivals
    .filter(({ intent }) => intent.queuedAt >= from)
    .sort((one, other) => one.intent.queuedAt - other.intent.queuedAt);
}

function drawLane(random: Random): Exclude<Lane, 'safety'> {
  let left = random.next();
  for (const lane of lanes) {
    if (lane === 'safety') continue;
    left -= SHARES[lane];
    if (left < 0) return lane;
  }
  return 'service';
}

/** Guests write when they are awake; rooms fall ready, and the desk writes first, by day. */
function drawTime(
  hours: PropertyHours,
  lane: Lane,
  { from, days, random }: { from: number; days: number; random: Random },
): number {
  for (;;) {
    const at = Math.floor(from + random.next() * days * DAY_MS);
    if (random.next() < hours.weightAt(at) && (lane === 'reply' || !hours.isQuiet(at))) return at;
  }
}

function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
