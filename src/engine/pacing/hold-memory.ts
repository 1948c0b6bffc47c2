import type { HoldWriter } from './explain.ts';
import type { Latest } from './latest.ts';
import type { Hold, HoldRule, PaceRule } from './types.ts';
import { isHoldRule } from './types.ts';

/** They hold back everything that the hotel sends by itself, whatever its kind. */
const SHARED: ReadonlySet<PaceRule> = new Set(['quiet_hours', 'account_minute', 'account_hour', 'account_day']);

/** A limit and when it lets go. */
interface Wait {
  rule: HoldRule;
  until: number;
}

/**
 * What the queue waited for last. A message in the middle of a long queue is held by what stopped all before it, though at its own
 * turn it waits for nothing but the gap.
 */
export class HoldMemory {
  readonly #writer: HoldWriter;
  readonly #ofKind: Wait[] = [];
  readonly #shared: Wait = { rule: 'quiet_hours', until: -Infinity };

  constructor(writer: HoldWriter) {
    this.#writer = writer;
  }

  /** A kind of message, a small number, waits from `at` on. */
  remember(kind: number, at: number, { rule, until }: Latest): void {
    if (until <= at || until === Infinity || !isHoldRule(rule)) return;
    const known = SHARED.has(rule) ? this.#shared : this.#ofKind[kind];
    if (known === undefined) this.#ofKind[kind] = { rule, until };
    else if (until > known.until) {
      known.rule = rule;
      known.until = until;
    }
  }

  /** What a message waited for last between `since` and `start`, its own wait included. */
  holdFor(kind: number, since: number, start: Latest, own: Latest | null): Hold | null {
    let found: Wait | Latest | undefined;
    for (const wait of [this.#ofKind[kind], this.#shared, start, own ?? undefined]) {
      if (wait === undefined || wait.until <= (found?.until ?? since) || !isHoldRule(wait.rule)) continue;
      found = wait;
    }
    if (found === undefined || !isHoldRule(found.rule)) return null;
    // A limit may have let go earlier than it seemed, for the message has aged meanwhile.
    const until = Math.min(found.until, Math.ceil(start.at));
    return until > since ? this.#writer.write(found.rule, until) : null;
  }
}
