import { drawKey } from './keyed-draws.ts';
import { isTalk } from './lanes.ts';
import type { PropertyHours } from './property-hours.ts';
import { RestBook } from './rest-book.ts';
import type { Rules } from './rules.ts';
import { SendTimes } from './send-times.ts';
import type { SendLogEntry } from './types.ts';

const HOUR_MS = 60 * 60_000;
/** How much longer the gaps become as the hour's budget runs out, so that a long queue flows and does not come in bursts. */
const STRETCH_AT_LIMIT = 6;

export type LedgerSend = Pick<SendLogEntry, 'conversationId' | 'lane' | 'opensChat'> &
  Partial<Pick<SendLogEntry, 'isAnswered'>>;

/** What an account has sent, and what follows from it for the next message. First read out of the log, then led on by the plan. */
export class AccountLedger {
  readonly all = new SendTimes();
  readonly own = new SendTimes();
  readonly openings = new SendTimes();
  /** Those of them that nobody has answered. */
  readonly unanswered = new SendTimes();
  readonly rest = new RestBook();
  readonly #rules: Rules;
  readonly #hours: PropertyHours;
  /** The chat that is open on the desk's screen. */
  #openChat: string | null = null;
  #stretch = 1;
  #repliesSinceOwn = 0;

  constructor(deps: { rules: Rules; hours: PropertyHours }) {
    this.#rules = deps.rules;
    this.#hours = deps.hours;
  }

  /** `log` is ordered; what lies after `now` was written by a clock that has been set back since. */
  static read(
    log: readonly SendLogEntry[],
    now: number,
    deps: { rules: Rules; hours: PropertyHours; seed: number },
  ): AccountLedger {
    const ledger = new AccountLedger(deps);
    for (const entry of log) ledger.record(entry, Math.min(entry.at, now), drawKey(deps.seed, entry.messageId));
    return ledger;
  }

  get openChat(): string | null {
    return this.#openChat;
  }

  /** How many times longer than at the best hour the hotel waits between two messages of its own. */
  get stretch(): number {
    return this.#stretch;
  }

  get repliesSinceOwn(): number {
    return this.#repliesSinceOwn;
  }

  /** `key` is the message's `drawKey`. Not before the last one. */
  record({ conversationId, lane, opensChat, isAnswered = false }: LedgerSend, at: number, key: number): void {
    this.all.push(at);
    this.rest.record(at, key);
    this.#openChat = conversationId;
    if (opensChat) this.openings.push(at);
    if (opensChat && !isAnswered) this.unanswered.push(at);
    if (isTalk(lane)) {
      if (lane === 'reply') this.#repliesSinceOwn += 1;
      return;
    }
    this.#repliesSinceOwn = 0;
    this.own.push(at);
    this.#stretch = this.#stretchAt(at);
  }

  #stretchAt(at: number): number {
    const used = this.own.countAfter(at - HOUR_MS) / Math.max(1, this.#rules.limits.ownPerHour);
    return (1 + STRETCH_AT_LIMIT * used * used) / this.#hours.weightAt(at);
  }
}
