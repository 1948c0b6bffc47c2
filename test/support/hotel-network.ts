import { AccountBook, DAY_MS } from '../../connectors/box/ban-model/account-book.ts';
import { BanModel } from '../../connectors/box/ban-model/ban-model.ts';
import type { BanVariant, Penalty, PunishingNetwork, SeenSend } from '../../connectors/box/ban-model/types.ts';
import { banVariants, isBan } from '../../connectors/box/ban-model/types.ts';
import type { NetworkLimit, Standing } from '../../src/engine/pacing/types.ts';

/** One model: what it looks at, and how it punishes. */
export interface Judge {
  readonly network: PunishingNetwork;
  readonly variant: BanVariant;
}

/** What one model has said of one account. */
export interface Judgement extends Judge {
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
  readonly #isEnforced: boolean;
  readonly #last = new Map<Judgement, string>();

  constructor(deps: {
    readonly networks: readonly PunishingNetwork[];
    readonly bornAt: number;
    readonly timeZone: string;
    readonly seed: number;
    /** `null`: all watch, nothing follows. */
    readonly enforced: Judge | null;
  }) {
    const { networks, enforced, seed } = deps;
    const all = networks.flatMap((network) => banVariants.map((variant) => ({ network, variant })));
    const judges = enforced === null ? all : [enforced];
    this.#book = new AccountBook(deps);
    this.#isEnforced = enforced !== null;
    this.#models = judges.map(
      (judge) => new BanModel({ ...judge, seed: seed * 100 + banVariants.indexOf(judge.variant), book: this.#book }),
    );
    this.records = judges.map(({ network, variant }) => ({
      network,
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
      if (this.#isEnforced && penalty.kind !== 'warning') follows = penalty;
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
      if (this.#last.get(record) !== name) record.closings += 1;
      this.#last.set(record, name);
    }
  }
}

/** How an account stands with its network after what it was told, in the planner's words. */
export class HotelStanding {
  readonly #bornAt: number;
  readonly #tellsDelivery: boolean;
  readonly #limits: NetworkLimit[] = [];
  #ban: Standing['ban'] = null;

  constructor(deps: { readonly bornAt: number; readonly tellsDelivery: boolean }) {
    this.#bornAt = deps.bornAt;
    this.#tellsDelivery = deps.tellsDelivery;
  }

  get now(): Standing {
    const [bornAt, limits, ban, tellsDelivery] = [this.#bornAt, this.#limits, this.#ban, this.#tellsDelivery];
    return { bornAt, limits, ban, tellsDelivery, busyUntil: null };
  }

  take(penalty: Penalty): void {
    switch (penalty.kind) {
      case 'warning':
        return;
      case 'temporary_ban':
        this.#ban ??= { kind: 'temporary', until: penalty.until };
        return;
      case 'permanent_ban':
        this.#ban ??= { kind: 'permanent', until: null };
        return;
      case 'wait':
        this.#limits.push({ scope: 'account', conversationId: null, until: penalty.until });
        return;
      case 'no_new_chats':
        this.#limits.push({ scope: 'new_chats', conversationId: null, until: penalty.until });
    }
  }
}
