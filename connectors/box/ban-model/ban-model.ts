import type { Random } from '../../../src/core/random.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { AccountBook, Sent } from './account-book.ts';
import { CYCLE_MS } from './account-book.ts';
import type { Drawn } from './parameters.ts';
import { drawParameters } from './parameters.ts';
import { Sentences } from './sentences.ts';
import { fixedGaps, night, noTyping, speed } from './signs-of-machines.ts';
import type { Sign } from './signs-of-people.ts';
import {
  blocked,
  quotaUsed,
  sameText,
  strangers,
  TOO_FEW_ANSWER,
  unanswered,
  unansweredChats,
  warmUp,
} from './signs-of-people.ts';
import type { BanVariant, CountedQuota, Penalty, PunishingNetwork, Reading, SeenSend, SignId } from './types.ts';
import { signs } from './types.ts';

const signTable: Readonly<Record<SignId, Sign>> = {
  speed,
  strangers,
  same_text: sameText,
  unanswered,
  blocked,
  no_typing: noTyping,
  fixed_gaps: fixedGaps,
  night,
  warm_up: warmUp,
};
/** Beyond it a sign is not odder. */
const MOST_DEGREE = 1.5;
/** How much networks differ in what they find odd, as a factor. */
const WEIGHT = { least: 0.7, most: 1.3 } as const;

export interface BanModelOptions {
  readonly network: PunishingNetwork;
  readonly variant: BanVariant;
  /** Draws the limits; the same seed judges alike. */
  readonly seed: number;
  /** What is known of the account; several models may share one. */
  readonly book: AccountBook;
}

/**
 * How a network that looks for machines would judge an account, by what is told in public. Pure on time: the same messages at the
 * same times are judged alike. What it says is no promise about any real network.
 */
export class BanModel {
  readonly variant: BanVariant;
  readonly #book: AccountBook;
  readonly #drawn: Drawn;
  readonly #weights: Readonly<Record<SignId, number>>;
  readonly #sentences: Sentences;
  /** When new chats were closed last because too few answered: the same silence does not count twice. */
  #closedAt = -Infinity;

  constructor({ network, variant, seed, book }: BanModelOptions) {
    const random = seededRandom(seed);
    this.variant = variant;
    this.#book = book;
    this.#drawn = drawParameters(random);
    this.#weights = drawWeights(random);
    this.#sentences = new Sentences({ network, drawn: this.#drawn });
  }

  /** The message, as the book has just recorded it. `null`: nothing is odd. */
  judge(sent: Sent): Penalty | null {
    const closed = this.#sentences.standing(sent);
    if (closed !== null) return closed;
    const reading = this.variant === 'combined' ? this.#combine(sent) : this.#read(this.variant, sent);
    const age = sent.at - this.#book.bornAt;
    // Who is not answered may write to nobody new: that is what is told of it, and no ban.
    if (reading.degree >= 1 && reading.clause === TOO_FEW_ANSWER) {
      this.#closedAt = sent.at;
      return this.#sentences.closeForDays(sent.at, reading);
    }
    if (reading.degree >= 1) return this.#sentences.punish(sent, reading, age);
    if (this.variant !== 'unanswered') return this.#sentences.warn(sent.at, reading);
    const quota = quotaUsed(this.#book, sent, this.#drawn);
    if (quota.degree < 1) return this.#sentences.warn(sent.at, quota.degree > reading.degree ? quota : reading);
    return this.#sentences.close(quota, this.#book.cycleOf(sent.at) + CYCLE_MS);
  }

  /** The same for a message that nobody has recorded yet. */
  take(send: SeenSend): Penalty | null {
    return this.judge(this.#book.record(send));
  }

  /** How the account stands with its quota; undefined where this network counts none. */
  quotaAt(now: number): Omit<CountedQuota, 'standing'> | undefined {
    if (this.variant !== 'unanswered') return undefined;
    const from = this.#book.cycleOf(now);
    const total = this.#drawn('newChatQuota');
    return { total, used: Math.min(total, unansweredChats(this.#book, now)), from, until: from + CYCLE_MS };
  }

  #read(sign: SignId, sent: Sent): Reading {
    return signTable[sign](this.#book, sent, this.#drawn, this.#closedAt);
  }

  #combine(sent: Sent): Reading {
    let score = 0;
    let most: Reading = { sign: 'combined', degree: 0, clause: 'nothing' };
    for (const sign of signs) {
      const reading = this.#read(sign, sent);
      score += this.#weights[sign] * Math.min(MOST_DEGREE, reading.degree) ** 2;
      if (reading.degree > most.degree) most = reading;
    }
    return { sign: 'combined', degree: score / this.#drawn('combinedScore'), clause: most.clause };
  }
}

function drawWeights(random: Random): Readonly<Record<SignId, number>> {
  const draw = (): number => WEIGHT.least + random.next() * (WEIGHT.most - WEIGHT.least);
  return {
    speed: draw(),
    strangers: draw(),
    same_text: draw(),
    unanswered: draw(),
    blocked: draw(),
    no_typing: draw(),
    fixed_gaps: draw(),
    night: draw(),
    warm_up: draw(),
  };
}
