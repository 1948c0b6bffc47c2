import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject } from '../../tl.ts';
import { hexOf, sha1 } from './bytes.ts';
import type { Session } from './session.ts';

/** What a client owes by the rules of the protocol, or as the clients of Telegram do it. */
export type DutyKind =
  | 'acknowledge' // `msgs_ack` for what it got
  | 'ping' // a sign of life on the connection that carries updates
  | 'resend' // a call that came in an envelope that was refused: wrong salt, wrong time
  | 'difference' // a look at what it missed: in a new session, after `updatesTooLong`
  | 'go_offline' // an account shown as online that nobody renews
  | 'change_salt'; // a salt whose hour is over is taken for half an hour more

export interface Duty {
  readonly kind: DutyKind;
  readonly keyId: string;
  readonly ageMs: number;
  /** A real client would have done it by now. */
  readonly isLate: boolean;
}

/** A connection, as its client's duties go. */
export interface DutyLine {
  readonly sessions: Iterable<Session>;
  /** Monotonic: the last ping, or the beginning. */
  readonly pingedAt: number;
  /** Nothing is heard on it, by a fault of ours. */
  readonly isSilent: boolean;
}

const MAY_WAIT_MS: Readonly<Record<DutyKind, number>> = {
  acknowledge: 60_000, // the documentation; the libraries take half of it
  ping: 60_000, // with a reserve for its way: clients ping twice as often
  resend: 5_000,
  difference: 10_000,
  go_offline: 330_000, // five minutes after which the server takes it for offline by itself, and a renewal on its way
  change_salt: 60_000,
};
/** Above so many an acknowledgement waits for nothing but its way (the documentation). */
const MOST_UNACKNOWLEDGED = 16;
const WAY_MS = 2_000;
const KEPT_LATE = 1_000;

interface KeyDuties {
  /** Digests of the refused calls, and when. */
  readonly refused: Map<string, number>;
  /** The client has asked how far it is: it has a place to lose. */
  hasPlace: boolean;
  onlineSince: number | undefined;
  oldSaltSince: number | undefined;
}

/** Who owes what, and who was late. Monotonic times of the server's clock. */
export class Duties {
  readonly #clock: Clock;
  readonly #keys = new Map<string, KeyDuties>();
  readonly #differences = new WeakMap<Session, number>();
  readonly #late: Duty[] = [];

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  /** A session has begun, or was told that it missed something. */
  lost(session: Session): void {
    if (!this.#differences.has(session)) this.#differences.set(session, this.#clock.monotonic());
  }

  refused({ key }: Session, call: Uint8Array): void {
    this.#of(key.keyId).refused.set(digestOf(call), this.#clock.monotonic());
  }

  heard({ key }: Session, call: Uint8Array): void {
    const { refused } = this.#of(key.keyId);
    if (refused.size > 0) refused.delete(digestOf(call)); // parts of files are large
  }

  called(session: Session, call: TlObject): void {
    const duties = this.#of(session.key.keyId);
    if (call._ === 'updates.getState' || call._ === 'updates.getDifference') {
      duties.hasPlace = true;
      this.#differences.delete(session);
    }
    if (call._ === 'account.updateStatus') {
      duties.onlineSince = call['offline'] === true ? undefined : this.#clock.monotonic();
    }
  }

  /** A message has come with the salt of this hour, or with the one before. */
  salted({ key }: Session, isOld: boolean): void {
    const duties = this.#of(key.keyId);
    duties.oldSaltSince = isOld ? (duties.oldSaltSince ?? this.#clock.monotonic()) : undefined;
  }

  /** What is owed over these connections, and what was late when its connection ended. */
  owed(lines: Iterable<DutyLine>): readonly Duty[] {
    return [...this.#late, ...[...lines].flatMap((line) => this.#over(line))];
  }

  /** A connection ends: what was late by then stays on the list. */
  ended(line: DutyLine): void {
    const late = this.#over(line).filter(({ isLate }) => isLate);
    if (this.#late.length < KEPT_LATE) this.#late.push(...late);
  }

  /** For a test that provoked some on purpose. */
  clear(): void {
    this.#late.length = 0;
  }

  #over({ sessions, pingedAt, isSilent }: DutyLine): readonly Duty[] {
    if (isSilent) return [];
    const now = this.#clock.monotonic();
    const found: Duty[] = [];
    for (const session of sessions) {
      const { keyId } = session.key;
      const duties = this.#of(keyId);
      const owe = (kind: DutyKind, since: number | undefined, isUrgent = false): void => {
        if (since === undefined) return;
        const ageMs = now - since;
        found.push({ kind, keyId, ageMs, isLate: ageMs > MAY_WAIT_MS[kind] || (isUrgent && ageMs > WAY_MS) });
      };
      const { count, oldestMs } = session.unacknowledged;
      if (count > 0) owe('acknowledge', now - oldestMs, count > MOST_UNACKNOWLEDGED);
      if (session.wantsUpdates) owe('ping', pingedAt);
      if (session.wantsUpdates && duties.hasPlace) owe('difference', this.#differences.get(session));
      for (const since of duties.refused.values()) owe('resend', since);
      owe('go_offline', duties.onlineSince);
      owe('change_salt', duties.oldSaltSince);
    }
    return found;
  }

  #of(keyId: string): KeyDuties {
    const known = this.#keys.get(keyId);
    if (known !== undefined) return known;
    const made: KeyDuties = { refused: new Map(), hasPlace: false, onlineSince: undefined, oldSaltSince: undefined };
    this.#keys.set(keyId, made);
    return made;
  }
}

const digestOf = (call: Uint8Array): string => hexOf(sha1(call));
