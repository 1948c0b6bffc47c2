import type { Clock } from '../../../src/core/clock.ts';
import type { Directory } from './directory.ts';

/** What a client that is linked owes its server and the people who write to it. */
export type DutyKind =
  | 'acknowledgement' // a message, receipt, notification or call that it was sent on its live line
  | 'delivery_receipt' // it acknowledged a sealed message without telling the sender that it has it
  | 'answer' // a question of the server
  | 'keep_alive' // it has said nothing for too long
  | 'pre_keys' // it was told that its one-time keys run low
  | 'signed_pre_key' // the key that vouches for its sessions is older than clients let it grow
  | 'app_state' // it was told that shared settings have changed, and has not fetched them
  | 'clean' // it was told that something is out of date, and has not said that it dealt with it
  | 'resend'; // somebody could not read its message and asked for it again

export interface Debt {
  readonly kind: DutyKind;
  /** What exactly; without bodies or keys. */
  readonly detail: string;
  readonly ageMs: number;
}

/** WhatsApp's clients speak every 20 to 30 s; half as much again for a busy machine. */
const LONGEST_QUIET_MS = 45_000;
/** WhatsApp Web rotates every 27 days; three more for a client that is switched off at night. */
const OLDEST_SIGNED_PRE_KEY_MS = 30 * 24 * 60 * 60 * 1000;

interface Entry {
  readonly kind: DutyKind;
  readonly detail: string;
  readonly since: number;
}

/** The ledger of what clients owe. Debts of a device outlive its lines, except those that a line brought. */
export class ClientDuties {
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #heardAt = new Map<string, number>();
  readonly #rotatedAt = new Map<string, number>();

  constructor(deps: { clock: Clock; directory: Directory }) {
    this.#clock = deps.clock;
    this.#directory = deps.directory;
  }

  /** A debt that stands already keeps its age. */
  owe(deviceJid: string, kind: DutyKind, detail: string): void {
    const entries = this.#entries.get(deviceJid) ?? new Map<string, Entry>();
    this.#entries.set(deviceJid, entries);
    const key = `${kind} ${detail}`;
    if (!entries.has(key)) entries.set(key, { kind, detail, since: this.#clock.monotonic() });
  }

  pay(deviceJid: string, kind: DutyKind, detail: string): void {
    this.#entries.get(deviceJid)?.delete(`${kind} ${detail}`);
  }

  /** Everything of a kind: the line to which it belonged is gone. */
  remit(deviceJid: string, kind: DutyKind): void {
    const entries = this.#entries.get(deviceJid);
    for (const [key, entry] of entries ?? []) if (entry.kind === kind) entries?.delete(key);
  }

  /** The client said something on its line. */
  heard(deviceJid: string): void {
    this.#heardAt.set(deviceJid, this.#clock.monotonic());
    if (!this.#rotatedAt.has(deviceJid)) this.rotated(deviceJid); // since the box knows it
  }

  /** The client has replaced its signed pre-key. */
  rotated(deviceJid: string): void {
    this.#rotatedAt.set(deviceJid, this.#clock.now());
  }

  /** True while this companion has a line on which both sides are heard. */
  isAtWork(deviceJid: string): boolean {
    const device = this.#directory.findDevice(deviceJid);
    return device?.kind === 'companion' && device.active && device.connection?.isClear === true;
  }

  /** Everything outstanding. For a device that is not connected: what it will owe again once it is. */
  owed(deviceJid: string): readonly Debt[] {
    const now = this.#clock.monotonic();
    const unanswered = this.#unanswered(deviceJid)
      .filter(({ excused }) => !excused)
      .map(({ words, sentAt }): Debt => ({ kind: 'acknowledgement', detail: words, ageMs: now - sentAt }));
    const noted = [...(this.#entries.get(deviceJid)?.values() ?? [])].map(
      ({ kind, detail, since }): Debt => ({ kind, detail, ageMs: now - since }),
    );
    return [...unanswered, ...noted, ...this.#overdue(deviceJid, now)];
  }

  /** The stanzas that wait for a receipt or an acknowledgement, also those whose answer was lost on purpose, as `tag id type`. */
  unanswered(deviceJid: string): readonly string[] {
    return this.#unanswered(deviceJid).map(({ words }) => words);
  }

  #unanswered(deviceJid: string): readonly { words: string; sentAt: number; excused: boolean }[] {
    const letters = this.#directory.findDevice(deviceJid)?.mailbox.owed() ?? [];
    return letters.map(({ stanza, sentAt, excused }) => ({
      excused,
      words: [stanza.tag, stanza.attrs['id'], stanza.attrs['type']].filter((part) => part !== undefined).join(' '),
      sentAt: sentAt ?? this.#clock.monotonic(),
    }));
  }

  #overdue(deviceJid: string, now: number): readonly Debt[] {
    const device = this.#directory.findDevice(deviceJid);
    const isConnected = device?.kind === 'companion' && device.connection !== undefined;
    const quietMs = now - (this.#heardAt.get(deviceJid) ?? now);
    const keyAgeMs = this.#clock.now() - (this.#rotatedAt.get(deviceJid) ?? this.#clock.now());
    const overdue: Debt[] = [];
    if (isConnected && quietMs > LONGEST_QUIET_MS) {
      overdue.push({ kind: 'keep_alive', detail: 'nothing heard', ageMs: quietMs });
    }
    if (isConnected && keyAgeMs > OLDEST_SIGNED_PRE_KEY_MS) {
      overdue.push({ kind: 'signed_pre_key', detail: 'not rotated', ageMs: keyAgeMs });
    }
    return overdue;
  }
}
