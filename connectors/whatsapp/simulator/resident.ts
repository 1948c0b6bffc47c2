import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { ViolationLog } from './violations.ts';

/**
 * A device that lives inside the process instead of behind a socket: a guest's phone, or the hotel's primary phone.
 * Implemented by the people of the simulator; the network calls it.
 */
export interface Resident {
  /** Phone-number address without a device, `4915112345678@s.whatsapp.net`. */
  readonly pn: string;
  /** Hidden address without a device, `100000000000001@lid`. */
  readonly lid: string;
  /** 0 is a primary phone. */
  readonly device: number;
  /** Shown to recipients as `notify`; absent while the account has no name. */
  readonly pushName?: string;
  /** True for an account whose number the server does not tell others: stanzas from it carry no `sender_pn`/`participant_pn`. */
  readonly hidesNumber?: boolean;
  /**
   * Called by the network, in order, one at a time; resolves when the device has dealt with the stanza. That resolution is
   * the device's acknowledgement towards the server (it owes no `<ack>` of its own); what the device wants to tell others
   * (delivery, read and retry receipts) it sends with {@link Network.submit}, also from inside `receive`.
   *
   * Stanzas look as a real server would deliver them to that device: `<message from|participant|recipient, sender_lid|sender_pn,
   * t, id, type, notify?><enc v type count?/><device-identity/>?`, `<receipt from id t type? participant? recipient?>`,
   * `<presence>`, `<chatstate>`, `<notification>`. A rejection is recorded as a violation of kind `resident_failed`.
   */
  receive(stanza: BinaryNode): Promise<void>;
}

/** What another device needs to begin a Signal session. Public keys are the bare 32 bytes, without the type byte. */
export interface KeyBundle {
  registrationId: number;
  identityKey: Uint8Array;
  signedPreKey: { id: number; publicKey: Uint8Array; signature: Uint8Array };
  preKey?: { id: number; publicKey: Uint8Array };
}

/** Where the network gets a resident's keys from. */
export interface KeySource {
  /** A bundle with a fresh one-time key on each call, as long as the device has one. */
  bundle(): KeyBundle;
}

/** The part of a primary phone that links companions. */
export interface PhoneIdentity {
  /** The account key pair that vouches for companions; `publicKey` is 32 bytes, `sign` is XEdDSA. */
  readonly accountKey: { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };
  /** The companion's signed answer was verified and the device is part of the account. `companionDeviceJid` is LID style. */
  onCompanionLinked(companionDeviceJid: string, identityKey: Uint8Array): Promise<void>;
  /** The companion has logged in and its offline queue has been sent: the moment for key shares and history. LID style. */
  onCompanionOnline(deviceJid: string): Promise<void>;
  /** Code linking only: asked for the primary's side of the exchange when a companion has named this number. */
  readonly linkCode?: LinkCodeAnswerer;
}

/** What a phone does with a companion's code-linking stanzas; all byte strings as in the protocol. */
export interface LinkCodeAnswerer {
  /** The 32-byte public account identity key of the phone. */
  readonly identityKey: Uint8Array;
  /** X25519 of the account identity key with `peer`. */
  agree(peer: Uint8Array): Uint8Array;
}

/** The account's number and code as a person would type them into the phone. */
export interface LinkCode {
  code: string;
}

/** The server side as a resident sees it. Implemented by `WhatsAppNetwork`. */
export interface Network {
  readonly clock: Clock;
  readonly random: Random;
  readonly violations: ViolationLog;
  /** Makes the user and device known (usync, key queries) and online. Attaching the same device again replaces it. */
  attach(resident: Resident, keys: KeySource): void;
  /** Offline residents: stanzas queue and are delivered, in order, on return. */
  setOnline(resident: Resident, online: boolean): void;
  /**
   * A message, receipt, presence or chatstate from that device, in the form a client sends it; routed like one from a socket:
   * - `<message to=user id type><participants><to jid=device><enc/></to>…</participants><device-identity/>?`. A `to` on
   *   `@lid` is delivered LID style (`from=lid sender_pn addressing_mode=lid`), on `@s.whatsapp.net` PN style
   *   (`from=pn sender_lid addressing_mode=pn`). Copies for the sender's own other devices go into the same participants list.
   *   `category=peer` messages hold one bare `<enc>` and go to the device in `to`.
   * - `<message to=group id type><participants>…sender keys…</participants>?<enc type=skmsg/></message>`.
   * - a re-sealed copy after a retry receipt: `<message to=device id><enc count/></message>` (with `participant` in groups).
   * - `<receipt to id type? participant? recipient?>`, `<chatstate to>`, `<presence type>`.
   * Resolves when the server has taken the stanza (for a message: the `<ack>`); delivery goes on in the background.
   * Rejects with an Error if the server refuses it.
   */
  submit(from: Resident, stanza: BinaryNode): Promise<void>;
  /** One bundle with a fresh one-time key each call, as an `<iq xmlns=encrypt type=get><key>` would fetch it. */
  fetchBundle(deviceJid: string): KeyBundle | undefined;
  /** Device addresses of a user, LID style (`lid`, `lid:N`); accepts either style; empty for an unknown user. */
  devicesOf(userJid: string): readonly string[];
  lidOf(pn: string): string | undefined;
  pnOf(lid: string): string | undefined;
  /** Creates the group and notifies its members; returns its address. Members by PN or LID; `by` becomes admin. */
  createGroup(subject: string, by: Resident, members: readonly string[]): string;
  /** LID style user addresses of everyone in the group. */
  groupMembers(groupJid: string): readonly string[];
  addToGroup(groupJid: string, by: Resident, member: string): void;
  removeFromGroup(groupJid: string, by: Resident, member: string): void;
  /**
   * A phone scans a QR code (its whole text), or a person types the eight-character code shown by a companion that named this
   * phone's number. Resolves when the companion's signed answer was verified; rejects when nobody waits with that code.
   */
  completeLink(qr: string | LinkCode, phone: Resident & PhoneIdentity): Promise<void>;
  /** The account's companions, LID style device addresses. */
  companionsOf(userJid: string): readonly string[];
  /** The phone unlinks one of its companions: stream error 401 device_removed, and its login fails from now on. */
  removeCompanion(deviceJid: string): void;
}
