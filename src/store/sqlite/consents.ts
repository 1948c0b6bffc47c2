import { toTimestamp } from '../../core/clock.ts';
import { errorRegistry } from '../../core/error-registry.ts';
import { maySend } from '../../engine/consent/may-write.ts';
import type { ConsentEntry } from '../../engine/model/consent.ts';
import type { Message } from '../../engine/model/message.ts';
import type { ConsentStore } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';
import { cursorNumber, decodeCursor, encodeCursor, toPage } from './cursors.ts';
import type { GuestRow } from './guest-table.ts';
import { saveWithEvent } from './message-events.ts';
import type { StoreParts } from './parts.ts';

/** What became of a wish; `row` is the guest as he now is. */
export interface Noted {
  readonly row: GuestRow;
  readonly changed: boolean;
  readonly cancelled: readonly Message[];
}

interface Row {
  readonly n: number;
  readonly object: JsonOf<ConsentEntry>;
}

/** The ledger of opting out and in. */
export function consentOperations(parts: StoreParts): ConsentStore {
  const { database, guests, read, write } = parts;
  const page = database.prepare<[string, number, number], Row>(
    'SELECT n, object FROM consent_log WHERE guest_id = ? AND n < ? ORDER BY n DESC LIMIT ?',
  );
  return {
    recordConsent: (guestId, entry, property, at) =>
      write(() => {
        const { row, changed, cancelled } = noteConsent(parts, guests.require(guestId, property), entry, at);
        return { guest: row.guest, changed, cancelled };
      }),
    listConsents: (guestId, property, { limit, cursor }) =>
      read(() => {
        const { guest } = guests.require(guestId, property);
        const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : cursorNumber(decodeCursor('cns', cursor, 1)[0]);
        return toPage(
          page.all(guest.id, before, limit + 1),
          limit,
          (row) => decode(row.object),
          (row) => encodeCursor('cns', row.n),
        );
      }),
  };
}

/** Inside a write transaction: the row of the ledger always, the guest and the event where it is news. */
export function noteConsent(parts: StoreParts, guestRow: GuestRow, wish: Omit<ConsentEntry, 'at'>, at: number): Noted {
  const { guest, nameEdited } = guestRow;
  const since = toTimestamp(at);
  const entry: ConsentEntry = { ...wish, at: since };
  parts.consentLog.add(guest.id, encode(entry).json);
  if (guest.consent?.state === wish.state) return { row: guestRow, changed: false, cancelled: [] };
  const consent = { state: wish.state, since, source: wish.source };
  const row = parts.guests.save({ ...guest, consent, updatedAt: since }, { nameEdited });
  parts.events.append({
    type: wish.state === 'opted_out' ? 'guest.opted_out' : 'guest.opted_in',
    property: guest.property,
    at,
    conversationId: null,
    seq: null,
    line: '',
    data: JSON.stringify({ guest: row.guest, consent: entry }),
  });
  const cancelled = wish.state === 'opted_out' ? silence(parts, row, at, () => false) : [];
  return { row, changed: true, cancelled };
}

/** Two records turned out to be one person: what is queued for a guest who asked for silence under another name must not go out. */
export function silenceMerged(parts: StoreParts, row: GuestRow, at: number): readonly Message[] {
  if (row.guest.consent?.state !== 'opted_out') return [];
  return silence(parts, row, at, (message, lastInboundAt) => isAllowed(row, message, lastInboundAt));
}

/** Whether a queued message may still go to its guest. Asked inside the transaction that begins an attempt. */
export function mayStillSend(parts: StoreParts, message: Message): boolean {
  if (message.guestId === null) return true;
  const row = parts.guests.get(message.guestId);
  if (row?.guest.consent?.state !== 'opted_out') return true;
  const thread = parts.conversations.require(message.conversationId, null);
  return thread.conversation.kind === 'group' || isAllowed(row, message, thread.lastInboundAt);
}

/** Takes a message out of the queue because its guest wants none. */
export function cancelUnwanted(parts: StoreParts, message: Message, at: number): Message {
  const queued = parts.outbox.get(message.id);
  if (queued !== undefined) parts.outbox.remove(queued);
  const { title, remedy } = errorRegistry.opted_out;
  const error = { code: 'opted_out', title, remedy, certainty: 'not_sent', nativeCode: null } as const;
  const unwanted: Message = { ...message, status: 'cancelled', heldBy: null, estimatedSendAt: null, error };
  return saveWithEvent(parts, unwanted, 'message.cancelled', at);
}

function isAllowed(row: GuestRow, message: Message, lastInboundAt: number | null): boolean {
  return maySend(row.guest.consent, message.purpose ?? 'service', lastInboundAt);
}

function silence(
  parts: StoreParts,
  row: GuestRow,
  at: number,
  isExempt: (message: Message, lastInboundAt: number | null) => boolean,
): readonly Message[] {
  const cancelled: Message[] = [];
  for (const thread of parts.conversations.ofGuest(row.guest.id)) {
    if (thread.conversation.kind === 'group') continue; // the others there have not asked for silence
    for (const id of parts.outbox.queuedIn(thread.conversation.session, thread.conversation.id)) {
      const { message } = parts.messages.require(id, null);
      if (!isExempt(message, thread.lastInboundAt)) cancelled.push(cancelUnwanted(parts, message, at));
    }
  }
  return cancelled;
}
