import type { Limits } from './limits.ts';
import { newChatsPerDay, ownPerDay } from './new-chats.ts';
import type { Rules } from './rules.ts';
import type { Hold, HoldRule, PaceRule, PlannedSend, Standing } from './types.ts';
import type { DayNumber, ZoneTime } from './zone-time.ts';

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 24 * 60;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Makes holds with their sentences, in the property's own time. The same rule and end are one object. */
export class HoldWriter {
  readonly #zone: ZoneTime;
  readonly #rules: Rules;
  readonly #standing: Standing;
  readonly #now: number;
  #last: Hold | undefined;
  #named: { readonly day: DayNumber; readonly name: string } | undefined;
  readonly #reasons = new Map<HoldRule, string>();

  constructor(deps: { zone: ZoneTime; rules: Rules; standing: Standing; now: number }) {
    this.#zone = deps.zone;
    this.#rules = deps.rules;
    this.#standing = deps.standing;
    this.#now = deps.now;
  }

  write(rule: HoldRule, until: number | null): Hold {
    if (this.#last?.rule === rule && this.#last.until === until) return this.#last;
    // A long plan has thousands of sentences, so they are put together of parts that stand already.
    const end = until === null ? `Held ${endWithoutTime(rule)}` : this.#untilClock(until);
    this.#last = { rule, until, detail: end + this.#reason(rule) };
    return this.#last;
  }

  /** `: the reason.` */
  #reason(rule: HoldRule): string {
    let reason = this.#reasons.get(rule);
    if (reason === undefined) {
      const { limits } = this.#rules;
      const { bornAt } = this.#standing;
      const why = reasonOf(
        rule,
        limits,
        newChatsPerDay(limits, bornAt, this.#now),
        ownPerDay(limits, bornAt, this.#now),
      );
      reason = `: ${why}.`;
      this.#reasons.set(rule, reason);
    }
    return reason;
  }

  /** `Held until 08:00`, or `Held until Sun 22 Nov, 08:00` on another day. */
  #untilClock(at: number): string {
    // Seconds that are left over would make a promise of a minute too early.
    const minutes = Math.ceil(this.#zone.wallAt(at) / MINUTE_MS);
    const day = Math.floor(minutes / MINUTES_A_DAY);
    const time = minutes - day * MINUTES_A_DAY;
    return `${this.#untilDay(day)}${twoDigits(Math.floor(time / 60))}:${twoDigits(time % 60)}`;
  }

  #untilDay(day: DayNumber): string {
    if (day === this.#named?.day) return this.#named.name;
    const date = new Date(day * MINUTES_A_DAY * MINUTE_MS);
    const isToday = day === this.#zone.dayAt(this.#now);
    const name = `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}, `;
    this.#named = { day, name: isToday ? 'Held until ' : `Held until ${name}` };
    return this.#named.name;
  }
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** Why a message is not out yet, in a sentence for staff. */
export function explain(planned: PlannedSend): string {
  switch (planned.do) {
    case 'send':
      return planned.heldBy?.detail ?? turnWords(planned.reason);
    case 'hold':
    case 'closed':
      return planned.heldBy.detail;
    case 'expire':
      return 'Will not be sent: its turn would come after it is of any use.';
  }
}

function turnWords(reason: PaceRule): string {
  switch (reason) {
    case 'send_at':
      return 'Its time, `sendAt`, has not come.';
    case 'retry':
      return 'An attempt has failed; it is tried again.';
    case 'rest':
      return 'Somebody who has sent some messages rests a while.';
    default:
      return 'Waits for its turn.';
  }
}

function endWithoutTime(rule: HoldRule): string {
  switch (rule) {
    case 'unanswered':
      return 'until the guest writes or a person lets it go';
    case 'same_text':
      return 'until a person lets it go';
    case 'temporary_ban':
    case 'banned':
      return 'until a person has dealt with it';
    default:
      return 'by the configuration';
  }
}

function reasonOf(rule: HoldRule, limits: Limits, newChats: number, ownInDay: number): string {
  switch (rule) {
    case 'quiet_hours':
      return 'quiet hours of the property';
    case 'account_minute':
      return `at most ${messages(limits.accountPerMinute)} a minute leave this account`;
    case 'account_hour':
      return `at most ${messages(limits.accountPerHour)} an hour leave this account, and answers to guests come first`;
    case 'account_day':
      return `at most ${messages(limits.accountPerDay)} in 24 hours leave this account, and answers to guests come first`;
    case 'own_hour':
      return `at most ${messages(limits.ownPerHour)} an hour go out that no guest has asked for`;
    case 'own_day':
      return `at most ${messages(ownInDay)} in 24 hours go out that no guest has asked for`;
    case 'chat_cool_down':
      return 'a pause after the last message in this conversation';
    case 'new_chat_gap':
      return `${limits.newChatGapSeconds} seconds lie between two guests who never wrote`;
    case 'new_chats_day':
      return newChats === 0
        ? 'nobody is written to who never wrote to this number'
        : `at most ${newChats} ${newChats === 1 ? 'guest' : 'guests'} in 24 hours who never wrote to this number can be written to`;
    case 'reply_ratio':
      return 'too few new guests have answered so far, so no more of them are written to until then';
    case 'opt_outs':
      return 'guests have asked for no more messages today, so no new guests are written to';
    case 'undelivered':
      return 'too many messages of the last day have never reached their guests, so no new guests are written to';
    case 'new_chats_quota':
      return 'the network has warned that too few new guests answer, so those that it still allows are spread until it counts anew';
    case 'network_limit':
      return 'the network takes no messages from this account here until then';
    case 'new_chats_closed':
      return 'the network does not let this account write to guests who never wrote to it';
    case 'unanswered':
      return `the guest has not answered the last ${limits.unansweredInARow} messages`;
    case 'same_text':
      return `the same text went to ${limits.sameTextPerHour} guests within an hour, or to ${limits.sameTextStrangersPerDay} within a day who never wrote; somebody has to say that it is meant for so many`;
    case 'temporary_ban':
      return 'the network has banned this account for a while; nothing goes out again by itself';
    case 'banned':
      return 'the network has banned this account';
  }
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}
