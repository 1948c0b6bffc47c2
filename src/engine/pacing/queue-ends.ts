import type { AccountPlan } from './account-desk.ts';
import { dueAtOf, isTalk } from './lanes.ts';
import type { Lane } from './types.ts';
import { lanes } from './types.ts';

/** By when what is due has gone: the times at which messages become due, and the last one's time of sending up to there. */
interface Ends {
  readonly dueAt: readonly number[];
  readonly lastAt: readonly number[];
}

/** Behind which of the planned messages a new one will stand: those that are due before it, as urgent or more. */
export class QueueEnds {
  readonly #current: AccountPlan;
  readonly #known = new Map<string, Ends>();

  constructor(current: AccountPlan) {
    this.#current = current;
  }

  /** When the last of them goes that are due at `at`; epoch ms, -Infinity where there are none. First words wait for more than others. */
  behind(lane: Lane, isFirstWord: boolean, at: number): number {
    const name = `${lane} ${String(isFirstWord)}`;
    let ends = this.#known.get(name);
    if (ends === undefined) {
      ends = this.#read(lane, isFirstWord);
      this.#known.set(name, ends);
    }
    let low = 0;
    let high = ends.dueAt.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends.dueAt[middle] ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return ends.lastAt[low - 1] ?? -Infinity;
  }

  #read(lane: Lane, isFirstWord: boolean): Ends {
    const { plan, intents, facts } = this.#current;
    const rank = lanes.indexOf(lane);
    const planned = plan.flatMap((each) => {
      const intent = intents.get(each.messageId);
      if (each.do !== 'send' || intent === undefined || isTalk(each.lane) || lanes.indexOf(each.lane) > rank) return [];
      const isKnown = facts.history.chats.get(each.conversationId)?.isKnown === true;
      return isKnown || isFirstWord ? [{ dueAt: dueAtOf(intent), sendAt: each.sendAt }] : [];
    });
    planned.sort((one, other) => one.dueAt - other.dueAt);
    let last = -Infinity;
    return {
      dueAt: planned.map(({ dueAt }) => dueAt),
      lastAt: planned.map(({ sendAt }) => (last = Math.max(last, sendAt))),
    };
  }
}
