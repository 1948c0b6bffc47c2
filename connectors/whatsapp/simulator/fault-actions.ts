import type { EnforceInput } from '../../box/ban-model/enforce-input.ts';
import type { Quota } from './quotas.ts';

/** What the levers move besides open sockets. */
export interface FaultActions {
  /** Takes the companion out of its account and tells it so. */
  unlink(deviceJid: string): void;
  /** Sends a client what could not be sent while its line was silent. */
  catchUp(deviceJid: string): void;
  /** Tells a client when its time-lock ends (milliseconds since the epoch), or that it has none. */
  announceTimelock(deviceJid: string, end: number | undefined): void;
  /** Tells a client how it stands with its quota of new chats. */
  announceQuota(deviceJid: string, quota: Quota | undefined): void;
  /** What the judging model counts; undefined where none judges by it. */
  countedQuota(deviceJid: string): Quota | undefined;
  /** Has a model judge what clients send; `null` = none. */
  enforce(input: EnforceInput | null): void;
}

/** Which direction of a line is dead. */
export type Silence = 'both' | 'to_client' | 'from_client';

/** How far a new client gets before the server falls silent. */
export type Stall = 'upgrade' | 'handshake';
