import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import type { Intent, Lane, PlannedSend, PlannedTurn } from '../../src/engine/pacing/types.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Sent {
  readonly messageId: string;
  readonly conversationId: string;
  readonly at: number;
  readonly lane: Lane;
  readonly opensChat: boolean;
  readonly textKey: string | null;
  /** Of the plan, not of the log: only these are judged. */
  readonly turn: PlannedTurn | null;
}

const isOwn = (lane: Lane): boolean => lane !== 'safety' && lane !== 'reply';

const clocks = new Map<string, Intl.DateTimeFormat>();

/** One for each zone: to make one takes a hundred times as long as to ask it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timeZone, clock);
  return clock;
}

/** The minutes after midnight on the wall of a time zone; by Intl and nothing else. */
export function wallMinutes(timeZone: string, at: number): number {
  const text = clockOf(timeZone).format(at);
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

/** Everything in a plan that breaks a rule, found the slow way: each message against each other. Empty = nothing. */
export function faultsOf(input: PlanInput, planned: readonly PlannedSend[]): string[] {
  const faults: string[] = [];
  const intents = new Map(input.intents.map((intent) => [intent.messageId, intent]));
  const all = sentOf(input, planned, intents);
  const mine = all.filter(({ turn }) => turn !== null);
  const { limits } = input.rules;
  if (
    new Set(planned.map(({ messageId }) => messageId)).size !== input.intents.length ||
    planned.length !== input.intents.length
  )
    faults.push('not every message is planned once');
  /** No window that ends with a judged message holds more. */
  const window = (
    name: string,
    counted: readonly Sent[],
    judged: readonly Sent[],
    most: number,
    lengthMs: number,
  ): void => {
    for (const { at, messageId } of judged) {
      const used = counted.filter((each) => each.at > at - lengthMs && each.at <= at).length;
      if (used > most) faults.push(`${name}: ${used} of ${most} at ${messageId}`);
    }
  };
  const own = all.filter(({ lane }) => isOwn(lane));
  const ownMine = mine.filter(({ lane }) => isOwn(lane));
  window(
    'minute',
    all,
    mine.filter(({ lane }) => lane !== 'safety'),
    limits.accountPerMinute,
    MINUTE,
  );
  window(
    'safety minute',
    all,
    mine.filter(({ lane }) => lane === 'safety'),
    limits.safetyPerMinute,
    MINUTE,
  );
  window('hour', all, ownMine, limits.accountPerHour, HOUR);
  window('day', all, ownMine, limits.accountPerDay, DAY);
  window('own hour', own, ownMine, limits.ownPerHour, HOUR);
  for (const each of ownMine) {
    const weeks = Math.floor((each.at - input.standing.bornAt) / (7 * DAY));
    const most = [limits.ownWeek1, limits.ownWeek2, limits.ownWeek3][weeks] ?? limits.ownPerDay;
    window('own day', own, [each], Math.min(most, limits.ownPerDay), DAY);
  }
  const openings = all.filter(({ opensChat }) => opensChat);
  for (const opening of openings.filter(({ turn, lane }) => turn !== null && isOwn(lane))) {
    const weeks = Math.floor((opening.at - input.standing.bornAt) / (7 * DAY));
    const most = [limits.newChatsWeek1, limits.newChatsWeek2, limits.newChatsWeek3][weeks] ?? limits.newChatsLater;
    window('new chats', openings, [opening], most, DAY);
    window('new chat gap', openings, [opening], 1, limits.newChatGapSeconds * SECOND);
  }
  for (const { at, textKey, messageId } of ownMine) {
    if (textKey === null || intents.get(messageId)?.review === 'released') continue;
    const same = own.filter((each) => each.textKey === textKey && each.at > at - HOUR && each.at <= at);
    if (new Set(same.map(({ conversationId }) => conversationId)).size > limits.sameTextPerHour)
      faults.push(`same text at ${messageId}`);
  }
  for (const [index, { turn, at, lane, messageId, conversationId }] of mine.entries()) {
    if (turn === null) continue;
    const intent = intents.get(messageId);
    const before = mine[index - 1];
    if (turn.typingFrom < (before?.at ?? input.now)) faults.push(`typed at once: ${messageId}`);
    if (turn.readAt !== null && turn.readAt > turn.typingFrom) faults.push(`typed before reading: ${messageId}`);
    if (at - turn.typingFrom < 500) faults.push(`no typing: ${messageId}`);
    if (turn.typingFrom < Math.max(intent?.sendAt ?? 0, intent?.retryAt ?? 0)) faults.push(`too early: ${messageId}`);
    if (at > (intent?.expiresAt ?? Infinity)) faults.push(`too late: ${messageId}`);
    for (const limit of input.standing.limits) {
      const closes =
        limit.scope === 'account' ||
        (limit.scope === 'chat' && limit.conversationId === conversationId) ||
        (limit.scope === 'new_chats' && input.history.chats.get(conversationId)?.isKnown !== true);
      if (closes && turn.typingFrom < limit.until) faults.push(`against the network: ${messageId}`);
    }
    if (isOwn(lane)) faults.push(...ownFaults(input, all, { turn, at, messageId, conversationId }));
  }
  faults.push(...orderFaults(mine, intents));
  return faults;
}

function ownFaults(
  input: PlanInput,
  all: readonly Sent[],
  { turn, at, messageId, conversationId }: { turn: PlannedTurn; at: number; messageId: string; conversationId: string },
): string[] {
  const { quietHours, timeZone, limits } = input.rules;
  const faults: string[] = [];
  for (const moment of [turn.typingFrom, at]) {
    const minutes = wallMinutes(timeZone, moment);
    const { from, to } = quietHours;
    const isQuiet = from < to ? minutes >= from && minutes < to : from > to && (minutes >= from || minutes < to);
    // The last message of a day may end with the minute in which the quiet hours begin.
    if (isQuiet && wallMinutes(timeZone, moment - 1) !== from - 1) faults.push(`in quiet hours: ${messageId}`);
  }
  const earlier = all.filter((each) => each.conversationId === conversationId && each.at < at);
  const lastOwn = earlier.findLast((each) => isOwn(each.lane));
  if (lastOwn !== undefined && turn.typingFrom < lastOwn.at + limits.chatCoolDownSeconds * SECOND)
    faults.push(`no cool-down: ${messageId}`);
  const facts = input.history.chats.get(conversationId);
  const unanswered = (facts?.unanswered ?? 0) + earlier.filter((each) => each.turn !== null && isOwn(each.lane)).length;
  const isReleased = input.intents.find((intent) => intent.messageId === messageId)?.review === 'released';
  if (unanswered >= limits.unansweredInARow && !isReleased) faults.push(`third without an answer: ${messageId}`);
  return faults;
}

/** Within a conversation, talk keeps its order and so does the rest; a warning passes, and an answer what a limit holds. */
function orderFaults(mine: readonly Sent[], intents: ReadonlyMap<string, Intent>): string[] {
  const faults: string[] = [];
  const lines = new Map<string, Sent[]>();
  for (const sent of mine) lines.set(sent.conversationId, [...(lines.get(sent.conversationId) ?? []), sent]);
  const place = new Map([...intents.keys()].map((id, index) => [id, index]));
  const due = (intent: Intent): number => Math.max(intent.queuedAt, intent.sendAt ?? 0);
  for (const line of lines.values()) {
    for (const [index, later] of line.entries()) {
      for (const earlier of line.slice(0, index)) {
        const [one, other] = [intents.get(earlier.messageId), intents.get(later.messageId)];
        if (one === undefined || other === undefined) continue;
        const isChanged =
          due(one) > due(other) ||
          (due(one) === due(other) && (place.get(one.messageId) ?? 0) > (place.get(other.messageId) ?? 0));
        const stepsAside =
          isOwn(later.lane) && (earlier.lane === 'safety' || (earlier.lane === 'reply' && later.turn?.heldBy !== null));
        if (isChanged && !stepsAside) faults.push(`${earlier.messageId} before ${later.messageId}`);
      }
    }
  }
  return faults;
}

function sentOf(input: PlanInput, planned: readonly PlannedSend[], intents: ReadonlyMap<string, Intent>): Sent[] {
  const opened = new Set<string>();
  const log = input.history.sends.map((entry) => ({ ...entry, turn: null }));
  const turns = planned
    .filter((each) => each.do === 'send')
    .map((turn) => {
      const { messageId, conversationId, sendAt: at, lane } = turn;
      const facts = input.history.chats.get(conversationId);
      const opensChat = facts?.isKnown !== true && facts?.isOpened !== true && !opened.has(conversationId);
      opened.add(conversationId);
      return { messageId, conversationId, at, lane, opensChat, textKey: intents.get(messageId)?.textKey ?? null, turn };
    });
  return [...log, ...turns];
}
