import type { Clock } from '../../core/clock.ts';
import type { PacingFacts, PacingQuery, QueuedIntent, Store } from '../ports/index.ts';
import { inSlices } from './in-slices.ts';
import type { PlanInput } from './plan-queue.ts';
import { planInSteps, planQueue } from './plan-queue.ts';
import { PropertyHours } from './property-hours.ts';
import type { Rules } from './rules.ts';
import type { Intent, PlannedSend, PlannedTurn } from './types.ts';

/** What an account has in mind. */
export interface AccountPlan {
  readonly facts: PacingFacts;
  readonly intents: ReadonlyMap<string, QueuedIntent>;
  readonly plan: readonly PlannedSend[];
  /** Epoch ms. */
  readonly at: number;
}

/** What is being typed or sent. */
export interface BusyWith {
  readonly sessionId: string;
  readonly messageId: string;
  /** Epoch ms. */
  readonly until: number;
}

export interface PlanMakerDeps {
  readonly store: Pick<Store, 'pacingFacts'>;
  readonly clock: Clock;
  readonly rules: Rules;
  readonly account: string;
  readonly tellsDelivery: boolean;
  readonly seed: number;
}

/** Makes the plans of an account out of the store. */
export class PlanMaker {
  readonly #deps: PlanMakerDeps;
  /** Kept: its calendar costs as much as a small plan. */
  readonly #hours: PropertyHours;

  constructor(deps: PlanMakerDeps) {
    this.#deps = deps;
    this.#hours = new PropertyHours(deps.rules, deps.seed);
  }

  /** Of the whole queue; others have their turn meanwhile, so that what is planned may have changed when it is done. Rejects with errors of the store. */
  async make(
    sessions: readonly string[],
    busy: () => BusyWith | undefined,
  ): Promise<{ readonly made: AccountPlan; readonly costMs: number }> {
    const { store, clock } = this.#deps;
    const query = this.#query(sessions);
    const begunAt = clock.monotonic();
    const facts = await store.pacingFacts(query);
    const readMs = clock.monotonic() - begunAt;
    const current = busy();
    const waiting = facts.intents.filter(({ messageId }) => messageId !== current?.messageId);
    const steps = planInSteps(this.#inputOf(facts, waiting, query.now, current?.until ?? null));
    const { result: plan, workMs } = await inSlices(clock, steps);
    const intents = new Map(waiting.map((each) => [each.messageId, each]));
    return { made: { facts, intents, plan, at: query.now }, costMs: readMs + workMs };
  }

  /**
   * Whether a turn may begin by what is known now, if nothing waited but what is in its conversation: for one that was planned before
   * something changed. What came meanwhile and is more urgent goes next, but no new limit, wish or answer is passed over.
   */
  async standsAlone({ messageId, conversationId }: PlannedTurn, sessions: readonly string[]): Promise<boolean> {
    const query = { ...this.#query(sessions), conversation: conversationId };
    const facts = await this.#deps.store.pacingFacts(query);
    const [first] = planQueue(this.#inputOf(facts, facts.intents, query.now, null));
    return first?.do === 'send' && first.messageId === messageId && beginOf(first) <= query.now;
  }

  #query(sessions: readonly string[]): PacingQuery {
    return { account: this.#deps.account, sessions, now: this.#deps.clock.now() };
  }

  #inputOf(facts: PacingFacts, intents: readonly Intent[], now: number, busyUntil: number | null): PlanInput {
    const { rules, tellsDelivery, seed } = this.#deps;
    const standing = { ...facts.standing, tellsDelivery, busyUntil };
    return { intents, history: facts.history, standing, rules, now, seed, hours: this.#hours };
  }
}

/** From when on the guest sees something of a turn; epoch ms. */
export function beginOf({ readAt, typingFrom }: PlannedTurn): number {
  return readAt ?? typingFrom;
}
