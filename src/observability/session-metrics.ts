import { type Counter, Gauge, type Registry } from 'prom-client';
import { disconnectKinds } from '../connector-api/index.ts';
import { causeTexts } from '../engine/causes.ts';
import { type SessionState, type StateReason, sessionStates } from '../engine/model/session.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { redactText } from './redact.ts';
import { baseOf } from './registered.ts';

const MS_PER_SECOND = 1_000;
/** Longer than any code of the tables; a network's own words never make a label. */
const CODE = /^[a-z][a-z0-9_]{0,63}$/;
/** Four digits are a status; more could be somebody's number. */
const LONG_NUMBER = /\d{5}/;

type ReasonLabels = Readonly<Record<'cause' | 'kind' | 'happened' | 'action' | 'remedy', string>>;

interface Shown {
  readonly channel: string;
  readonly state: SessionState;
  readonly reason: ReasonLabels | null;
}

/** What there is to say about sessions: state, since when, why, and what a person must do. Forgets sessions that are removed. */
export class SessionMetrics {
  readonly #shown = new Map<string, Shown>();
  readonly #state: Gauge;
  readonly #up: Gauge;
  readonly #since: Gauge;
  readonly #reason: Gauge;
  readonly #disconnects: Counter;

  constructor(deps: { readonly registry: Registry; readonly disconnects: Counter }) {
    const gauge = (key: 'sessionState' | 'sessionUp' | 'sessionSince' | 'sessionReason'): Gauge =>
      new Gauge({ ...baseOf(metricDefinitions[key]), registers: [deps.registry] });
    this.#state = gauge('sessionState');
    this.#up = gauge('sessionUp');
    this.#since = gauge('sessionSince');
    this.#reason = gauge('sessionReason');
    this.#disconnects = deps.disconnects;
  }

  /** Ids of the sessions that there are. */
  get ids(): Iterable<string> {
    return this.#shown.keys();
  }

  is(session: string, channel: string, state: SessionState, why: StateReason | null, at: number): void {
    const before = this.#shown.get(session);
    // From 0 on, so that the first end counts as an increase.
    if (before === undefined) for (const kind of disconnectKinds) this.#disconnects.inc({ session, kind }, 0);
    for (const each of sessionStates) this.#state.set({ session, channel, state: each }, each === state ? 1 : 0);
    this.#up.set({ session, channel }, state === 'connected' || state === 'degraded' ? 1 : 0);
    if (before?.state !== state) this.#since.set({ session, channel }, at / MS_PER_SECOND);
    const reason = why === null && state === 'connecting' ? (before?.reason ?? null) : labelsOf(why);
    if (before?.reason) this.#reason.remove({ session, channel, ...before.reason });
    if (reason !== null) this.#reason.set({ session, channel, ...reason }, 1);
    this.#shown.set(session, { channel, state, reason });
  }

  gone(session: string): void {
    const shown = this.#shown.get(session);
    if (shown === undefined) return;
    const { channel, reason } = shown;
    for (const state of sessionStates) this.#state.remove({ session, channel, state });
    this.#up.remove({ session, channel });
    this.#since.remove({ session, channel });
    if (reason !== null) this.#reason.remove({ session, channel, ...reason });
    for (const kind of disconnectKinds) this.#disconnects.remove({ session, kind });
    this.#shown.delete(session);
  }
}

/** Words of the tables only: the reason's own text may hold versions or what a network said. */
function labelsOf(why: StateReason | null): ReasonLabels | null {
  if (why === null) return null;
  const { kind, code, action, remedy } = why;
  return {
    cause: CODE.test(code) && !LONG_NUMBER.test(code) ? code : 'other',
    kind: kind ?? 'none',
    happened: kind === null ? '' : causeTexts[kind].text,
    action,
    remedy: redactText(remedy),
  };
}
