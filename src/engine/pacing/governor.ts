import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Session } from '../model/session.ts';
import { OpenDesk } from '../open-desk.ts';
import type { Desks } from '../outbox-deps.ts';
import type { Desk, Store, Telemetry } from '../ports/index.ts';
import type { SessionLink } from '../session-links.ts';
import type { AccountPlan } from './account-desk.ts';
import { AccountDesk } from './account-desk.ts';
import { accountKeyOf } from './account-key.ts';
import { BrakeWatch } from './brake-watch.ts';
import type { NewIntent } from './first-estimate.ts';
import { firstEstimate } from './first-estimate.ts';
import { drawKey } from './keyed-draws.ts';
import { isPutOff } from './lanes.ts';
import type { PacingView } from './pacing-view.ts';
import { viewOf } from './pacing-view.ts';
import { PropertyHours } from './property-hours.ts';
import { QueueEnds } from './queue-ends.ts';
import type { Rules } from './rules.ts';

/** Any number: accounts have seeds of their own by their names, and keep them over a restart. */
const SEED = 0x6265_6c6c;

export interface PacingSettings {
  readonly rules: Rules;
  /** Whether the sessions of a channel send at the pace of a person. Everything that reaches a network's own servers does. */
  readonly isPaced: (channel: string) => boolean;
  /** Whether the network of a channel tells of each message that it reached the guest. */
  readonly tellsDelivery: (channel: string) => boolean;
}

/** Nothing of its kind can go in this session, because of the rule. */
export interface ClosedLane {
  readonly session: string;
  readonly lane: string;
  readonly rule: string;
}

export interface GovernorDeps {
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pacing: PacingSettings;
}

/** Decides when what is queued goes out: one desk for each account. */
export class Governor implements Desks {
  readonly #deps: GovernorDeps;
  /** Kept: it makes a calendar, which costs as much as everything else about an accepted message. */
  readonly #hours: PropertyHours;
  readonly #desks = new Map<string, AccountDesk>();
  readonly #deskOf = new Map<string, AccountDesk>();
  /** By account. */
  readonly #brakes = new Map<string, BrakeWatch>();
  readonly #brakesOfSession = new Map<string, BrakeWatch>();
  /** Of each plan that messages were accepted under. */
  readonly #ends = new WeakMap<AccountPlan, QueueEnds>();
  #unsubscribe: (() => void) | undefined;

  constructor(deps: GovernorDeps) {
    this.#deps = deps;
    this.#hours = new PropertyHours(deps.pacing.rules, SEED);
  }

  /** Resolves when it is known how each account stands. */
  async start(): Promise<void> {
    const { store, clock, log } = this.#deps;
    this.#unsubscribe = store.onCommit((summary) => {
      for (const sessionId of summary.outbox) this.#deskOf.get(sessionId)?.touch();
    });
    for (const session of await store.allSessions()) {
      try {
        // What is not paced any more has no brakes.
        if (!this.#deps.pacing.isPaced(session.channel)) await store.recordBrakes(session.id, [], clock.now());
        else if (session.account !== null) await this.#seat(session).look();
      } catch (error) {
        log.warn('how an account stands could not be read', {
          session: session.id,
          error: error instanceof Error ? error : String(error),
        });
      }
    }
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const desk of this.#desks.values()) desk.stop();
  }

  async open(link: SessionLink, wake: () => void): Promise<Desk> {
    const { store, pacing } = this.#deps;
    if (!pacing.isPaced(link.channel)) return new OpenDesk(this.#deps, link.sessionId);
    const session = await store.getSession(link.sessionId);
    const known = session ?? { id: link.sessionId, channel: link.channel, account: null };
    return this.#seat(known).join(link.sessionId, wake);
  }

  /** A first guess for a message that is being accepted, before it is planned; epoch ms. */
  estimate(session: Pick<Session, 'id' | 'channel'>, intent: NewIntent): number {
    const { clock, pacing } = this.#deps;
    const at = Math.max(clock.now(), intent.sendAt ?? 0);
    if (!pacing.isPaced(session.channel)) return at;
    const isLater = isPutOff({ queuedAt: clock.now(), sendAt: intent.sendAt });
    const purpose = intent.purpose === 'reply' && isLater ? 'service' : intent.purpose;
    return firstEstimate({ intent: { ...intent, purpose }, at, hours: this.#hours, ends: this.#endsOf(session.id) });
  }

  /** How the account of a session stands; `null` where nothing is paced or nothing is known yet. From memory. */
  view(sessionId: string): PacingView | null {
    const { pacing, clock } = this.#deps;
    const current = this.#deskOf.get(sessionId)?.current;
    return current === undefined ? null : viewOf({ current, sessionId, rules: pacing.rules, now: clock.now() });
  }

  closedLanes(): readonly ClosedLane[] {
    return [...this.#deskOf.keys()].flatMap((session) =>
      (this.view(session)?.lanes ?? []).flatMap(({ lane, closedBy }) =>
        closedBy === null ? [] : [{ session, lane, rule: closedBy.rule }],
      ),
    );
  }

  #endsOf(sessionId: string): QueueEnds | undefined {
    const current = this.#deskOf.get(sessionId)?.current;
    if (current === undefined) return undefined;
    const ends = this.#ends.get(current) ?? new QueueEnds(current, this.#deps.pacing.rules.limits);
    this.#ends.set(current, ends);
    return ends;
  }

  #seat(session: Pick<Session, 'id' | 'channel' | 'account'>): AccountDesk {
    const account = accountKeyOf(session);
    let desk = this.#desks.get(account);
    const brakes = this.#brakesOf(account, session.channel);
    if (desk === undefined) {
      const { rules, tellsDelivery } = this.#deps.pacing;
      desk = new AccountDesk({
        ...this.#deps,
        rules,
        account,
        tellsDelivery: tellsDelivery(session.channel),
        seed: drawKey(SEED, account),
        brakes,
      });
      this.#desks.set(account, desk);
    }
    const before = this.#brakesOfSession.get(session.id);
    if (before !== brakes) before?.remove(session.id);
    brakes.add(session.id);
    this.#brakesOfSession.set(session.id, brakes);
    this.#deskOf.set(session.id, desk);
    return desk;
  }

  #brakesOf(account: string, channel: string): BrakeWatch {
    const { rules, tellsDelivery } = this.#deps.pacing;
    const known = this.#brakes.get(account);
    if (known !== undefined) return known;
    const brakes = new BrakeWatch({
      ...this.#deps,
      rules,
      hours: this.#hours,
      tellsDelivery: tellsDelivery(channel),
    });
    this.#brakes.set(account, brakes);
    return brakes;
  }
}
