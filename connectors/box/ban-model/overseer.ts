import type { Clock } from '../../../src/core/clock.ts';
import { toTimestamp } from '../../../src/core/clock.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { AccountBook, DAY_MS } from './account-book.ts';
import { BanModel } from './ban-model.ts';
import type { EnforceInput } from './enforce-input.ts';
import { NEW_CHAT_QUOTA } from './signs-of-people.ts';
import type { BanVariant, CountedQuota, Penalty, PunishingNetwork, SeenSend } from './types.ts';

/** Typing that ended longer ago belongs to another message. */
const TYPING_COUNTS_MS = 5 * 60_000;

interface Watched {
  readonly book: AccountBook;
  readonly model: BanModel;
  /** By chat: when typing began that no message has followed yet. */
  readonly typing: Map<string, number>;
  /** Chats in which something is not marked as read. */
  readonly unread: Set<string>;
  readonly met: Set<string>;
  readonly told: Map<Penalty['kind'], number>;
  last: Penalty | null;
  /** About the quota, in the cycle that began then. */
  warned: { readonly cycle: number; readonly level: 'first' | 'second' } | undefined;
}

/** A message as a box has it; what was shown before it, the overseer has seen. */
export type OverseenSend = Pick<SeenSend, 'to' | 'isGroup' | 'textKey' | 'isUndelivered'> & {
  /** They have written to each other before anybody looked. */
  readonly haveSpoken: boolean;
};

/** Watches the accounts of a box and has a model judge each. Accounts and chats go by names that stay the same. */
export class Overseer {
  readonly #clock: Clock;
  readonly #network: PunishingNetwork;
  readonly #watched = new Map<string, Watched>();
  #lapsedMs = 0;
  #input: (EnforceInput & { readonly model: BanVariant }) | undefined;

  constructor(deps: { readonly clock: Clock; readonly network: PunishingNetwork }) {
    this.#clock = deps.clock;
    this.#network = deps.network;
  }

  /** From now on; what was seen before is forgotten. `null`: nobody judges. */
  enforce(input: EnforceInput | null): void {
    this.#watched.clear();
    const model = input?.model ?? null;
    this.#input = input === null || model === null ? undefined : { ...input, model };
  }

  /** Time passes for the judge alone: a day at a hotel in a moment. */
  lapse(byMs: number): void {
    this.#lapsedMs += byMs;
  }

  /** How long a penalty that has an end still lasts; whole seconds. */
  secondsLeft({ until }: { readonly until: number }): number {
    return Math.max(1, Math.ceil((until - this.#now()) / 1_000));
  }

  typed(account: string, chat: string): void {
    const typing = this.#find(account)?.typing;
    const since = typing?.get(chat);
    const now = this.#now();
    if (since === undefined || now - since > TYPING_COUNTS_MS) typing?.set(chat, now);
  }

  read(account: string, chat: string): void {
    this.#find(account)?.unread.delete(chat);
  }

  /** Somebody writes to the account. */
  wrote(account: string, chat: string): void {
    const watched = this.#find(account);
    watched?.book.wrote(chat, this.#now());
    watched?.unread.add(chat);
    watched?.met.add(chat);
  }

  /** Undefined where nobody judges, or not by a quota. */
  quotaOf(account: string): CountedQuota | undefined {
    const watched = this.#find(account);
    const now = this.#now();
    const quota = watched?.model.quotaAt(now);
    if (watched === undefined || quota === undefined) return undefined;
    const { last, warned } = watched;
    // Once closed it stays so, even if somebody answers now.
    const isClosed = last?.kind === 'no_new_chats' && last.because.clause === NEW_CHAT_QUOTA && last.until > now;
    if (isClosed) return { ...quota, used: quota.total, standing: 'used_up' };
    return { ...quota, standing: warned?.cycle === quota.from ? warned.level : 'free' };
  }

  blocked(account: string): void {
    this.#find(account)?.book.blocked(this.#now());
  }

  /** `null` where nobody judges, or nothing is odd. A warning lets the message pass. */
  judge(account: string, { haveSpoken, ...send }: OverseenSend): Penalty | null {
    const watched = this.#find(account);
    if (watched === undefined) return null;
    const at = this.#now();
    const { typing, unread, met, book, model } = watched;
    if (haveSpoken && !met.has(send.to)) book.knows(send.to, at - 2 * DAY_MS);
    met.add(send.to);
    const typedMs = at - (typing.get(send.to) ?? at);
    typing.delete(send.to);
    const penalty = model.take({ ...send, at, typedMs, hasRead: unread.has(send.to) ? false : null });
    if (penalty === null) return null;
    watched.last = penalty;
    if (penalty.kind === 'warning' && penalty.because.clause === NEW_CHAT_QUOTA)
      watched.warned = { cycle: book.cycleOf(at), level: penalty.level };
    watched.told.set(penalty.kind, (watched.told.get(penalty.kind) ?? 0) + 1);
    return penalty;
  }

  /** For `GET /state`. */
  state(): JsonObject {
    if (this.#input === undefined) return { model: null };
    const { model, seed, ageDays } = this.#input;
    const accounts = [...this.#watched].map(([account, { last, told }]) => ({
      account,
      penalties: Object.fromEntries(told),
      last: last === null ? null : describe(last),
    }));
    return { model, seed, ageDays, accounts };
  }

  #now(): number {
    return this.#clock.now() + this.#lapsedMs;
  }

  #find(account: string): Watched | undefined {
    if (this.#input === undefined) return undefined;
    const known = this.#watched.get(account);
    if (known !== undefined) return known;
    const { model: variant, seed, ageDays, timeZone } = this.#input;
    const book = new AccountBook({ bornAt: this.#now() - ageDays * DAY_MS, timeZone });
    const watched: Watched = {
      book,
      model: new BanModel({ network: this.#network, variant, seed, book }),
      typing: new Map(),
      unread: new Set(),
      met: new Set(),
      told: new Map(),
      last: null,
      warned: undefined,
    };
    this.#watched.set(account, watched);
    return watched;
  }
}

function describe(penalty: Penalty): JsonObject {
  const { kind, because } = penalty;
  const until = 'until' in penalty ? toTimestamp(penalty.until) : null;
  return { kind, until, sign: because.sign, clause: because.clause };
}
