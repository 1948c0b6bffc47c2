import { isTalk } from '../../src/engine/pacing/lanes.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import type { ChatFacts, Lane } from '../../src/engine/pacing/types.ts';
import type { ZoneTime } from '../../src/engine/pacing/zone-time.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** How long a first word may still be answered before it counts as silence. */
const TIME_TO_ANSWER_MS = 4 * HOUR_MS;
/** What of the own budgets a lane may use, and after how long all of it: docs/guides/pacing.md. */
const SHARES: Readonly<Partial<Record<Lane, { readonly young: number; readonly allAfterMs: number }>>> = {
  scheduled: { young: 0.75, allAfterMs: 4 * HOUR_MS },
  promotional: { young: 0.4, allAfterMs: 24 * HOUR_MS },
};

interface Left {
  readonly conversationId: string;
  readonly at: number;
  readonly lane: Lane;
  readonly opensChat: boolean;
}

interface Waiting {
  readonly lane: Lane;
  readonly overdueAt: number;
  readonly opensChat: boolean;
  readonly after: number;
  readonly by: number;
  readonly factsOf: (conversationId: string) => ChatFacts;
}

/** From when on the stated limits let one more message go. Each is counted the plain way, from what has left. */
export class OpenTimes {
  readonly #rules: Rules;
  readonly #zone: ZoneTime;
  readonly #bornAt: number;
  readonly #all: number[] = [];
  readonly #own: number[] = [];
  readonly #openings: number[] = [];
  readonly #opened: string[] = [];

  constructor(deps: { readonly rules: Rules; readonly zone: ZoneTime; readonly bornAt: number }) {
    this.#rules = deps.rules;
    this.#zone = deps.zone;
    this.#bornAt = deps.bornAt;
  }

  record({ conversationId, at, lane, opensChat }: Left): void {
    this.#all.push(at);
    if (!isTalk(lane)) this.#own.push(at);
    if (!opensChat) return;
    this.#openings.push(at);
    this.#opened.push(conversationId);
  }

  /** The quiet hours apart. `after`: not before, for reasons of its own. `by`: when it did go; what lies after it does not matter. */
  opensAt(message: Waiting): number {
    const share = SHARES[message.lane];
    if (share === undefined) return this.#opensAt(message, 1);
    const isOldAt = message.overdueAt + share.allAfterMs;
    return Math.min(this.#opensAt(message, share.young), Math.max(isOldAt, this.#opensAt(message, 1)));
  }

  #opensAt({ opensChat, after, by, factsOf }: Waiting, part: number): number {
    const { limits } = this.#rules;
    const partOf = (limit: number): number => Math.max(1, Math.floor(limit * part));
    const weekly = (young: readonly number[], old: number, at: number): number =>
      young[Math.max(0, Math.floor((at - this.#bornAt) / WEEK_MS))] ?? old;
    const perDay = (at: number): number =>
      partOf(weekly([limits.ownWeek1, limits.ownWeek2, limits.ownWeek3], limits.ownPerDay, at));
    const newPerDay = (at: number): number =>
      weekly([limits.newChatsWeek1, limits.newChatsWeek2, limits.newChatsWeek3], limits.newChatsLater, at);
    const ends = [
      after,
      this.#all.at(-1) ?? -Infinity,
      windowEnd(this.#all, limits.accountPerMinute, MINUTE_MS),
      windowEnd(this.#all, limits.accountPerHour, HOUR_MS),
      windowEnd(this.#all, limits.accountPerDay, DAY_MS),
      windowEnd(this.#own, partOf(limits.ownPerHour), HOUR_MS),
      this.#byAge(this.#own, perDay, by),
    ];
    if (!opensChat) return Math.max(...ends);
    const gapEnds = (this.#openings.at(-1) ?? -Infinity) + limits.newChatGapSeconds * SECOND_MS;
    return Math.max(...ends, gapEnds, this.#byAge(this.#openings, newPerDay, by), this.#toldAt(factsOf));
  }

  /** When so many of the latest first words have been answered, or have had their time, that there is room for one more. */
  #toldAt(factsOf: Waiting['factsOf']): number {
    const recent = 4 * this.#rules.limits.newChatsUntold;
    const toldAt = this.#openings.slice(-recent).map((at, index) => {
      const { lastInboundAt } = factsOf(this.#opened.slice(-recent)[index] ?? '');
      const isAnswered = lastInboundAt !== null && lastInboundAt > at;
      return isAnswered ? Math.min(at + TIME_TO_ANSWER_MS, lastInboundAt) : at + TIME_TO_ANSWER_MS;
    });
    toldAt.sort((one, other) => one - other);
    // Half is what holds before new guests have been judged; later it is all, so this is never too early.
    return windowEnd(toldAt, Math.ceil(this.#rules.limits.newChatsUntold / 2), 0);
  }

  /** How much of the time from `since` to `until` is not quiet; ms. */
  openMs(since: number, until: number): number {
    const { from, to } = this.#rules.quietHours;
    let openMs = 0;
    for (let day = this.#zone.dayAt(since); day <= this.#zone.dayAt(until); day += 1) {
      const opens = Math.max(since, this.#zone.instantOf(day, to, 'last'));
      const closes = Math.min(until, this.#zone.instantOf(day, from, 'first'));
      openMs += Math.max(0, closes - opens);
    }
    return openMs;
  }

  /** A limit of 24 hours that grows with the weeks of the number: by the week before, or from the new week on. */
  #byAge(times: readonly number[], limitAt: (at: number) => number, by: number): number {
    const weekBegan = this.#bornAt + Math.floor((by - this.#bornAt) / WEEK_MS) * WEEK_MS;
    const before = windowEnd(times, limitAt(weekBegan - 1), DAY_MS);
    return Math.min(before, Math.max(weekBegan, windowEnd(times, limitAt(by), DAY_MS)));
  }
}

/** When a window has room for one more. */
function windowEnd(times: readonly number[], limit: number, windowMs: number): number {
  return (times[times.length - limit] ?? -Infinity) + windowMs;
}
