import { Latest } from './latest.ts';
import type { QueuedItem } from './queue-line.ts';
import type { PaceRule } from './types.ts';

/** What each message waits for in its conversation, by its place in the queue. In columns: thousands of objects would be copied around. */
export class Waits {
  readonly #at: Float64Array;
  readonly #until: Float64Array;
  readonly #rules: PaceRule[];
  readonly #read = new Latest(0, 'human');

  constructor(messages: number) {
    this.#at = new Float64Array(messages);
    this.#until = new Float64Array(messages);
    // Filled from the beginning: a list that is written in no order turns into a slow one.
    this.#rules = Array.from({ length: messages }, () => 'human');
  }

  write({ order }: QueuedItem, { at, rule, until }: Latest): void {
    this.#at[order] = at;
    this.#until[order] = until;
    this.#rules[order] = rule;
  }

  endOf({ order }: QueuedItem): number {
    return this.#at[order] ?? 0;
  }

  /** Holds until the next one is read. */
  read({ order }: QueuedItem): Latest {
    return this.#read
      .reset(-Infinity, 'human')
      .take(this.#at[order] ?? 0, this.#rules[order] ?? 'human', this.#until[order]);
  }
}
