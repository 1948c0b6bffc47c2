import type { HoldWriter } from './explain.ts';
import { Latest } from './latest.ts';
import type { Hold, PaceRule } from './types.ts';
import { isHoldRule } from './types.ts';

/**
 * What the queue waited for last. A message in the middle of a long queue is held by what stopped all before it, though at its own
 * turn it waits for nothing but the gap.
 */
export class HoldMemory {
  readonly #writer: HoldWriter;
  /** By kind, the limit that lets go last; its `at` is when. */
  readonly #ofKind: readonly Latest[];
  readonly #shared = new Latest(-Infinity, 'queue');
  readonly #found = new Latest(-Infinity, 'queue');

  constructor(writer: HoldWriter, kinds: number) {
    this.#writer = writer;
    this.#ofKind = Array.from({ length: kinds }, () => new Latest(-Infinity, 'queue'));
  }

  /** A kind of message, a small number, waits from `at` on. */
  remember(kind: number, at: number, wait: Latest): void {
    const { rule, until } = wait;
    if (until <= at || until === Infinity || !isHoldRule(rule)) return;
    if (isShared(rule)) this.#shared.take(until, rule);
    else this.#ofKind[kind]?.take(until, rule);
  }

  /** What a message waited for last between `since` and `start`, its own wait included. */
  holdFor(kind: number, since: number, start: Latest, own: Latest | null): Hold | null {
    const found = this.#found.reset(since, 'queue');
    const ofKind = this.#ofKind[kind];
    if (ofKind !== undefined) found.take(ofKind.at, ofKind.rule);
    found.take(this.#shared.at, this.#shared.rule);
    if (start.until > found.at && isHoldRule(start.rule)) found.take(start.until, start.rule);
    if (own !== null && own.until > found.at && isHoldRule(own.rule)) found.take(own.until, own.rule);
    if (!isHoldRule(found.rule)) return null;
    // A limit may have let go earlier than it seemed, for the message has aged meanwhile.
    const until = Math.min(found.at, Math.ceil(start.at));
    return until > since ? this.#writer.write(found.rule, until) : null;
  }
}

/** Holds back everything that the hotel sends by itself, whatever its kind. */
function isShared(rule: PaceRule): boolean {
  return rule === 'quiet_hours' || rule === 'account_minute' || rule === 'account_hour' || rule === 'account_day';
}
