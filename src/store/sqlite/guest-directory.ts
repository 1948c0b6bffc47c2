import { toTimestamp } from '../../core/clock.ts';
import type { IdFactory } from '../../core/ids.ts';
import type { Guest } from '../../engine/model/conversation.ts';
import type { ConversationRow, ConversationTable } from './conversation-table.ts';
import type { EventLog } from './event-log.ts';
import { accountAddress, combineGuests, withAddresses } from './guest-identities.ts';
import type { GuestRow, GuestTable } from './guest-table.ts';
import type { MessageTable } from './message-table.ts';
import type { ThreadLog } from './thread-log.ts';

/** A person as a network shows them. The first address is the canonical one. */
interface Sighting {
  readonly property: string;
  readonly channel: string;
  readonly addresses: readonly string[];
  readonly displayName: string | undefined;
  readonly at: number;
}

/** Knows which addresses are one guest. Used inside write transactions. */
export class GuestDirectory {
  readonly #ids: IdFactory;
  readonly #guests: GuestTable;
  readonly #conversations: ConversationTable;
  readonly #messages: MessageTable;
  readonly #events: EventLog;
  readonly #threads: ThreadLog;

  constructor(deps: {
    ids: IdFactory;
    guests: GuestTable;
    conversations: ConversationTable;
    messages: MessageTable;
    events: EventLog;
    threads: ThreadLog;
  }) {
    this.#ids = deps.ids;
    this.#guests = deps.guests;
    this.#conversations = deps.conversations;
    this.#messages = deps.messages;
    this.#events = deps.events;
    this.#threads = deps.threads;
  }

  /** The guest with any of these addresses; unknown people become guests. */
  resolve(sighting: Sighting): GuestRow {
    return this.recognise(sighting) ?? this.#create(sighting);
  }

