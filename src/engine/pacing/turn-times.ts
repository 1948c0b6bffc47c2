import { latenessTime, ownGapTime, pauseTime, readingMs, thinkingTime, turnGapTime, typingMs } from './human-times.ts';
import { drawLogNormal, draws } from './keyed-draws.ts';
import type { QueuedItem } from './queue-line.ts';
import type { Rules } from './rules.ts';

export interface TurnTimes {
  readonly readAt: number | null;
  readonly typingFrom: number;
  readonly sendAt: number;
}

/** What a person needs for one message once its turn has come. Drawn once a message. */
export class PersonTimes {
  readonly #rules: Rules;
  /** By a message's place in the queue; ms, 0 = not drawn yet. */
  readonly #writing: Float64Array;
  readonly #ownGaps: Float64Array;
  readonly #turnGaps: Float64Array;
  readonly #lateness: Float64Array;

  constructor(rules: Rules, messages: number) {
    this.#rules = rules;
    this.#writing = new Float64Array(messages);
    this.#ownGaps = new Float64Array(messages);
    this.#turnGaps = new Float64Array(messages);
    this.#lateness = new Float64Array(messages);
  }

  /** Typing and the pause before sending; ms. */
  writingMs(item: QueuedItem): number {
    const known = this.#writing[item.order] ?? 0;
    if (known > 0) return known;
    const typed = typingMs(item.key, item.intent, item.lane, this.#rules.typing);
    return keep(this.#writing, item, typed + drawLogNormal(item.key, draws.pause, pauseTime));
  }

  /** From the last message to the next that the hotel sends by itself; ms, before it is stretched. */
  ownGapMs(item: QueuedItem): number {
    const known = this.#ownGaps[item.order] ?? 0;
    return known > 0 ? known : keep(this.#ownGaps, item, drawLogNormal(item.key, draws.ownGap, ownGapTime));
  }

  /** From one chat to the next; ms. */
  turnGapMs(item: QueuedItem): number {
    const known = this.#turnGaps[item.order] ?? 0;
    return known > 0 ? known : keep(this.#turnGaps, item, drawLogNormal(item.key, draws.turnGap, turnGapTime));
  }

  /** How long after the end of a limit somebody is back at it; ms. */
  latenessMs(item: QueuedItem): number {
    const known = this.#lateness[item.order] ?? 0;
    return known > 0 ? known : keep(this.#lateness, item, drawLogNormal(item.key, draws.lateness, latenessTime));
  }

  /**
   * The turn of a message that begins at `start`. For an answer it is the least that a person needs who saw the guest's message
   * when it came: reading and thinking count from there, so that somebody at the desk who took a while is not made to wait again.
   */
  timesOf(item: QueuedItem, start: number): TurnTimes {
    const { line, lane, intent, key } = item;
    const cameAt = line.facts.lastInboundAt ?? -Infinity;
    // Who answers has read. What the hotel sends by itself must not look as if somebody had.
    const reads = line.unreadWords > 0 && (intent.purpose === 'reply' || intent.purpose === 'service');
    const readAt = reads || lane === 'reply' ? cameAt + readingMs(key, line.unreadWords) : start;
    const haveReadAt = reads ? Math.max(start, readAt) : start;
    const thinks = lane === 'reply' ? readAt + drawLogNormal(key, draws.thinking, thinkingTime) : start;
    const typingFrom = Math.ceil(Math.max(haveReadAt, thinks));
    return {
      readAt: reads ? Math.ceil(haveReadAt) : null,
      typingFrom,
      sendAt: Math.ceil(typingFrom + this.writingMs(item)),
    };
  }
}

function keep(drawn: Float64Array, { order }: QueuedItem, ms: number): number {
  drawn[order] = ms;
  return ms;
}
