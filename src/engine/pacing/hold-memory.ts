import type { HoldWriter } from './explain.ts';
import { Latest } from './latest.ts';
import type { Hold, PaceRule } from './types.ts';
import { isHoldRule } from './types.ts';

/** Pauses that end so soon after a limit, or within such a part of the wait for it, are not what anybody has waited for; ms. */
const PAUSE_AFTER_LIMIT_MS = 15 * 60_000;
const PAUSE_SHARE = 0.25;

/**
 * What the queue waited for last. A message in the middle of a long queue is held by what stopped all before it, though at its own
 * turn it waits for nothing but the gap.
 */
export class HoldMemory {
  readonly #writer: HoldWriter;
  /** By kind, the limit that lets go last; its `at` is when. Pauses of seconds to minutes apart: they follow upon each limit. */
  readonly #ofKind: readonly Latest[];
  readonly #pauseOfKind: readonly Latest[];
  readonly #shared = new Latest(-Infinity, 'queue');
  readonly #sharedPause = new Latest(-Infinity, 'queue');
  readonly #limit = new Latest(-Infinity, 'queue');
  readonly #pause = new Latest(-Infinity, 'queue');

  constructor(writer: HoldWriter, kinds: number) {
    this.#writer = writer;
    this.#ofKind = Array.from({ length: kinds }, () => new Latest(-Infinity, 'queue'));
    this.#pauseOfKind = Array.from({ length: kinds }, () => new Latest(-Infinity, 'queue'));
  }

  /** A kind of message, a small number, waits from `at` on. */
  remember(kind: number, at: number, wait: Latest): void {
    const { rule, until } = wait;
    if (until <= at || until === Infinity || !isHoldRule(rule)) return;
    if (rule === 'account_minute') this.#sharedPause.take(until, rule);
    else if (isPause(rule)) this.#pauseOfKind[kind]?.take(until, rule);
    else if (isShared(rule)) this.#shared.take(until, rule);
    else this.#ofKind[kind]?.take(until, rule);
  }

  /** What a message waited for last between `since` and `start`, its own wait included. */
  holdFor(kind: number, since: number, start: Latest, own: Latest | null): Hold | null {
    const limit = takeFrom(this.#limit.reset(since, 'queue'), this.#ofKind[kind], this.#shared);
    const pause = takeFrom(this.#pause.reset(since, 'queue'), this.#pauseOfKind[kind], this.#sharedPause);
    take(start, limit, pause);
    if (own !== null) take(own, limit, pause);
    const pauseMs = Math.max(PAUSE_AFTER_LIMIT_MS, PAUSE_SHARE * (limit.at - since));
    const isOfPause = !isHoldRule(limit.rule) || pause.at > limit.at + pauseMs;
    const found = isOfPause ? pause : limit;
    if (!isHoldRule(found.rule)) return null;
    // A limit may have let go earlier than it seemed, for the message has aged meanwhile.
    const until = Math.min(found.at, Math.ceil(start.at));
    return until > since ? this.#writer.write(found.rule, until) : null;
  }
}

function take({ rule, until }: Latest, limit: Latest, pause: Latest): void {
  if (!isHoldRule(rule)) return;
  if (isPause(rule)) pause.take(until, rule);
  else limit.take(until, rule);
}

function takeFrom(latest: Latest, one: Latest | undefined, other: Latest): Latest {
  if (one !== undefined) latest.take(one.at, one.rule);
  return latest.take(other.at, other.rule);
}

/** Seconds to minutes between two messages. */
function isPause(rule: PaceRule): boolean {
  return rule === 'account_minute' || rule === 'chat_cool_down' || rule === 'new_chat_gap';
}

/** Holds back everything that the hotel sends by itself, whatever its kind. */
function isShared(rule: PaceRule): boolean {
  return rule === 'quiet_hours' || rule === 'account_hour' || rule === 'account_day';
}
