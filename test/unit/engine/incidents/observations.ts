import type { AlertRules } from '../../../../src/engine/incidents/alert-rules.ts';
import { IncidentBook } from '../../../../src/engine/incidents/incident-book.ts';
import { observeSession } from '../../../../src/engine/incidents/observe-session.ts';
import type { Session, SessionState, StateReason, UserAction } from '../../../../src/engine/model/session.ts';
import type { StoredAlert } from '../../../../src/engine/ports/index.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const START = Date.UTC(2026, 2, 4, 15, 0, 0);
export const rules: AlertRules = {
  graceMs: 3 * MINUTE_MS,
  groupMs: 30 * SECOND_MS,
  clearMs: MINUTE_MS,
  queueMs: 30 * MINUTE_MS,
  diskFreeBytes: 1_000,
};

export function reason(action: UserAction, code = 'fake_cause'): StateReason {
  return { code, kind: null, nativeCode: null, text: 'It happened.', action, remedy: 'Do it.', retryAt: null };
}

/** A few sessions and the book that watches them, on a clock that a test moves in steps of five seconds. */
export class Town {
  now = START;
  /** `notice: title` */
  readonly said: string[] = [];
  readonly notices: { readonly id: string; readonly notice: string }[] = [];
  readonly saved = new Map<string, StoredAlert>();
  readonly sessions = new Map<string, Session>();
  #book: IncidentBook;
  #ids = 0;

  constructor(...ids: readonly string[]) {
    for (const id of ids) this.sessions.set(id, newSession(id));
    this.#book = this.#open();
  }

  set(id: string, state: SessionState, why: StateReason | null = null): void {
    const before = this.sessions.get(id) ?? newSession(id);
    const since = state === before.state ? before.since : new Date(this.now).toISOString();
    this.sessions.set(id, { ...before, state, since, reason: why });
  }

  /** Everything that is open was read from the store again. */
  restart(): void {
    this.#book = this.#open();
  }

  /** With a look every five seconds, or as told. */
  pass(ms: number, everyMs = 5 * SECOND_MS): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += everyMs;
      this.look();
    }
  }

  look(): void {
    const observations = [...this.sessions.values()].flatMap((session) => observeSession(session, 'WhatsApp', rules));
    for (const { stored, notice } of this.#book.look(observations, this.now, true)) {
      this.saved.set(stored.alert.id, structuredClone(stored));
      if (notice === null) continue;
      this.said.push(`${notice}: ${stored.alert.title}`);
      this.notices.push({ id: stored.alert.id, notice });
    }
  }

  get open(): readonly StoredAlert[] {
    return [...this.saved.values()].filter(({ alert }) => alert.closedAt === null);
  }

  #open(): IncidentBook {
    return new IncidentBook({
      rules,
      open: this.open,
      startedAt: this.now,
      makeId: () => {
        this.#ids += 1;
        return `alr_${this.#ids}`;
      },
    });
  }
}

function newSession(id: string): Session {
  const at = new Date(START).toISOString();
  return {
    id,
    property: 'main',
    channel: 'whatsapp',
    account: null,
    state: 'connected',
    since: at,
    unreachableSince: null,
    reason: null,
    liveness: null,
    limits: [],
    version: { current: null, wanted: null, ladder: [] },
    pacing: { mode: 'human', queued: 0, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
    settings: {},
    lastInboundAt: null,
    lastOutboundAt: null,
    createdAt: at,
  };
}
