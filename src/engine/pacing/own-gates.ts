import type { AccountLedger } from './account-ledger.ts';
import { latenessTime } from './human-times.ts';
import { shareOf } from './lanes.ts';
import type { Latest } from './latest.ts';
import { isWarm, newChatRatio, newChatsPerDay, opensByAge, ownPerDay, replyRatio } from './new-chats.ts';
import type { PropertyHours } from './property-hours.ts';
import type { QueuedItem } from './queue-line.ts';
import { isOpening } from './queue-line.ts';
import type { Rules } from './rules.ts';
import type { PersonTimes } from './turn-times.ts';
import type { History, Standing } from './types.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What stands against a message of the hotel's own as far as the account is concerned. Reads the ledger, changes nothing. */
export class OwnGates {
  readonly #rules: Rules;
  readonly #hours: PropertyHours;
  readonly #ledger: AccountLedger;
  readonly #person: PersonTimes;
  readonly #standing: Standing;
  readonly #optOuts: readonly number[];
  readonly #isRatioLow: boolean;

  constructor(deps: {
    rules: Rules;
    hours: PropertyHours;
    ledger: AccountLedger;
    person: PersonTimes;
    standing: Standing;
    history: History;
    now: number;
  }) {
    this.#rules = deps.rules;
    this.#hours = deps.hours;
    this.#ledger = deps.ledger;
    this.#person = deps.person;
    this.#standing = deps.standing;
    this.#optOuts = deps.history.optOuts;
    const ratio = replyRatio(deps.history.sends, deps.now);
    const { replyRatioPercent, newChatRatioPercent } = deps.rules.limits;
    const ofNewChats = newChatRatio(deps.history.sends, deps.now);
    this.#isRatioLow =
      (ratio !== null && 100 * ratio < replyRatioPercent) ||
      (ofNewChats !== null && 100 * ofNewChats < newChatRatioPercent);
  }

  /** Moves `latest` to when every budget has room. `at` is the time of the decision: messages that have aged may use more. */
  takeBudgets(latest: Latest, item: QueuedItem, at: number): void {
    const { limits } = this.#rules;
    const { all, own } = this.#ledger;
    const share = shareOf(item.lane, at - item.overdueAt);
    latest.take(all.opensAt(limits.accountPerMinute, MINUTE_MS), 'account_minute');
    this.#takeLate(latest, item, own.opensAt(partOf(limits.ownPerHour, share), HOUR_MS), 'own_hour');
    this.#takeLate(latest, item, this.#ownDayOpensAt(latest.at, share), 'own_day');
    this.#takeLate(latest, item, all.opensAt(limits.accountPerHour, HOUR_MS), 'account_hour');
    this.#takeLate(latest, item, all.opensAt(limits.accountPerDay, DAY_MS), 'account_day');
    if (isOpening(item)) this.#takeNewChats(latest, item);
  }

  /** Moves `latest` out of the quiet hours, and to the next morning where the message would not be out before they begin. */
  takeQuietHours(latest: Latest, takesMs: number): void {
    if (latest.at === Infinity) return;
    const stretch = this.#hours.openStretch(latest.at);
    latest.take(stretch.begins, 'quiet_hours', stretch.from);
    if (latest.at + takesMs <= stretch.until) return;
    const next = this.#hours.openStretch(stretch.until);
    latest.take(next.begins, 'quiet_hours', next.from);
  }

  #ownDayOpensAt(from: number, share: number): number {
    const { limits } = this.#rules;
    const { own } = this.#ledger;
    const { bornAt } = this.#standing;
    // Most numbers are old, and this is asked for each message of the queue.
    if (isWarm(bornAt, from)) return own.opensAt(partOf(limits.ownPerDay, share), DAY_MS);
    return opensByAge(own, (time) => partOf(ownPerDay(limits, bornAt, time), share), bornAt, from);
  }

  #takeNewChats(latest: Latest, item: QueuedItem): void {
    const { limits } = this.#rules;
    const { openings } = this.#ledger;
    const last = openings.last;
    // With the lateness that people have: gaps that are all as long as the limit are a machine's.
    if (last !== null) this.#takeLate(latest, item, last + limits.newChatGapSeconds * SECOND_MS, 'new_chat_gap');
    const { bornAt } = this.#standing;
    const opens = opensByAge(openings, (time) => newChatsPerDay(limits, bornAt, time), bornAt, latest.at);
    if (opens > latest.at) this.#takeLate(latest, item, opens, 'new_chats_day');
    if (latest.at === Infinity) return;
    const day = this.#hours.dayOf(latest.at);
    // The first of a day goes out also then: without it the ratio could never get better.
    if (this.#isRatioLow && last !== null && last >= day.from) latest.take(day.until, 'reply_ratio');
    if (this.#optOuts.length < limits.optOutsPerDay) return;
    const optOuts = this.#optOuts.filter((at) => at >= day.from && at < day.until).length;
    if (optOuts >= limits.optOutsPerDay) latest.take(day.until, 'opt_outs');
  }

  #takeLate(
    latest: Latest,
    item: QueuedItem,
    opens: number,
    rule: 'own_hour' | 'own_day' | 'account_hour' | 'account_day' | 'new_chat_gap' | 'new_chats_day',
  ): void {
    if (opens + latenessTime.capMs <= latest.at) return;
    latest.take(opens + this.#person.latenessMs(item), rule, opens);
  }
}

/** At least one, unless none is allowed. */
function partOf(limit: number, share: number): number {
  return limit <= 0 ? 0 : Math.max(1, Math.floor(limit * share));
}
