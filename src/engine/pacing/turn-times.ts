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

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Typing and the pause before sending; ms. */
  writingMs(item: QueuedItem): number {
    if (item.writingMs < 0) {
      const typed = typingMs(item.key, item.intent, item.lane, this.#rules.typing);
      item.writingMs = typed + drawLogNormal(item.key, draws.pause, pauseTime);
    }
    return item.writingMs;
  }

  /** From the last message to the next that the hotel sends by itself; ms, before it is stretched. */
  ownGapMs(item: QueuedItem): number {
    if (item.ownGapMs < 0) item.ownGapMs = drawLogNormal(item.key, draws.ownGap, ownGapTime);
    return item.ownGapMs;
  }

  /** From one chat to the next; ms. */
  turnGapMs(item: QueuedItem): number {
    if (item.turnGapMs < 0) item.turnGapMs = drawLogNormal(item.key, draws.turnGap, turnGapTime);
    return item.turnGapMs;
  }

  /** How long after the end of a limit somebody is back at it; ms. */
  latenessMs(item: QueuedItem): number {
    if (item.latenessMs < 0) item.latenessMs = drawLogNormal(item.key, draws.lateness, latenessTime);
    return item.latenessMs;
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
    const haveReadAt = reads ? Math.max(start, cameAt + readingMs(key, line.unreadWords)) : start;
    const thinks =
      lane === 'reply'
        ? cameAt + readingMs(key, line.unreadWords) + drawLogNormal(key, draws.thinking, thinkingTime)
        : start;
    const typingFrom = Math.ceil(Math.max(haveReadAt, thinks));
    return {
      readAt: reads ? Math.ceil(haveReadAt) : null,
      typingFrom,
      sendAt: Math.ceil(typingFrom + this.writingMs(item)),
    };
  }
}
