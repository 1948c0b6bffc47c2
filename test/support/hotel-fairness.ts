import { toTimestamp } from '../../src/core/clock.ts';
import { latenessTime } from '../../src/engine/pacing/human-times.ts';
import { dueAtOf, isTalk, laneOf, overdueAt } from '../../src/engine/pacing/lanes.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import type { ChatFacts, Hold, HoldRule, Intent, Lane, PlannedTurn } from '../../src/engine/pacing/types.ts';
import { lanes } from '../../src/engine/pacing/types.ts';
import type { ZoneTime } from '../../src/engine/pacing/zone-time.ts';
import { isFirstWord } from './hotel-log.ts';
import { OpenTimes } from './hotel-open-times.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/**
 * The desk may be idle for this long while something could go: a gap of three minutes at most, drawn out up to twelve times as the hour's
 * budget runs out at an hour in which little is done, a rest, the morning's quarter of an hour, and until it is planned anew.
 */
const LONGEST_IDLE_MS = 60 * MINUTE_MS;
/** Nobody waits with a finger on the key for a limit to end: whose limit has ended just now is not passed yet. */
const LATE_MS = latenessTime.capMs;
/** A long text is not begun so shortly before the quiet hours; a short one is. */
const LAST_MINUTES_MS = 2 * MINUTE_MS;
/** Rules about how the account stands, whose ends only the planner knows. */
const STANDING_RULES: ReadonlySet<string> = new Set(['reply_ratio', 'opt_outs', 'undelivered', 'new_chats_closed']);

/** What is known at a hotel when a message of its own leaves. */
export interface Leaving {
  readonly intent: Intent;
  readonly turn: Pick<PlannedTurn, 'lane' | 'readAt' | 'typingFrom' | 'sendAt'>;
  /** All else that waits, without what is held for a person. */
  readonly waiting: () => Iterable<Intent>;
  readonly factsOf: (conversationId: string) => ChatFacts;
}

/**
 * Watches that no message is left behind. It reads the limits as people do and knows nothing of how the planner works. Two things
 * together mean that each message waits for stated limits and for those who came before it, and for nothing else: whoever is overdue
 * is passed by nobody of the same lane or a lower one who came later, and the desk is not idle while something may go.
 */
export class HotelFairness {
  /** What went wrong, in words. */
  readonly faults: string[] = [];
  readonly idles: number[] = [];
  readonly #open: OpenTimes;
  readonly #zone: ZoneTime;
  readonly #rules: Rules;
  readonly #rulesOf = new Map<string, HoldRule>();
  /** Those that are, by the last plan, first words to guests who never wrote. */
  readonly #firstWords = new Set<string>();
  /** Until when the account's standing was against it. */
  readonly #closedUntil = new Map<string, number>();
  readonly #lastAt = new Map<string, number>();
  readonly #lastOwnAt = new Map<string, number>();

  constructor(deps: { readonly rules: Rules; readonly zone: ZoneTime; readonly bornAt: number }) {
    this.#open = new OpenTimes(deps);
    this.#zone = deps.zone;
    this.#rules = deps.rules;
  }

