import { isTalk } from './lanes.ts';
import type { SendLogEntry } from './types.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

interface TextSend {
  readonly at: number;
  readonly conversationId: string;
  /** To a guest who never wrote. */
  readonly opensChat: boolean;
}

/** How many may get the same text. */
interface SameTextLimits {
  readonly perHour: number;
  readonly strangersPerDay: number;
}

/** Who was sent the same texts. First all that have a text are mentioned, and what left is recalled; then messages are planned. */
export class SameText {
  readonly #limits: SameTextLimits;
  readonly #byText = new Map<string, TextSends>();

  constructor(limits: SameTextLimits) {
    this.#limits = limits;
  }

  /** A message of the queue has it. */
  mention(textKey: string): TextSends {
    let text = this.#byText.get(textKey);
    if (text === undefined) {
      text = new TextSends(this.#limits);
      this.#byText.set(textKey, text);
    }
    text.mentions += 1;
    return text;
  }

  /** What the log tells of texts that wait in the queue. `log` is ordered. */
  recall(log: readonly SendLogEntry[], now: number): void {
    const sends = log.flatMap((send) => {
      const text = send.textKey === null || isTalk(send.lane) ? undefined : this.#byText.get(send.textKey);
      return text === undefined ? [] : [{ send, text }];
    });
    for (const { text } of sends) text.mentions += 1;
    for (const { send, text } of sends) text.record(Math.min(send.at, now), send.conversationId, send.opensChat);
  }
}

/** Where one text went. */
export class TextSends {
  readonly #limits: SameTextLimits;
  #sends: TextSend[] | undefined;
  /** How many messages have it. Most texts are so rare that nothing need be kept of them. */
  mentions = 0;

  constructor(limits: SameTextLimits) {
    this.#limits = limits;
  }

  /** Not before the last one. */
  record(at: number, conversationId: string, opensChat: boolean): void {
    if (this.#isRare) return;
    this.#sends ??= [];
    this.#sends.push({ at, conversationId, opensChat });
  }

  /**
   * Whether with this one more conversations than the limits allow would have had the text within the hour, or more strangers within
   * the day, that ends with its time. That never goes back.
   */
  wouldPass(at: number, conversationId: string, opensChat: boolean): boolean {
    if (this.#isRare) return false;
    const sends = this.#sends ?? [];
    const { perHour, strangersPerDay } = this.#limits;
    while (sends[0] !== undefined && sends[0].at <= at - DAY_MS) sends.shift();
    if (sends.length < Math.min(perHour, strangersPerDay)) return false;
    const isInHour = (send: TextSend): boolean => send.at > at - HOUR_MS;
    if (passes(perHour, sends.filter(isInHour), conversationId)) return true;
    const isToStranger = (send: TextSend): boolean => send.opensChat;
    return opensChat && passes(strangersPerDay, sends.filter(isToStranger), conversationId);
  }

  get #isRare(): boolean {
    return this.mentions <= Math.min(this.#limits.perHour, this.#limits.strangersPerDay);
  }
}

function passes(most: number, sends: readonly TextSend[], conversationId: string): boolean {
  if (sends.length < most) return false;
  return new Set(sends.map((each) => each.conversationId)).add(conversationId).size > most;
}
