import { localHours } from './local-hour.ts';
import { Times } from './times.ts';
import type { SeenSend } from './types.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;
/** Quotas of new chats count from one end of such a cycle to the next. */
export const CYCLE_MS = 30 * DAY_MS;
/** More than any sample looks back on, with pauses between. */
const RECENT = 80;
/** How many messages go by until what is too old is thrown away. */
const SWEEP_EVERY = 2_000;

/** A message of the account, with what the network makes of it. */
export interface Sent extends SeenSend {
  /** The first word to a person who never wrote. */
  readonly isOpening: boolean;
  /** Nobody there wrote within a day. */
  readonly isUnasked: boolean;
  /** Of the clock on the wall, 0 to 23. */
  readonly hour: number;
  /** Unasked messages to this person in a row, with this one. */
  readonly inARow: number;
  /** The person has written since. */
  isAnswered: boolean;
}

interface Person {
  lastWroteAt: number;
  isWrittenTo: boolean;
  inARow: number;
  lastUnaskedAt: number;
  /** Openings that wait for an answer. */
  open: Sent | undefined;
}

/** All that a network knows of one account. Time comes from outside and never goes back. */
export class AccountBook {
  readonly bornAt: number;
  readonly all = new Times();
  readonly unasked = new Times();
  readonly strangers = new Times();
  readonly blocks = new Times();
  /** The latest messages, oldest first. */
  readonly recent: Sent[] = [];
  /** Those of the last cycle. */
  openings: Sent[] = [];
  /** Those of the last week that nobody asked for. */
  unaskedSends: Sent[] = [];
  readonly #people = new Map<string, Person>();
  /** Who was written to unasked, oldest first; `#reached` of them within the last week. */
  #unaskedPeople: { readonly at: number; readonly person: Person }[] = [];
  #forgotten = 0;
  #reached = 0;
  readonly #byText = new Map<string, Sent[]>();
  readonly #hourAt: (at: number) => number;
  #untilSweep = SWEEP_EVERY;

  /** `bornAt`: when the number was first used; `timeZone`: of the number's country. */
  constructor(deps: { readonly bornAt: number; readonly timeZone: string }) {
    this.bornAt = deps.bornAt;
    this.#hourAt = localHours(deps.timeZone);
  }

  /** Somebody writes to the account. */
  wrote(from: string, at: number): void {
    const person = this.#person(from);
    person.lastWroteAt = at;
    person.inARow = 0;
    if (person.open !== undefined) person.open.isAnswered = true;
    person.open = undefined;
  }

  /** Somebody blocks the account, or reports it. */
  blocked(at: number): void {
    this.blocks.push(at);
  }

  /** The account has spoken with them before anybody looked. */
  knows(who: string, at: number): void {
    const person = this.#person(who);
    person.isWrittenTo = true;
    person.lastWroteAt = Math.max(person.lastWroteAt, at);
  }

  record(send: SeenSend): Sent {
    const person = this.#person(send.to);
    const isOpening = !send.isGroup && !person.isWrittenTo && person.lastWroteAt === -Infinity;
    const isUnasked = !send.isGroup && send.at - person.lastWroteAt > DAY_MS;
    person.isWrittenTo = true;
    if (isUnasked) person.inARow += 1;
    const hour = this.#hourAt(send.at);
    const sent: Sent = { ...send, isOpening, isUnasked, hour, inARow: person.inARow, isAnswered: false };
    this.all.push(send.at);
    this.recent.push(sent);
    if (this.recent.length > RECENT) this.recent.shift();
    if (isUnasked) {
      this.unasked.push(send.at);
      this.unaskedSends.push(sent);
      if (person.lastUnaskedAt === -Infinity) this.#reached += 1;
      person.lastUnaskedAt = send.at;
      this.#unaskedPeople.push({ at: send.at, person });
    }
    if (isOpening) {
      person.open = sent;
      this.openings.push(sent);
      // Whoever writes to numbers that nobody has reads them from a list.
      for (let times = send.isUndelivered ? 2 : 1; times > 0; times -= 1) this.strangers.push(send.at);
    }
    if (send.textKey !== null && isUnasked)
      this.#byText.set(send.textKey, [...this.sameText(send.textKey, send.at), sent]);
    this.#sweep(send.at);
    return sent;
  }

  /** How many people were written to unasked within the last 7 days. `at` never goes back. */
  reached(at: number): number {
    for (;;) {
      const first = this.#unaskedPeople[this.#forgotten];
      if (first === undefined || first.at > at - WEEK_MS) return this.#reached;
      this.#forgotten += 1;
      // Otherwise a later message counts.
      if (first.person.lastUnaskedAt !== first.at) continue;
      first.person.lastUnaskedAt = -Infinity;
      this.#reached -= 1;
    }
  }

  /** Unasked messages with this text within the last 24 hours. */
  sameText(textKey: string, at: number): readonly Sent[] {
    const sends = this.#byText.get(textKey) ?? [];
    return (sends[0]?.at ?? at) > at - DAY_MS ? sends : sends.filter((sent) => sent.at > at - DAY_MS);
  }

  /** Whole weeks since the number was first used. */
  weekAt(at: number): number {
    return Math.max(0, Math.floor((at - this.bornAt) / (7 * DAY_MS)));
  }

  /** When the cycle of `at` began. */
  cycleOf(at: number): number {
    return this.bornAt + Math.floor((at - this.bornAt) / CYCLE_MS) * CYCLE_MS;
  }

  #person(name: string): Person {
    const known = this.#people.get(name);
    if (known !== undefined) return known;
    const person: Person = {
      lastWroteAt: -Infinity,
      isWrittenTo: false,
      inARow: 0,
      lastUnaskedAt: -Infinity,
      open: undefined,
    };
    this.#people.set(name, person);
    return person;
  }

  #sweep(now: number): void {
    this.#untilSweep -= 1;
    if (this.#untilSweep > 0) return;
    this.#untilSweep = SWEEP_EVERY;
    this.reached(now);
    this.#unaskedPeople = this.#unaskedPeople.slice(this.#forgotten);
    this.#forgotten = 0;
    for (const times of [this.all, this.unasked, this.strangers, this.blocks]) times.forgetUntil(now - 8 * DAY_MS);
    this.openings = this.openings.filter(({ at }) => at > now - CYCLE_MS);
    this.unaskedSends = this.unaskedSends.filter(({ at }) => at > now - 7 * DAY_MS);
    for (const [key, sends] of this.#byText) if ((sends.at(-1)?.at ?? 0) <= now - DAY_MS) this.#byText.delete(key);
  }
}