  /**
   * What a plan says of a message that waits. First words also wait for how guests answer, which ends with a day: then the night is
   * what is told.
   */
  planned(messageId: string, hold: Hold | null, now: number, opensChat = false): void {
    if (hold !== null) this.#rulesOf.set(messageId, hold.rule);
    const closedUntil = this.#closedUntil.get(messageId) ?? -Infinity;
    const isTold = hold !== null && opensChat && hold.rule === 'quiet_hours';
    if (hold !== null && (hold.until === null || isTold || STANDING_RULES.has(hold.rule)))
      this.#closedUntil.set(messageId, hold.until ?? Infinity);
    else if (closedUntil > now) this.#closedUntil.set(messageId, now);
    if (opensChat) this.#firstWords.add(messageId);
    // The guest has written meanwhile: from now on it has other limits.
    else if (this.#firstWords.delete(messageId)) this.#closedUntil.set(messageId, now);
  }

  /** The limit that held it back last. */
  ruleOf(messageId: string): HoldRule | null {
    return this.#rulesOf.get(messageId) ?? null;
  }

  /** A message leaves; called before it is in the log. */
  leaves(leaving: Leaving): void {
    const { intent, turn, factsOf } = leaving;
    const { lane } = turn;
    const facts = factsOf(intent.conversationId);
    const opensChat = isFirstWord(facts);
    if (!isTalk(lane)) {
      this.#checkIdle(leaving, opensChat);
      this.#checkOrder(leaving, opensChat);
      this.#lastOwnAt.set(intent.conversationId, turn.sendAt);
    }
    this.#lastAt.set(intent.conversationId, turn.sendAt);
    this.#open.record({ conversationId: intent.conversationId, at: turn.sendAt, lane, opensChat });
  }

  #checkIdle({ intent, turn, factsOf }: Leaving, opensChat: boolean): void {
    const begunAt = turn.readAt ?? turn.typingFrom;
    const idleMs = this.#open.openMs(this.#couldGoAt(intent, turn.lane, opensChat, begunAt, factsOf), begunAt);
    this.idles.push(idleMs);
    if (idleMs > LONGEST_IDLE_MS)
      this.faults.push(
        `${turn.lane} ${intent.messageId} could have gone ${Math.round(idleMs / MINUTE_MS)} min before ${toTimestamp(begunAt)}`,
      );
  }

  #checkOrder({ intent, turn, waiting, factsOf }: Leaving, opensChat: boolean): void {
    const begunAt = turn.readAt ?? turn.typingFrom;
    if (this.#isLate(begunAt)) return;
    const heads = new Map<string, Intent>();
    for (const each of waiting()) {
      // What comes before an answer in the same conversation goes out with it.
      if (each.conversationId === intent.conversationId && each.purpose === 'reply') return;
      const head = heads.get(each.conversationId);
      if (head === undefined || dueAtOf(each) < dueAtOf(head)) heads.set(each.conversationId, each);
    }
    heads.delete(intent.conversationId);
    for (const [conversationId, head] of heads) {
      const facts = factsOf(conversationId);
      const lane = laneOf(head, facts, begunAt);
      if (isTalk(lane) || lanes.indexOf(turn.lane) < lanes.indexOf(lane)) continue;
      if (overdueAt(head, lane) >= dueAtOf(intent)) continue;
      // First words have limits of their own, some of them by how guests answer.
      if (isFirstWord(facts) && !opensChat) continue;
      if (this.#couldGoAt(head, lane, isFirstWord(facts), begunAt, factsOf) > begunAt - LATE_MS) continue;
      this.faults.push(
        `${lane} ${head.messageId} is passed by ${turn.lane} ${intent.messageId} at ${toTimestamp(begunAt)}`,
      );
      return;
    }
  }

  /** From when on no stated limit was against it; `by`: a time by which it is asked. */
  #couldGoAt(
    intent: Intent,
    lane: Lane,
    opensChat: boolean,
    by: number,
    factsOf: (conversationId: string) => ChatFacts,
  ): number {
    const closedUntil = Math.min(by, this.#closedUntil.get(intent.messageId) ?? -Infinity);
    const after = Math.max(dueAtOf(intent), this.#restsUntil(intent.conversationId), closedUntil);
    return this.#open.opensAt({ lane, overdueAt: overdueAt(intent, lane), opensChat, after, by, factsOf });
  }

  /** Pauses in one conversation. */
  #restsUntil(conversationId: string): number {
    const { chatGapSeconds, chatCoolDownSeconds } = this.#rules.limits;
    return Math.max(
      (this.#lastAt.get(conversationId) ?? -Infinity) + chatGapSeconds * SECOND_MS,
      (this.#lastOwnAt.get(conversationId) ?? -Infinity) + chatCoolDownSeconds * SECOND_MS,
    );
  }

  /** Shortly before the quiet hours. */
  #isLate(at: number): boolean {
    const closesAt = this.#zone.instantOf(this.#zone.dayAt(at), this.#rules.quietHours.from, 'first');
    return at > closesAt - LAST_MINUTES_MS;
  }
}
