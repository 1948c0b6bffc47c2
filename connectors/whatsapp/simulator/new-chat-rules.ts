import type { Clock } from '../../../src/core/clock.ts';
import type { FaultActions } from './fault-actions.ts';
import type { Lines, Target } from './lines.ts';
import type { Quota } from './quotas.ts';
import { Quotas } from './quotas.ts';
import { Timelocks } from './timelocks.ts';

/** What accounts are told of new chats, and whether they may begin any. */
export class NewChatRules {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #actions: Pick<FaultActions, 'announceTimelock' | 'announceQuota' | 'countedQuota'>;
  readonly #timelocks: Timelocks;
  readonly #quotas: Quotas;

  constructor(deps: { clock: Clock; lines: Lines; actions: FaultActions }) {
    this.#clock = deps.clock;
    this.#lines = deps.lines;
    this.#actions = deps.actions;
    this.#timelocks = new Timelocks(deps);
    this.#quotas = new Quotas(deps);
  }

  /** 0 takes the lock away. Clients are told either way. */
  lock(target: Target, seconds: number): void {
    if (seconds > 0) this.#timelocks.lock(target, seconds);
    else this.#timelocks.unlock(target);
    for (const deviceJid of this.#lines.companions(target))
      this.#actions.announceTimelock(deviceJid, this.timelockEnd(deviceJid));
  }

  /** Until the cycle ends in so many seconds. Clients are told. */
  count(target: Target, { seconds, ...quota }: Omit<Quota, 'from' | 'until'> & { readonly seconds: number }): void {
    const now = this.#clock.now();
    this.#quotas.set(target, { ...quota, from: now, until: now + seconds * 1000 });
    this.announceQuota(target);
  }

  announceQuota(target: Target): void {
    for (const deviceJid of this.#lines.companions(target))
      this.#actions.announceQuota(deviceJid, this.quotaOf(deviceJid));
  }

  clear(): void {
    this.#timelocks.clear();
    this.#quotas.clear();
  }

  timelockEnd(deviceJid: string): number | undefined {
    return this.#timelocks.endOf(deviceJid);
  }

  quotaOf(deviceJid: string): Quota | undefined {
    return this.#quotas.of(deviceJid) ?? this.#actions.countedQuota(deviceJid);
  }

  /** By a lever; what a model has against a message it says itself. */
  areClosed(deviceJid: string): boolean {
    return this.timelockEnd(deviceJid) !== undefined || this.#quotas.of(deviceJid)?.status === 'CAPPED';
  }
}
