import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { expireMessages, tellExpired } from '../expire-messages.ts';
import type { Desk, DeskStep, PacingFacts, QueuedIntent, Store, Telemetry } from '../ports/index.ts';
import type { BrakeWatch } from './brake-watch.ts';
import type { NewNote } from './plan-notes.ts';
import { notesOf, tooLate } from './plan-notes.ts';
import { planQueue } from './plan-queue.ts';
import type { Rules } from './rules.ts';
import type { PlannedSend, PlannedTurn } from './types.ts';

/** A look even when nothing woke us: heals a missed commit and a wall clock that jumped; ms. */
const LONGEST_IDLE_MS = 60_000;
/** Between two plans of one account, however much happens; ms. */
const PLAN_EVERY_MS = 250;
/** Planning a long queue takes at most a fifth of the time. */
const REST_PER_COST = 4;
/** A plan is made anew after this long even if nothing happened: guests' questions grow old; ms. */
const PLAN_LASTS_MS = 30_000;
/** Who is later than this for a turn looks at everything anew; ms. */
const LATE_MS = 2_000;
/** A store that cannot be read is asked again after this long; ms. */
const STORE_RETRY_MS = 2_000;
/** Rows of one transaction: short, so that the API stays quick while a flood is planned. */
const NOTES_PER_COMMIT = 500;

export interface AccountDeskDeps {
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: Rules;
  readonly account: string;
  readonly tellsDelivery: boolean;
  readonly seed: number;
  /** Told of each look at how the account stands. */
  readonly brakes: Pick<BrakeWatch, 'look'>;
}

/** What an account has in mind. */
export interface AccountPlan {
  readonly facts: PacingFacts;
  readonly intents: ReadonlyMap<string, QueuedIntent>;
  readonly plan: readonly PlannedSend[];
  /** Epoch ms. */
  readonly at: number;
}

/** One desk for all sessions of an account: nobody types to two guests at once. Plans from the store alone, whenever something changes. */
export class AccountDesk {
  readonly #deps: AccountDeskDeps;
  readonly #members = new Map<string, () => void>();
  #current: AccountPlan | undefined;
  #plannedAt = -Infinity;
  #restMs = 0;
  #isDirty = true;
  #planning: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** What is being typed or sent. */
  #busy: { readonly sessionId: string; readonly messageId: string; readonly until: number } | undefined;

  constructor(deps: AccountDeskDeps) {
    this.#deps = deps;
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
    this.#planning ??= this.#plan();
    try {
      await this.#planning;
    } catch (error) {
      this.#isDirty = true;
      throw error;
    } finally {
      this.#planning = undefined;
    }
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
    if (this.#isDirty || isLate || clock.monotonic() - this.#plannedAt > this.#lastsMs) {
      if (this.#leftMs() > 0) return { do: 'wait', ms: this.#leftMs() };
      await this.look();
    }
    const turn = this.#firstTurn();
    if (turn === undefined || this.#current?.intents.get(turn.messageId)?.sessionId !== sessionId)
      return { do: 'wait', ms: this.#lastsMs };
    const waitMs = beginOf(turn) - clock.now();
    if (waitMs > 0) return { do: 'wait', ms: Math.min(waitMs, PLAN_LASTS_MS) };
    return this.#take(turn, sessionId);
  }

  async #take(turn: PlannedTurn, sessionId: string): Promise<DeskStep> {
    const { store, clock } = this.#deps;
    const { messageId, typingFrom, sendAt } = turn;
    const again: DeskStep = { do: 'wait', ms: PLAN_EVERY_MS };
    // Before anything else happens: another session of the account must not begin meanwhile.
    const busy = { sessionId, messageId, until: sendAt };
    this.#busy = busy;
    let step: DeskStep = again;
    try {
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
      this.#restMs = STORE_RETRY_MS;
      this.#plannedAt = this.#deps.clock.monotonic();
      this.#deps.log.error('what waits could not be planned', {
        error: error instanceof Error ? error : String(error),
      });
      this.touch();
    }
  }

  async #plan(): Promise<void> {
    const { store, clock, rules, account, tellsDelivery, seed } = this.#deps;
    this.#isDirty = false;
    const now = clock.now();
    const begunAt = clock.monotonic();
    const facts = await store.pacingFacts({ account, sessions: [...this.#members.keys()], now });
    const waiting = facts.intents.filter(({ messageId }) => messageId !== this.#busy?.messageId);
    const standing = { ...facts.standing, tellsDelivery, busyUntil: this.#busy?.until ?? null };
    const plan = planQueue({ intents: waiting, history: facts.history, standing, rules, now, seed });
    this.#current = { facts, intents: new Map(waiting.map((each) => [each.messageId, each])), plan, at: now };
    this.#plannedAt = clock.monotonic();
    this.#restMs = Math.max(PLAN_EVERY_MS, REST_PER_COST * (this.#plannedAt - begunAt));
    for (const wake of this.#members.values()) wake();
    void this.#write(this.#current);
    void this.#deps.brakes.look(facts);
  }

  /** Never rejects: what could not be written differs at the next plan as well. */
  async #write(current: AccountPlan): Promise<void> {
    const { store, clock, log, telemetry } = this.#deps;
    try {
      const late = tooLate(current.plan, current.intents, current.at);
      if (late.length > 0) tellExpired(telemetry, await store.expireTooLate(late, clock.now()), clock.now());
      const notes = notesOf(current.plan, current.intents, current.at).filter((note) => !late.includes(note.messageId));
      for (const chunk of chunks(notes)) {
        if (this.#current !== current) return;
        await store.notePlans(chunk);
      }
    } catch (error) {
      log.warn('a plan could not be written down', { error: error instanceof Error ? error : String(error) });
    }
  }
}

/** From when on the guest sees something of it. */
function beginOf({ readAt, typingFrom }: PlannedTurn): number {
  return readAt ?? typingFrom;
}

function* chunks(notes: readonly NewNote[]): Generator<readonly NewNote[]> {
  for (let from = 0; from < notes.length; from += NOTES_PER_COMMIT) yield notes.slice(from, from + NOTES_PER_COMMIT);
}
