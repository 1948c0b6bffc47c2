import { toTimestamp } from '../../core/clock.ts';
import type { IdFactory } from '../../core/ids.ts';
import type { EventType } from '../../engine/model/event.ts';
import type { ConversationRow, ConversationTable } from './conversation-table.ts';
import type { EventLog } from './event-log.ts';
import { accountAddress } from './guest-identities.ts';
import type { GuestRow, GuestTable } from './guest-table.ts';

/** Where a new conversation belongs. `guest` is the other side of a direct one. */
interface NewThread {
  readonly property: string;
  readonly channel: string;
  readonly sessionId: string;
  readonly address: string;
  readonly title: string | null;
  readonly guest: GuestRow | null;
  readonly at: number;
}

/** Gives conversations their events, each with the next seq. Used inside write transactions. */
export class ThreadLog {
  readonly #ids: IdFactory;
  readonly #events: EventLog;
  readonly #guests: GuestTable;
  readonly #conversations: ConversationTable;

  constructor(deps: { ids: IdFactory; events: EventLog; guests: GuestTable; conversations: ConversationTable }) {
    this.#ids = deps.ids;
    this.#events = deps.events;
    this.#guests = deps.guests;
    this.#conversations = deps.conversations;
  }

  /**
   * Appends an event with the whole objects as they are now. The conversation's counters are changed in memory; the caller
   * saves the row once it is done with it, with the JSON returned if it changes nothing more.
   */
  append(
    row: ConversationRow,
    event: { type: EventType; at: number; messageJson?: string; guestJson?: string; releaseJson?: string },
  ): string {
    const { conversation } = row;
    conversation.lastSeq += 1;
    conversation.updatedAt = toTimestamp(event.at);
    const message = event.messageJson === undefined ? '' : `"message":${event.messageJson},`;
    const guest = event.guestJson === undefined ? '' : `,"guest":${event.guestJson}`;
    const release = event.releaseJson === undefined ? '' : `,"release":${event.releaseJson}`;
    const json = JSON.stringify(conversation);
    this.#events.append({
      type: event.type,
      property: conversation.property,
      at: event.at,
      conversationId: conversation.id,
      seq: conversation.lastSeq,
      line: conversation.id,
      data: `{${message}"conversation":${json}${guest}${release}}`,
    });
    return json;
  }

  /** The same for an event about a message whose guest still has to be read. */
  appendAbout(
    row: ConversationRow,
    event: { type: EventType; at: number; messageJson: string; guestId: string | null; releaseJson?: string },
  ): void {
    const { guestId, ...told } = event;
    const guest = guestId === null ? undefined : this.#guests.get(guestId);
    this.append(row, {
      ...told,
      ...(guest === undefined ? {} : { guestJson: guest.json }),
    });
  }

  /**
   * The direct conversation with this guest, made with its event when there is none. It follows the guest from one account to
   * another, so that an answer goes to the phone that asked.
   */
  openDirect(thread: NewThread & { guest: GuestRow }): ConversationRow {
    const { guest } = thread.guest;
    const row = this.#conversations.findDirect(thread.sessionId, guest.id);
    if (row === undefined) return this.create(thread);
    const known = guest.identities.find(
      (identity) => identity.channel === thread.channel && identity.address === thread.address,
    );
    if (known?.canonical === true && row.conversation.address !== thread.address) {
      this.#redirect(row, thread.guest, thread.address, thread.at);
    }
    return row;
  }

  openGroup(thread: NewThread & { guest: null }): ConversationRow {
    return this.#conversations.findGroup(thread.sessionId, thread.address) ?? this.create(thread);
  }

  create(thread: NewThread): ConversationRow {
    const time = toTimestamp(thread.at);
    const { guest } = thread;
    const address = guest === null ? thread.address : accountAddress(guest.guest, thread.channel, thread.address);
    const row: ConversationRow = {
      conversation: {
        id: this.#ids.next('cnv'),
        property: thread.property,
        channel: thread.channel,
        session: thread.sessionId,
        kind: guest === null ? 'group' : 'direct',
        address,
        title: thread.title,
        guests: guest === null ? [] : [{ id: guest.guest.id, displayName: guest.guest.displayName, address }],
        lastSeq: 0,
        lastReadSeq: 0,
        unreadCount: 0,
        lastMessageAt: null,
        createdAt: time,
        updatedAt: time,
      },
      directGuestId: guest === null ? null : guest.guest.id,
      supersededBy: null,
      activeAt: thread.at,
      lastInboundAt: null,
    };
    this.#conversations.insert(row);
    this.append(row, {
      type: 'conversation.created',
      at: thread.at,
      ...(guest === null ? {} : { guestJson: guest.json }),
    });
    return row;
  }

  #redirect(row: ConversationRow, guest: GuestRow, address: string, at: number): void {
    const { conversation } = row;
    conversation.address = address;
    conversation.guests = conversation.guests.map((entry) => ({ ...entry, address }));
    this.append(row, { type: 'conversation.updated', at, guestJson: guest.json });
  }

  /** A guest who speaks in a group for the first time becomes one of its guests. */
  addParticipant(row: ConversationRow, guest: GuestRow, address: string): void {
    const { conversation } = row;
    if (conversation.guests.some((known) => known.id === guest.guest.id)) return;
    conversation.guests.push({ id: guest.guest.id, displayName: guest.guest.displayName, address });
    this.#conversations.addGuest(conversation.id, guest.guest.id);
  }
}
