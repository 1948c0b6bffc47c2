import type { Connected, DisconnectCause } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import type { LogFields, Logger } from '../core/logger.ts';
import { reasonOf } from './causes.ts';
import type { ReconnectDecision } from './reconnect-policy.ts';

/** What `decide` was asked about an end, and what it said. */
export interface SessionEnd {
  readonly cause: DisconnectCause;
  readonly decision: ReconnectDecision;
  /** Since it was connected; ms. Undefined: it never was, this attempt failed. */
  readonly heldMs: number | undefined;
  /** A precaution, no incident. */
  readonly isQuiet: boolean;
}

/**
 * What the log says of one session, so that it can be read in the middle of the night: what happened, what is tried when, that it
 * is over. The beginning of an incident and each new cause are warnings; further attempts of the same kind are not.
 */
export class SessionStory {
  readonly #deps: { readonly log: Logger; readonly clock: Clock };
  readonly #about: { readonly session: string; readonly channel: string };
  /** Monotonic. */
  #downSince: number | undefined;
  #attempts = 0;
  #code: string | undefined;

  constructor(deps: { log: Logger; clock: Clock; session: { readonly id: string; readonly channel: string } }) {
    const { log, clock, session } = deps;
    this.#deps = { log, clock };
    this.#about = { session: session.id, channel: session.channel };
  }

  connected({ version }: Pick<Connected, 'version'>): void {
    const { log } = this.#deps;
    if (this.#downSince === undefined) log.info('session connected', { ...this.#about, version });
    else {
      const after = { downForSeconds: this.#secondsSince(this.#downSince), attempts: this.#attempts + 1 };
      log.info('session is connected again', { ...this.#about, version, ...after });
    }
    this.forget();
  }

  ended(end: SessionEnd): void {
    const { cause, decision, heldMs, isQuiet } = end;
    const { log, clock } = this.#deps;
    const { code, nativeCode, text: happened, remedy, action } = reasonOf(cause, decision);
    const isFirst = this.#downSince === undefined;
    const isNew = isFirst || code !== this.#code;
    this.#downSince ??= clock.monotonic();
    this.#code = code;
    if (heldMs === undefined) this.#attempts += 1;
    const facts: LogFields = {
      ...this.#about,
      code,
      ...(nativeCode === null ? {} : { nativeCode }),
      ...(isNew ? { happened } : {}),
      ...(heldMs === undefined ? { attempt: this.#attempts } : { heldForSeconds: Math.round(heldMs / 1_000) }),
      ...(isFirst ? {} : { downForSeconds: this.#secondsSince(this.#downSince) }),
    };
    if (decision.do === 'stop') {
      log.error('session stays down until a person acts', { ...facts, action, remedy });
      this.forget();
      return;
    }
    const next = { nextAttemptInSeconds: Math.ceil(decision.afterMs / 1_000) };
    const todo = action === 'none' ? {} : { action, remedy };
    const text = heldMs === undefined ? 'session could not connect' : 'session lost its connection';
    if (isQuiet) log.info('session is connected anew to make sure that it hears', { ...facts, ...next });
    else if (heldMs !== undefined && decision.afterMs === 0) log.info('session connects afresh', facts);
    else log[isNew ? 'warn' : 'info'](text, { ...facts, ...next, ...todo });
  }

  /** A person acted: what comes next is another story. */
  forget(): void {
    this.#downSince = undefined;
    this.#attempts = 0;
    this.#code = undefined;
  }

  #secondsSince(at: number): number {
    return Math.round((this.#deps.clock.monotonic() - at) / 1_000);
  }
}
