import type { Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { expireMessages } from '../expire-messages.ts';
import type { Desk, DeskStep, Store, Telemetry } from '../ports/index.ts';
import type { BrakeWatch } from './brake-watch.ts';
import { isTalk } from './lanes.ts';
import type { AccountPlan, BusyWith, PlanMakerDeps } from './plan-maker.ts';
import { beginOf, PlanMaker } from './plan-maker.ts';
import type { PlannedTurn } from './types.ts';
import { writePlan } from './write-plan.ts';

/** A look even when nothing woke us: heals a missed commit and a wall clock that jumped; ms. */
const LONGEST_IDLE_MS = 60_000;
/** Between two plans of one account, however much happens; ms. */
const PLAN_EVERY_MS = 250;
/** Planning a long queue, with reading it, takes at most a twentieth of the time. */
const REST_PER_COST = 19;
/** However long a plan takes, an answer to a guest is planned after this long; ms. */
const LONGEST_REST_MS = 5_000;
/** A plan is made anew after this long even if nothing happened: guests' questions grow old; ms. */
const PLAN_LASTS_MS = 30_000;
/** Who is later than this for a turn looks at everything anew; ms. */
const LATE_MS = 2_000;
/** A store that cannot be read is asked again after this long; ms. */
const STORE_RETRY_MS = 2_000;

export type { AccountPlan } from './plan-maker.ts';

export interface AccountDeskDeps extends PlanMakerDeps {
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Told of each look at how the account stands. */
  readonly brakes: Pick<BrakeWatch, 'look'>;
}

/** One desk for all sessions of an account: nobody types to two guests at once. Plans from the store alone, whenever something changes. */
export class AccountDesk {
  readonly #deps: AccountDeskDeps;
  readonly #maker: PlanMaker;
  readonly #members = new Map<string, () => void>();
  #current: AccountPlan | undefined;
  #plannedAt = -Infinity;
  #restMs = 0;
  #isDirty = true;
  #planning: Promise<void> | undefined;
  #timer: Timer | undefined;
  #busy: BusyWith | undefined;

  constructor(deps: AccountDeskDeps) {
    this.#deps = deps;
    this.#maker = new PlanMaker(deps);
  }

  get current(): AccountPlan | undefined {
    return this.#current;
  }

  /** A session of the account is online. */
  join(sessionId: string, wake: () => void): Desk {
    this.#members.set(sessionId, wake);
    this.touch();
    return {
      next: () => this.#next(sessionId),
      done: () => this.#done(sessionId),
      leave: () => {
        if (this.#members.get(sessionId) === wake) this.#members.delete(sessionId);
        this.#done(sessionId);
      },
    };
  }

  /** Something has changed. Cheap: it is planned anew once for all that happens in a turn, and not too often. */
  touch(): void {
    this.#isDirty = true;
    if (this.#members.size === 0 || this.#timer !== undefined) return;
    this.#timer = this.#deps.clock.after(this.#leftMs(), () => {
      this.#timer = undefined;
      void this.#planQuietly();
    });
  }

  /** Reads how the account stands. Resolves when there is a plan; rejects with errors of the store. */
  async look(): Promise<void> {
    this.#planning ??= this.#plan().finally(() => {
      this.#planning = undefined;
    });
    try {
      await this.#planning;
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
    // A long queue takes its time: what has changed meanwhile is planned as well.
    if (this.#isDirty) this.touch();
  }

  stop(): void {
    this.#members.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #next(sessionId: string): Promise<DeskStep> {
    const { clock } = this.#deps;
    if (this.#busy !== undefined) return { do: 'wait', ms: LONGEST_IDLE_MS };
    const first = this.#firstTurn();
    const isLate = first !== undefined && beginOf(first) < clock.now() - LATE_MS;
    const isOld = clock.monotonic() - this.#plannedAt > this.#lastsMs;
    let isSure = !this.#isDirty && !isLate && !isOld && this.#planning === undefined;
    if (!isSure) {
      const leftMs = this.#leftMs();
      // An answer that is due need not wait until the whole queue may be planned anew.
      const isDueTalk = first !== undefined && isTalk(first.lane) && beginOf(first) <= clock.now();
      if (leftMs > 0 && !isDueTalk) return { do: 'wait', ms: leftMs };
      if (leftMs === 0) await this.look();
      isSure = leftMs === 0 && !this.#isDirty;
    }
    const turn = this.#firstTurn();
    if (turn === undefined || this.#current?.intents.get(turn.messageId)?.sessionId !== sessionId)
      return { do: 'wait', ms: this.#lastsMs };
    const waitMs = beginOf(turn) - clock.now();
    if (waitMs > 0) return { do: 'wait', ms: Math.min(waitMs, PLAN_LASTS_MS) };
    return this.#take(turn, sessionId, isSure);
  }

  async #take(turn: PlannedTurn, sessionId: string, isSure: boolean): Promise<DeskStep> {
    const { store, clock } = this.#deps;
    const { messageId, typingFrom, sendAt } = turn;
    const again: DeskStep = { do: 'wait', ms: PLAN_EVERY_MS };
    // Before anything else happens: another session of the account must not begin meanwhile.
    const busy = { sessionId, messageId, until: sendAt };
    this.#busy = busy;
    let step: DeskStep = again;
    try {
      if (!isSure && !(await this.#maker.standsAlone(turn, [...this.#members.keys()]))) return step;
      const due = await store.queuedMessage(messageId, clock.now());
      const expiresAt = due?.message.expiresAt ?? null;
      if (expiresAt !== null && Date.parse(expiresAt) <= clock.now()) await expireMessages(this.#deps, clock.now());
      else if (due?.hold === null)
        step = { do: 'send', due, thinkForMs: typingFrom - beginOf(turn), typeForMs: sendAt - typingFrom };
      return step;
    } finally {
      if (step.do === 'wait') {
        if (this.#busy === busy) this.#busy = undefined;
        this.touch();
      }
    }
  }

  #done(sessionId: string): void {
    if (this.#busy?.sessionId === sessionId) this.#busy = undefined;
    this.touch();
  }

  /** A plan of nothing lasts longer: a thousand accounts at rest must cost next to nothing. */
  get #lastsMs(): number {
    return this.#current?.intents.size === 0 ? LONGEST_IDLE_MS : PLAN_LASTS_MS;
  }

  #firstTurn(): PlannedTurn | undefined {
    const first = this.#current?.plan[0];
    return first?.do === 'send' ? first : undefined;
  }

  /** How long until the next plan may be made; ms. */
  #leftMs(): number {
    return Math.max(0, this.#plannedAt + this.#restMs - this.#deps.clock.monotonic());
  }

  async #planQuietly(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      if (this.#members.size === 0) return; // everything is being closed
      this.#restMs = STORE_RETRY_MS;
      this.#plannedAt = this.#deps.clock.monotonic();
      this.#deps.log.error('what waits could not be planned', {
        error: error instanceof Error ? error : String(error),
      });
      this.touch();
    }
  }

  async #plan(): Promise<void> {
    const { clock, brakes } = this.#deps;
    this.#isDirty = false;
    const { made, costMs } = await this.#maker.make([...this.#members.keys()], () => this.#busy);
    this.#current = made;
    this.#plannedAt = clock.monotonic();
    this.#restMs = Math.min(LONGEST_REST_MS, Math.max(PLAN_EVERY_MS, REST_PER_COST * costMs));
    for (const wake of this.#members.values()) wake();
    void this.#write(made);
    void brakes.look(made.facts);
  }

  /** Never rejects: what could not be written differs at the next plan as well. */
  async #write(current: AccountPlan): Promise<void> {
    try {
      await writePlan(this.#deps, current, () => this.#current === current && this.#members.size > 0);
    } catch (error) {
      this.#deps.log.warn('a plan could not be written down', {
        error: error instanceof Error ? error : String(error),
      });
    }
  }
}
