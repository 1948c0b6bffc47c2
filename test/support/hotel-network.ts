import { AccountBook, DAY_MS } from '../../connectors/box/ban-model/account-book.ts';
import { BanModel } from '../../connectors/box/ban-model/ban-model.ts';
import type { BanVariant, Penalty, PunishingNetwork, SeenSend } from '../../connectors/box/ban-model/types.ts';
import { banVariants, isBan } from '../../connectors/box/ban-model/types.ts';
import type { NetworkLimit, Standing } from '../../src/engine/pacing/types.ts';

/** What one model has said of one account. */
export interface Judgement {
  readonly variant: BanVariant;
  bannedAt: number | null;
  /** Why, in static words. */
  bannedFor: string | null;
  warnings: number;
  /** New chats closed, or told to wait. */
  closings: number;
}

/** A network in front of a made-up hotel: every model watches, and at most one of them is obeyed. */
export class HotelNetwork {
  readonly records: readonly Judgement[];
  readonly #book: AccountBook;
  readonly #models: readonly BanModel[];
  readonly #enforced: BanVariant | null;
  readonly #last = new Map<BanVariant, string>();

  constructor(deps: {
    readonly network: PunishingNetwork;
    readonly bornAt: number;
    readonly timeZone: string;
    readonly seed: number;
    /** `null`: all watch, nothing follows. */
    readonly enforced: BanVariant | null;
  }) {
    const { network, enforced, seed } = deps;
    const variants = enforced === null ? banVariants : [enforced];
    this.#book = new AccountBook(deps);
    this.#enforced = enforced;
    this.#models = variants.map(
      (variant) =>
        new BanModel({ network, variant, seed: seed * 100 + banVariants.indexOf(variant), book: this.#book }),
    );
    this.records = variants.map((variant) => ({
      variant,
      bannedAt: null,
      bannedFor: null,
      warnings: 0,
      closings: 0,
    }));
  }

  /** They wrote to each other before the month. */
  knows(guest: string, from: number): void {
    this.#book.knows(guest, from - 10 * DAY_MS);
  }

  wrote(guest: string, at: number): void {
    this.#book.wrote(guest, at);
  }

  blocked(at: number): void {
    this.#book.blocked(at);
  }

  get areAllBanned(): boolean {
    return this.records.every(({ bannedAt }) => bannedAt !== null);
  }

  /** What follows for the hotel. */
  take(send: SeenSend): Penalty | null {
    const sent = this.#book.record(send);
    let follows: Penalty | null = null;
    for (const [index, model] of this.#models.entries()) {
      const record = this.records[index];
      if (record === undefined || record.bannedAt !== null) continue;
      const penalty = model.judge(sent);
      if (penalty === null) continue;
      this.#note(record, penalty, send.at);
      if (model.variant === this.#enforced && penalty.kind !== 'warning') follows = penalty;
    }
    return follows;
  }

  #note(record: Judgement, penalty: Penalty, at: number): void {
    if (penalty.kind === 'warning') record.warnings += 1;
    else if (isBan(penalty)) {
      record.bannedAt = at;
      record.bannedFor = penalty.because.clause;
    } else {
      const name = `${penalty.kind} ${'until' in penalty ? penalty.until : ''}`;
      if (this.#last.get(record.variant) !== name) record.closings += 1;
      this.#last.set(record.variant, name);
    }
  }
}

/** How the account stands with its network after a penalty, in the planner's words. */
export function standingAfter(penalty: Penalty): {
  readonly ban: Standing['ban'];
  readonly limit: NetworkLimit | null;
} {
  switch (penalty.kind) {
    case 'warning':
      return { ban: null, limit: null };
    case 'temporary_ban':
      return { ban: { kind: 'temporary', until: penalty.until }, limit: null };
    case 'permanent_ban':
      return { ban: { kind: 'permanent', until: null }, limit: null };
    case 'wait':
      return { ban: null, limit: { scope: 'account', conversationId: null, until: penalty.until } };
    case 'no_new_chats':
      return { ban: null, limit: { scope: 'new_chats', conversationId: null, until: penalty.until } };
  }
}
