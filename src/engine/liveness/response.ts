import type { ConnectorEvent, DisconnectCause } from '../../connector-api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { DeafGap } from '../model/liveness.ts';
import type { StateReason } from '../model/session.ts';
import type { SessionHandle, Telemetry } from '../ports/index.ts';
import type { Renewal } from './escalation.ts';
import { connectedAgain, escalate, nothingTried } from './escalation.ts';
import { deafCauses, phoneSilentCause, phoneSilentReason, stillDeafReason } from './findings.ts';
import { GapAudit } from './gap-audit.ts';
import { isFromGuest } from './guest-event.ts';
import type { DeafLayer } from './judge.ts';
import type { PhoneSilence } from './phone-silence.ts';
import { mayRenew, phoneSilentSince } from './phone-silence.ts';

/** What the watch has the session's runner do. All return at once. */
export interface WatchOrders {
  /** The connection is to be made anew, this thoroughly. `isQuiet`: no incident for people. */
  renew(handle: SessionHandle, cause: DisconnectCause, what: Renewal, isQuiet: boolean): void;
  /** The session is to show that something is not as it should be; the line stays. */
  doubt(handle: SessionHandle, reason: StateReason): void;
  /** What was doubted is well again. */
  trust(handle: SessionHandle): void;
  /** What the line had not heard for a time; `isWell`: and nothing is doubted. */
  report(handle: SessionHandle, gap: DeafGap, isWell: boolean): void;
}

export interface ResponseDeps {
  readonly session: { readonly id: string; readonly channel: string };
  readonly orders: WatchOrders;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is done about a line that was found to be deaf, and what is remembered of it over connections. Kept by the watch. */
export class LineResponse {
  readonly #deps: ResponseDeps;
  readonly #audit: GapAudit;
  #handle: SessionHandle | undefined;
  #history = nothingTried;
  #phone: PhoneSilence | undefined;
  /** Epoch ms. */
  #phoneHeardAt: number | undefined;
  #shown: 'nothing' | 'deaf' | 'phone' = 'nothing';

  constructor(deps: ResponseDeps) {
    this.#deps = deps;
    this.#audit = new GapAudit({ clock: deps.clock, onReport: (gap) => this.#report(gap) });
  }

  /** Set while the phone that answers canaries is silent. */
  get phone(): PhoneSilence | undefined {
    return this.#phone;
  }

  /** A time in which the line was deaf is being looked into. */
  get owesReport(): boolean {
    return this.#audit.isOpen;
  }

  connected(handle: SessionHandle): void {
    this.#handle = handle;
    this.#shown = 'nothing';
    this.#history = connectedAgain(this.#history, this.#deps.clock.monotonic());
    this.#audit.end(this.#deps.clock.now());
  }

  disconnected(): void {
    this.#handle = undefined;
    this.#audit.interrupt();
  }

  /** A person acted: what comes next begins from scratch. */
  forget(): void {
    this.#audit.forget();
    this.#history = nothingTried;
    this.#phone = undefined;
  }

  /** The line is as well as can be known. */
  passed(): void {
    this.#audit.passed();
  }

  /** The line was proven by something that nobody can doubt. */
  proven(): void {
    if (this.#shown === 'deaf') this.#audit.end(this.#deps.clock.now());
    this.#audit.passed();
    if (this.#shown === 'phone') this.#trust();
  }

  phoneAnswered(): void {
    this.#phone = undefined;
    this.#phoneHeardAt = this.#deps.clock.now();
  }

  /** Something was stored for the first time. */
  heard(event: ConnectorEvent): void {
    this.#audit.heard(event);
    if (this.#handle === undefined || !isFromGuest(event)) return;
    if (this.#phone !== undefined) this.#phone = { ...this.#phone, isGuestHeard: true };
    if (this.#shown !== 'nothing') this.proven();
  }

  /** Returns whether the connection is given up. `since`: epoch ms. */
  deaf(handle: SessionHandle, layer: DeafLayer, since: number): boolean {
    const { session, telemetry, clock, log, orders } = this.#deps;
    telemetry.lineDeaf(session.id, layer);
    this.#audit.begin(since);
    const step = escalate(this.#history, layer, clock.monotonic());
    this.#history = step.history;
    const what = step.do === 'renew' ? step.what : step.do;
    log.warn('line found deaf', { session: session.id, layer, what, deafForMs: clock.now() - since });
    if (step.do === 'renew') {
      orders.renew(handle, deafCauses[layer], step.what, step.history.isTold);
      return true;
    }
    if (this.#shown !== 'deaf') {
      this.#shown = 'deaf';
      orders.doubt(handle, stillDeafReason(layer, this.#audit.from ?? since));
    }
    return false;
  }

  /** The phone is silent and the network answers. Returns whether the connection is given up. `since`: epoch ms. */
  doubt(handle: SessionHandle, since: number): boolean {
    const { clock, log, orders, session } = this.#deps;
    const now = clock.monotonic();
    const before = this.#phone;
    const phone =
      before === undefined ? phoneSilentSince(this.#phoneHeardAt ?? since) : { ...before, asked: before.asked + 1 };
    const isRenewed = mayRenew(phone, now);
    this.#phone = isRenewed ? { ...phone, renewedAt: now, isGuestHeard: false } : phone;
    log.info('phone does not answer', { session: session.id, asked: phone.asked, renewed: isRenewed });
    if (isRenewed) {
      orders.renew(handle, phoneSilentCause, 'socket', true);
      return true;
    }
    this.#audit.passed(); // the network answers, and more cannot be known while the phone is silent
    if (this.#shown !== 'phone') {
      this.#shown = 'phone';
      orders.doubt(handle, phoneSilentReason(phone.since));
    }
    return false;
  }

  #trust(): void {
    this.#shown = 'nothing';
    if (this.#handle !== undefined) this.#deps.orders.trust(this.#handle);
  }

  #report(gap: DeafGap): void {
    if (this.#handle === undefined) return;
    if (this.#shown === 'deaf') this.#shown = 'nothing';
    this.#deps.orders.report(this.#handle, gap, this.#shown === 'nothing');
  }
}
