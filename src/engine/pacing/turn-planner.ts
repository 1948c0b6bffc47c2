import type { AccountLedger } from './account-ledger.ts';
import { ownGapTime, turnGapTime } from './human-times.ts';
import type { Latest } from './latest.ts';
import type { OwnGates } from './own-gates.ts';
import type { QueuedItem } from './queue-line.ts';
import type { Rules } from './rules.ts';
import type { PersonTimes } from './turn-times.ts';

const MINUTE_MS = 60_000;

/** When a turn can begin: limits first, then what a person needs between two guests. */
export class TurnPlanner {
  readonly #rules: Rules;
  readonly #ledger: AccountLedger;
  readonly #gates: OwnGates;
  readonly #person: PersonTimes;

  constructor(deps: { rules: Rules; ledger: AccountLedger; gates: OwnGates; person: PersonTimes }) {
    this.#rules = deps.rules;
    this.#ledger = deps.ledger;
    this.#gates = deps.gates;
    this.#person = deps.person;
  }

  /** For guests who wait: no budget but what a person can do in a minute. Rests are interrupted for them. Written into `start`. */
  talkStart(item: QueuedItem, at: number, start: Latest): Latest {
    const { accountPerMinute, safetyPerMinute } = this.#rules.limits;
    const most = item.lane === 'safety' ? safetyPerMinute : accountPerMinute;
    start.reset(at, 'queue').take(this.#ledger.all.opensAt(most, MINUTE_MS), 'account_minute');
    return this.#takeTurnGap(start, item);
  }

  /** When the account's limits let a message of the hotel's own go, `at` or later. Written into `end`. */
  limitsEndAt(item: QueuedItem, at: number, end: Latest): Latest {
    this.#gates.takeBudgets(end.reset(at, 'queue'), item, at);
    this.#gates.takeQuietHours(end, item);
    return end;
  }

  /** No message of the hotel's own can begin before, whatever is drawn for it, as far as a person goes. */
  earliestOwnStart(at: number): number {
    const { own, stretch, rest } = this.#ledger;
    return Math.max(at, rest.restUntil, own.last + ownGapTime.floorMs * stretch);
  }

  /** The same with the limits that hold for all of them. */
  earliestWithinLimits(at: number): number {
    return this.#gates.earliest(this.earliestOwnStart(at));
  }

  /** When somebody would begin with it: after the gap, and rested. Written into `start`. */
  ownStart(item: QueuedItem, limits: Latest, start: Latest): Latest {
    const { own, stretch, rest } = this.#ledger;
    start.copy(limits);
    start.take(own.last + this.#person.ownGapMs(item) * stretch, 'guest_gap');
    start.take(rest.restUntil, 'rest');
    this.#takeTurnGap(start, item);
    this.#gates.takeQuietHours(start, item);
    return start;
  }

  #takeTurnGap(start: Latest, item: QueuedItem): Latest {
    const { all, openChat } = this.#ledger;
    // Mostly so long ago that nothing need be drawn.
    if (all.last + turnGapTime.capMs <= start.at || openChat === item.line.conversationId) return start;
    return start.take(all.last + this.#person.turnGapMs(item), 'guest_gap');
  }
}
