const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

interface SameTextSend {
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

/** Who was sent the same text within a day. */
export class SameText {
  readonly #byText = new Map<string, SameTextSend[]>();

  record(textKey: string | null, send: SameTextSend): void {
    if (textKey === null) return;
    const sends = this.#byText.get(textKey);
    if (sends === undefined) this.#byText.set(textKey, [send]);
    else sends.push(send);
  }

  /**
   * Whether with this one more conversations than `limits` allow would have had the text within the hour, or more strangers within
   * the day, that ends with its time. That never goes back.
   */
  wouldPass({ perHour, strangersPerDay }: SameTextLimits, textKey: string, send: SameTextSend): boolean {
    const sends = this.#byText.get(textKey) ?? [];
    while (sends[0] !== undefined && sends[0].at <= send.at - DAY_MS) sends.shift();
    if (sends.length < Math.min(perHour, strangersPerDay)) return false;
    const isInHour = ({ at }: SameTextSend): boolean => at > send.at - HOUR_MS;
    if (passes(perHour, sends.filter(isInHour), send)) return true;
    const isToStranger = ({ opensChat }: SameTextSend): boolean => opensChat;
    return send.opensChat && passes(strangersPerDay, sends.filter(isToStranger), send);
  }
}

function passes(most: number, sends: readonly SameTextSend[], { conversationId }: SameTextSend): boolean {
  if (sends.length < most) return false;
  return new Set(sends.map((each) => each.conversationId)).add(conversationId).size > most;
}
