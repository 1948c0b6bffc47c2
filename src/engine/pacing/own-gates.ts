import type { AccountLedger } from './account-ledger.ts';
import { isRatioLow } from './brakes.ts';
import { LONGEST_WRITING_MS, latenessTime } from './human-times.ts';
import { shareOf } from './lanes.ts';
import { Latest } from './latest.ts';
import { quotaOpensAt } from './new-chat-quota.ts';
import { isWarm, newChatsPerDay, opensByAge, ownPerDay, TIME_TO_ANSWER_MS, untoldLimit } from './new-chats.ts';
import type { PropertyHours } from './property-hours.ts';
import type { QueuedItem } from './queue-line.ts';
import type { Rules } from './rules.ts';
import type { PersonTimes } from './turn-times.ts';
import type { History, PaceRule, Standing } from './types.ts';
import { undeliveredUntil } from './undelivered.ts';

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
  readonly #untoldLimit: number;
  readonly #undeliveredUntil: number;
  /** Beyond its warm-up already now, so also at any time of the plan. */
  readonly #isWarm: boolean;
  /** How many had been sent when the times below were reckoned. */
  #reckonedAt = -1;
  #minuteOpens = -Infinity;
  readonly #accountOpens = new Latest(-Infinity, 'queue');
  /** Every budget whose end people are late for, for those that may use all of each. */
  readonly #allOpen = new Latest(-Infinity, 'queue');

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
    this.#isWarm = isWarm(deps.standing.bornAt, deps.now);
    this.#isRatioLow = isRatioLow(deps.history.sends, deps.now, deps.rules);
    this.#untoldLimit = untoldLimit(deps.history.sends, deps.now, deps.rules.limits);
    this.#undeliveredUntil =
      deps.standing.tellsDelivery === true
        ? undeliveredUntil(deps.history.sends, deps.now, deps.rules.limits.undeliveredPerHundred)
        : -Infinity;
  }

  /** Moves `latest` to when every budget has room. `at` is the time of the decision: messages that have aged may use more. */
  takeBudgets(latest: Latest, item: QueuedItem, at: number): void {
    const { limits } = this.#rules;
    const { all, own } = this.#ledger;
    const share = shareOf(item.lane, at - item.overdueAt);
    if (all.count !== this.#reckonedAt) this.#reckonAccount();
    latest.take(this.#minuteOpens, 'account_minute');
    // Most numbers are old and most of a long queue has aged, and this is asked for each message many times.
    if (share === 1 && this.#isWarm) this.#takeLate(latest, item, this.#allOpen.at, this.#allOpen.rule);
    else {
      this.#takeLate(latest, item, own.opensAt(partOf(limits.ownPerHour, share), HOUR_MS), 'own_hour');
      this.#takeLate(latest, item, this.#ownDayOpensAt(latest.at, share), 'own_day');
      this.#takeLate(latest, item, this.#accountOpens.at, this.#accountOpens.rule);
    }
    if (item.line.isOpening) this.#takeNewChats(latest, item);
  }

  /** Moves `latest` out of the quiet hours, and to the next morning where the message would not be out before they begin. */
  takeQuietHours(latest: Latest, item: QueuedItem): void {
    if (latest.at === Infinity) return;
    const stretch = this.#hours.openStretch(latest.at);
    latest.take(stretch.begins, 'quiet_hours', stretch.from);
    // Mostly there is time enough for any message.
    if (latest.at + LONGEST_WRITING_MS <= stretch.until) return;
    if (latest.at + this.#person.writingMs(item) <= stretch.until) return;
    const next = this.#hours.openStretch(stretch.until);
    latest.take(next.begins, 'quiet_hours', next.from);
  }

  /** No message of the hotel's own can begin before, whatever its kind; `at` or later. */
  earliest(at: number): number {
    if (this.#ledger.all.count !== this.#reckonedAt) this.#reckonAccount();
    const opens = Math.max(at, this.#minuteOpens, this.#allOpen.at);
    return opens === Infinity ? opens : Math.max(opens, this.#hours.openStretch(opens).begins);
  }

  /** What is the same for the whole queue: once after each message. */
  #reckonAccount(): void {
    const { limits } = this.#rules;
    const { all, own } = this.#ledger;
    this.#minuteOpens = all.opensAt(limits.accountPerMinute, MINUTE_MS);
    this.#accountOpens
      .reset(all.opensAt(limits.accountPerHour, HOUR_MS), 'account_hour')
      .take(all.opensAt(limits.accountPerDay, DAY_MS), 'account_day');
    this.#allOpen
      .reset(own.opensAt(partOf(limits.ownPerHour, 1), HOUR_MS), 'own_hour')
      .take(own.opensAt(partOf(limits.ownPerDay, 1), DAY_MS), 'own_day')
      .take(this.#accountOpens.at, this.#accountOpens.rule);
    this.#reckonedAt = all.count;
  }

  #ownDayOpensAt(from: number, share: number): number {
    const { limits } = this.#rules;
    const { own } = this.#ledger;
    const { bornAt } = this.#standing;
    // Most numbers are old, and this is asked for each message of the queue.
    if (isWarm(bornAt, from)) return own.opensAt(partOf(limits.ownPerDay, share), DAY_MS);
    return opensByAge(own, (time) => partOf(ownPerDay(limits, bornAt, time), share), bornAt, from);
  }

  #newChatsOpenAt(from: number): number {
    const { limits } = this.#rules;
    const { openings } = this.#ledger;
    const { bornAt } = this.#standing;
    if (this.#isWarm) return openings.opensAt(limits.newChatsLater, DAY_MS);
    return opensByAge(openings, (time) => newChatsPerDay(limits, bornAt, time), bornAt, from);
  }

  #takeNewChats(latest: Latest, item: QueuedItem): void {
    const { limits } = this.#rules;
    const { openings, unanswered } = this.#ledger;
    const last = openings.last;
    // With the lateness that people have: gaps that are all as long as the limit are a machine's.
    this.#takeLate(latest, item, last + limits.newChatGapSeconds * SECOND_MS, 'new_chat_gap');
    const opens = this.#newChatsOpenAt(latest.at);
    if (opens > latest.at) this.#takeLate(latest, item, opens, 'new_chats_day');
    this.#takeLate(latest, item, unanswered.opensAt(this.#untoldLimit, TIME_TO_ANSWER_MS), 'reply_ratio');
    this.#takeLate(latest, item, this.#undeliveredUntil, 'undelivered');
    const { quota = null } = this.#standing;
    if (quota !== null) this.#takeLate(latest, item, quotaOpensAt(openings, quota, limits), 'new_chats_quota');
    if (latest.at === Infinity) return;
    if (!this.#isRatioLow && this.#optOuts.length < limits.optOutsPerDay) return;
    const day = this.#hours.dayOf(latest.at);
    // The first of a day goes out also then: without it the ratio could never get better.
    if (this.#isRatioLow && last >= day.from) latest.take(day.until, 'reply_ratio');
    if (this.#optOuts.length < limits.optOutsPerDay) return;
    const optOuts = this.#optOuts.filter((at) => at >= day.from && at < day.until).length;
    if (optOuts >= limits.optOutsPerDay) latest.take(day.until, 'opt_outs');
  }

  #takeLate(latest: Latest, item: QueuedItem, opens: number, rule: PaceRule): void {
    if (opens + latenessTime.capMs <= latest.at) return;
    latest.take(opens + this.#person.latenessMs(item), rule, opens);
  }
}

/** At least one, unless none is allowed. */
function partOf(limit: number, share: number): number {
  return limit <= 0 ? 0 : Math.max(1, Math.floor(limit * share));
}
