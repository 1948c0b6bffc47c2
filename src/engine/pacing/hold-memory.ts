import type { HoldWriter } from './explain.ts';
import type { Latest } from './latest.ts';
import type { Hold, PaceRule } from './types.ts';
import { isHoldRule } from './types.ts';

/** They hold back everything that the hotel sends by itself, whatever its kind. */
const SHARED: ReadonlySet<PaceRule> = new Set(['quiet_hours', 'account_minute', 'account_hour', 'account_day']);

/**
 * What the queue waited for last. A message in the middle of a long queue is held by what stopped all before it, though at its own
 * turn it waits for nothing but the gap.
 */
export class HoldMemory {
  readonly #writer: HoldWriter;
  readonly #ofKind = new Map<number, Hold>();
  #shared: Hold | undefined;

  constructor(writer: HoldWriter) {
    this.#writer = writer;
  }

  /** A kind of message waits, from `at` on. */
  remember(kind: number, at: number, wait: Latest): void {
    const { rule, until } = wait;
    if (!isHoldRule(rule) || until <= at || until === Infinity) return;
    if (SHARED.has(rule)) {
      if (this.#shared === undefined || until > (this.#shared.until ?? 0))
        this.#shared = this.#writer.write(rule, until);
      return;
    }
    if (until > (this.#ofKind.get(kind)?.until ?? 0)) this.#ofKind.set(kind, this.#writer.write(rule, until));
  }

  /** What a message waited for between `since` and `start`, its own waits included. */
  holdFor(kind: number, since: number, start: number, waits: readonly Latest[]): Hold | null {
    let found: Hold | null = null;
    const consider = (hold: Hold | undefined): void => {
      const until = hold?.until ?? null;
      if (hold === undefined || until === null || until <= since || until > start) return;
      if (found === null || until > (found.until ?? 0)) found = hold;
    };
    consider(this.#ofKind.get(kind));
    consider(this.#shared);
    for (const { rule, until } of waits) {
      if (isHoldRule(rule) && until > since && until <= start) consider(this.#writer.write(rule, until));
    }
    return found;
  }
}