  /**
   * The guest with any of these addresses, or undefined. Two guests who turn out to be one are merged into the older, and
   * what is new (an address, a name) is learned.
   */
  recognise(sighting: Sighting): GuestRow | undefined {
    const known = new Set<string>();
    for (const address of sighting.addresses) {
      const id = this.#guests.find(sighting.channel, address, sighting.property);
      if (id !== undefined) known.add(id);
    }
    const [oldest, ...others] = [...known].sort(); // ids sort by the time at which they were made
    if (oldest === undefined) return undefined;
    let row = this.#guests.require(oldest, sighting.property);
    for (const other of others) row = this.merge(row, this.#guests.require(other, sighting.property), sighting.at);
    return this.#learn(row, sighting);
  }

  /** Whoever has the address; a new address becomes one of this guest. A request to send never merges two guests. */
  adopt(row: GuestRow, sighting: Sighting): GuestRow {
    return this.recognise(sighting) ?? this.#learn(row, sighting);
  }

  /** `from` becomes part of `into`: addresses, conversations and messages move. Returns the guest that remains. */
  merge(into: GuestRow, from: GuestRow, at: number): GuestRow {
    const time = toTimestamp(at);
    const survivor = this.#guests.save(combineGuests(into.guest, from.guest, time), {
      nameEdited: into.nameEdited || from.nameEdited,
      identities: true,
    });
    this.#guests.save(
      { ...from.guest, identities: [], mergedInto: into.guest.id, updatedAt: time },
      { nameEdited: from.nameEdited },
    );
    for (const row of this.#conversations.ofGuest(from.guest.id))
      this.#moveConversation(row, from.guest, into.guest.id);
    this.#events.append({
      type: 'guest.merged',
      property: into.guest.property,
      at,
      conversationId: null,
      seq: null,
      line: '',
      data: `{"guest":${survivor.json},"mergedGuestId":"${from.guest.id}"}`,
    });
    this.refreshConversations(survivor, at);
    return survivor;
  }

  announce(row: GuestRow, type: 'guest.created' | 'guest.updated', at: number): void {
    const data = `{"guest":${row.json}}`;
    this.#events.append({
      type,
      property: row.guest.property,
      at,
      conversationId: null,
      seq: null,
      line: '',
      data,
    });
  }

  /** Brings name and address of the guest into the conversations that show them. */
  refreshConversations(row: GuestRow, at: number): void {
    const { guest } = row;
    for (const thread of this.#conversations.ofGuest(guest.id)) {
      const { conversation } = thread;
      const entry = conversation.guests.find((shown) => shown.id === guest.id);
      if (entry === undefined) continue;
      const address = accountAddress(guest, conversation.channel, entry.address);
      if (entry.displayName === guest.displayName && entry.address === address) continue;
      entry.displayName = guest.displayName;
      entry.address = address;
      if (conversation.kind === 'direct' && conversation.address !== address) {
        conversation.address = address;
        this.#threads.append(thread, { type: 'conversation.updated', at, guestJson: row.json });
      }
      this.#conversations.save(thread);
    }
  }

  #create(sighting: Sighting): GuestRow {
    const time = toTimestamp(sighting.at);
    const row = this.#guests.insert({
      id: this.#ids.next('gst'),
      property: sighting.property,
      displayName: sighting.displayName ?? null,
      language: null,
      notes: null,
      consent: null,
      identities: sighting.addresses.map((address, index) => ({
        channel: sighting.channel,
        address,
        canonical: index === 0,
      })),
      mergedInto: null,
      lastInboundAt: null,
      createdAt: time,
      updatedAt: time,
    });
    this.announce(row, 'guest.created', sighting.at);
    return row;
  }

  #learn(row: GuestRow, sighting: Sighting): GuestRow {
    const { guest } = row;
    const identities = withAddresses(guest, sighting.channel, sighting.addresses);
    const name = sighting.displayName;
    const named = name !== undefined && name !== guest.displayName && (!row.nameEdited || guest.displayName === null);
    if (identities === null && !named) return row;
    const learned = this.#guests.save(
      {
        ...guest,
        displayName: named ? name : guest.displayName,
        identities: identities ?? guest.identities,
        updatedAt: toTimestamp(sighting.at),
      },
      { nameEdited: row.nameEdited, identities: identities !== null },
    );
    this.announce(learned, 'guest.updated', sighting.at);
    this.refreshConversations(learned, sighting.at);
    return learned;
  }

  #moveConversation(row: ConversationRow, from: Guest, into: string): void {
    const { conversation } = row;
    this.#messages.moveGuest(conversation.id, from.id, into);
    this.#conversations.removeGuest(conversation.id, from.id);
    this.#conversations.addGuest(conversation.id, into);
    const others = conversation.guests.filter((shown) => shown.id !== from.id && shown.id !== into);
    const entry =
      conversation.guests.find((shown) => shown.id === into) ??
      conversation.guests.find((shown) => shown.id === from.id);
    conversation.guests = entry === undefined ? others : [...others, { ...entry, id: into }];
    if (row.directGuestId === from.id) this.#moveDirect(row, into);
    this.#conversations.save(row);
  }

  // One guest has one direct thread a session: the one with the latest message goes on, the other stays as history.
  #moveDirect(row: ConversationRow, into: string): void {
    const present = this.#conversations.findDirect(row.conversation.session, into);
    const goesOn = present === undefined || isLivelier(row, present);
    if (present !== undefined && goesOn) {
      present.directGuestId = null;
      present.supersededBy = row.conversation.id;
      this.#conversations.saveOwner(present);
    }
    row.directGuestId = goesOn ? into : null;
    row.supersededBy = goesOn ? null : present.conversation.id;
    this.#conversations.saveOwner(row);
  }
}

/** A thread that was only opened says less than one in which somebody wrote, however new it is. */
function isLivelier(one: ConversationRow, other: ConversationRow): boolean {
  const [said, otherSaid] = [one.conversation.lastMessageAt ?? '', other.conversation.lastMessageAt ?? ''];
  return said === otherSaid ? one.activeAt > other.activeAt : said > otherSaid;
}
