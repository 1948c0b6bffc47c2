import { isTalk } from '../../src/engine/pacing/lanes.ts';
import type { ChatFacts, History, SendLogEntry } from '../../src/engine/pacing/types.ts';

const DAY_MS = 24 * 60 * 60_000;
/** What the planner looks back on beyond a day. */
const KEPT_OWN = 40;
const KEPT_OPENINGS = 20;
const TRIM_EVERY = 50;

type Logged = { -readonly [K in keyof SendLogEntry]: SendLogEntry[K] };

/** What the store would keep of an account: the send log, and how it stands with each guest. */
export class HotelLog {
  readonly #chats = new Map<string, ChatFacts>();
  readonly #waiting = new Map<string, Logged[]>();
  readonly #tellsDelivery: boolean;
  #sends: Logged[] = [];
  #optOuts: number[] = [];
  #untilTrim = TRIM_EVERY;

  /** `tellsDelivery`: the network says of each message that it reached the guest. */
  constructor({ tellsDelivery }: { readonly tellsDelivery: boolean }) {
    this.#tellsDelivery = tellsDelivery;
  }

  get history(): History {
    return { sends: this.#sends, optOuts: this.#optOuts, chats: this.#chats };
  }

  facts(guest: string): ChatFacts {
    return (
      this.#chats.get(guest) ?? { lastInboundAt: null, isKnown: false, unreadWords: 0, unanswered: 0, isOpened: false }
    );
  }

  /** They wrote to each other before. */
  knows(guest: string, at: number): void {
    this.#chats.set(guest, { ...this.facts(guest), lastInboundAt: at, isKnown: true, isOpened: true });
  }

  wrote(guest: string, at: number, words: number): void {
    const { unreadWords, isOpened } = this.facts(guest);
    this.#chats.set(guest, {
      lastInboundAt: at,
      isKnown: true,
      unreadWords: unreadWords + words,
      unanswered: 0,
      isOpened,
    });
    for (const entry of this.#waiting.get(guest) ?? []) entry.isAnswered = true;
    this.#waiting.delete(guest);
  }

  optedOut(at: number): void {
    this.#optOuts.push(at);
  }

  /** Returns what to call once it has reached the guest. */
  sent(entry: Omit<SendLogEntry, 'opensChat' | 'isAnswered' | 'isUndelivered'>): () => void {
    const guest = entry.conversationId;
    const facts = this.facts(guest);
    const opensChat = !facts.isKnown && !facts.isOpened;
    const isUndelivered = this.#tellsDelivery && !isTalk(entry.lane);
    const logged: Logged = { ...entry, opensChat, isAnswered: false, isUndelivered };
    this.#sends.push(logged);
    this.#waiting.set(guest, [...(this.#waiting.get(guest) ?? []), logged]);
    const unanswered = facts.unanswered + (isTalk(entry.lane) ? 0 : 1);
    this.#chats.set(guest, { ...facts, isOpened: true, unreadWords: 0, unanswered });
    this.#untilTrim -= 1;
    if (this.#untilTrim === 0) this.#trim(entry.at);
    return () => {
      logged.isUndelivered = false;
    };
  }

  #trim(now: number): void {
    this.#untilTrim = TRIM_EVERY;
    let own = 0;
    let openings = 0;
    let first = this.#sends.length;
    for (let entry = this.#sends[first - 1]; entry !== undefined; entry = this.#sends[first - 1]) {
      if (entry.at < now - DAY_MS && own >= KEPT_OWN && openings >= KEPT_OPENINGS) break;
      if (!isTalk(entry.lane)) own += 1;
      if (entry.opensChat) openings += 1;
      first -= 1;
    }
    this.#sends = this.#sends.slice(first);
    this.#optOuts = this.#optOuts.filter((at) => at > now - 2 * DAY_MS);
  }
}

/** The hotel's first word to a guest who never wrote. */
export function isFirstWord({ isKnown, isOpened }: ChatFacts): boolean {
  return !isKnown && !isOpened;
}
