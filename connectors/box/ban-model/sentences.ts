import type { Sent } from './account-book.ts';
import { DAY_MS } from './account-book.ts';
import type { Drawn } from './parameters.ts';
import type { Penalty, PunishingNetwork, Reading, SignId } from './types.ts';

/** Reasons of WhatsApp's temporary bans: too many strangers, blocked by many, the same text to many, broadcasting. */
const BAN_CODES: Readonly<Record<SignId | 'combined', number>> = {
  speed: 106,
  strangers: 101,
  same_text: 104,
  unanswered: 101,
  blocked: 102,
  no_typing: 101,
  fixed_gaps: 106,
  night: 101,
  warm_up: 101,
  combined: 101,
};
/** 24 h, 48 h, life (Baileys 1983). */
const TERMS_MS: readonly number[] = [DAY_MS, 2 * DAY_MS];
/** What the test numbers of the first authors got for five messages in a second. */
const BURST_TERM_MS = 45 * DAY_MS;
/** An account of a few minutes that sends a hundred messages is gone for good, by the network's own words. */
const NEWBORN_MS = DAY_MS;
/** So many sentences of Telegram's, and the account is gone: flooding is "banned forever" (its terms). */
const MOST_SENTENCES = 3;
const SENTENCES_COUNT_MS = DAY_MS;

/** What an account has been told, and what comes next. */
export class Sentences {
  readonly #network: PunishingNetwork;
  readonly #drawn: Drawn;
  #standing: Penalty | null = null;
  #attempts = 0;
  #terms = 0;
  #waits: number[] = [];
  #closings = 0;
  #warnings = 0;
  #warnedAt = -Infinity;

  constructor(deps: { readonly network: PunishingNetwork; readonly drawn: Drawn }) {
    this.#network = deps.network;
    this.#drawn = deps.drawn;
  }

  /** What stands against a message already. Trying new chats while they are closed makes it worse. */
  standing(sent: Sent): Penalty | null {
    const penalty = this.#standing;
    if (penalty === null || penalty.kind === 'permanent_ban') return penalty;
    if (penalty.kind === 'warning' || penalty.until <= sent.at) {
      this.#standing = null;
      return null;
    }
    if (penalty.kind !== 'no_new_chats') return penalty;
    if (!sent.isOpening) return null;
    this.#attempts += 1;
    return this.#attempts < this.#drawn('attemptsWhileClosed') ? penalty : this.#ban(sent.at, penalty.because);
  }

  punish({ at }: Sent, because: Reading, ageMs: number): Penalty {
    const isBurst = because.clause === 'a burst';
    if (isBurst && ageMs < NEWBORN_MS) return this.#set({ because, kind: 'permanent_ban' });
    if (this.#network === 'whatsapp') return this.#ban(at, because, isBurst ? BURST_TERM_MS : undefined);
    if (because.sign === 'combined') return this.#set({ because, kind: 'permanent_ban' });
    if (because.sign !== 'speed') return this.closeForDays(at, because);
    this.#waits = [...this.#waits.filter((each) => each > at - SENTENCES_COUNT_MS), at];
    if (this.#waits.length >= MOST_SENTENCES) return this.#set({ because, kind: 'permanent_ban' });
    return this.#set({ because, kind: 'wait', until: at + this.#drawn('waitSeconds') * 1_000 });
  }

  /** Nobody new is written to until then. */
  close(because: Reading, until: number): Penalty {
    this.#attempts = 0;
    this.#closings += 1;
    if (this.#network === 'telegram' && this.#closings >= MOST_SENTENCES)
      return this.#set({ because, kind: 'permanent_ban' });
    return this.#set({ because, kind: 'no_new_chats', until });
  }

  closeForDays(at: number, because: Reading): Penalty {
    return this.close(because, at + this.#drawn('closedDays') * DAY_MS);
  }

  /** Near a limit the account is told, at most once a day. */
  warn(at: number, because: Reading): Penalty | null {
    if (because.degree < this.#drawn('warnPercent') / 100 || at - this.#warnedAt < DAY_MS) return null;
    this.#warnedAt = at;
    this.#warnings += 1;
    return { because, kind: 'warning', level: this.#warnings === 1 ? 'first' : 'second' };
  }

  #ban(at: number, because: Reading, termMs = TERMS_MS[this.#terms]): Penalty {
    this.#terms += 1;
    if (this.#network === 'telegram' || termMs === undefined) return this.#set({ because, kind: 'permanent_ban' });
    return this.#set({ because, kind: 'temporary_ban', code: BAN_CODES[because.sign], until: at + termMs });
  }

  #set(penalty: Penalty): Penalty {
    this.#standing = penalty;
    return penalty;
  }
}
