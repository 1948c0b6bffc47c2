import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { PacingFacts, Store } from '../ports/index.ts';
import type { Brake, BrakeRule } from './brakes.ts';
import { brakesOf, isBrakeRule } from './brakes.ts';
import type { PropertyHours } from './property-hours.ts';
import type { Rules } from './rules.ts';

/** They change with answers, deliveries and days; nobody has to hear of it within the second. */
const LOOK_EVERY_MS = 60_000;
/** A brake that guests may end is told to be over when it has not been on for so long: their answers come one by one. */
const CALM_MS = 60 * 60_000;

export interface BrakeWatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: Rules;
  readonly hours: PropertyHours;
  readonly tellsDelivery: boolean;
}

/**
 * Has an account's brakes told: once when one begins, once when it is over, also over a restart. Holding messages back does not depend on
 * it: the planner reckons them for itself.
 */
export class BrakeWatch {
  readonly #deps: BrakeWatchDeps;
  readonly #sessions = new Set<string>();
  /** As it was told last; undefined = not read yet. */
  #told: ReadonlyMap<BrakeRule, Brake> | undefined;
  /** By rule, the last time at which it was on; monotonic. */
  readonly #lastOn = new Map<BrakeRule, number>();
  #lookedAt = -Infinity;

  constructor(deps: BrakeWatchDeps) {
    this.#deps = deps;
  }

  /** A session of the account, online or not. */
  add(sessionId: string): void {
    if (this.#sessions.has(sessionId)) return;
    this.#sessions.add(sessionId);
    this.#lookedAt = -Infinity;
  }

  /** It has another account now. */
  remove(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  /** Cheap where it is not time yet. Never rejects: what was not written differs at the next look as well. */
  async look({ history, standing }: Pick<PacingFacts, 'history' | 'standing'>): Promise<void> {
    const { store, clock, log, rules, hours, tellsDelivery } = this.#deps;
    if (clock.monotonic() - this.#lookedAt < LOOK_EVERY_MS || standing.ban !== null) return;
    this.#lookedAt = clock.monotonic();
    const now = clock.now();
    try {
      this.#told ??= await this.#readTold();
      const { sends, optOuts } = history;
      const on = brakesOf({ sends, optOuts, standing: { tellsDelivery }, rules, hours, now });
      const told = new Map([...this.#lingering(this.#told, now), ...on.map((brake) => [brake.rule, brake] as const)]);
      for (const { rule } of on) this.#lastOn.set(rule, clock.monotonic());
      for (const sessionId of this.#sessions) await store.recordBrakes(sessionId, [...told.values()], now);
      this.#told = told;
    } catch (error) {
      this.#lookedAt = -Infinity;
      log.warn('brakes of an account were not written', { error: error instanceof Error ? error : String(error) });
    }
  }

  /** Those that are not over yet to people, although they may not be on just now. The clock has ended those whose time is over. */
  #lingering(told: ReadonlyMap<BrakeRule, Brake>, now: number): readonly (readonly [BrakeRule, Brake])[] {
    const { clock } = this.#deps;
    return [...told].filter(([rule, { isTimed, until }]) => {
      // After a restart nobody knows: the calm begins anew.
      if (!this.#lastOn.has(rule)) this.#lastOn.set(rule, clock.monotonic());
      const calmMs = clock.monotonic() - (this.#lastOn.get(rule) ?? 0);
      return calmMs < CALM_MS && (!isTimed || until > now);
    });
  }

  async #readTold(): Promise<ReadonlyMap<BrakeRule, Brake>> {
    const told = new Map<BrakeRule, Brake>();
    for (const sessionId of this.#sessions) {
      const session = await this.#deps.store.getSession(sessionId);
      for (const { source, code, until } of session?.limits ?? []) {
        if (source !== 'bellhop' || !isBrakeRule(code)) continue;
        told.set(code, { rule: code, until: Date.parse(until), isTimed: code !== 'reply_ratio' });
      }
    }
    return told;
  }
}
