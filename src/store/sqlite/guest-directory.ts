import { toTimestamp } from '../../core/clock.ts';
import type { IdFactory } from '../../core/ids.ts';
import type { Guest } from '../../engine/model/conversation.ts';
import type { ConversationRow, ConversationTable } from './conversation-table.ts';
import type { EventLog } from './event-log.ts';
import type { GuestRow, GuestTable } from './guest-table.ts';
import { addressesOn } from './guest-table.ts';
import type { MessageTable } from './message-table.ts';
import type { ThreadLog } from './thread-log.ts';

/** A person as a network shows them. The first address is the canonical one. */
export interface Sighting {
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

  /** The address of the sighting belongs to this guest; whoever had it before becomes part of the older of the two. */
  adopt(row: GuestRow, sighting: Sighting): GuestRow {
    const present = this.recognise(sighting);
    if (present === undefined) return this.#learn(row, sighting);
    if (present.guest.id === row.guest.id) return present;
    const [older, younger] = present.guest.id < row.guest.id ? [present, row] : [row, present];
    return this.merge(older, younger, sighting.at);
  }

  /** `from` becomes part of `into`: addresses, conversations and messages move. Returns the guest that remains. */
  merge(into: GuestRow, from: GuestRow, at: number): GuestRow {
    const time = toTimestamp(at);
    const survivor = this.#guests.save(combine(into.guest, from.guest, time), {
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
      const address = addressesOn(guest, conversation.channel)[0] ?? entry.address;
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
    const identities = withAddresses(guest, sighting);
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

  // One guest has one direct thread a session: the one with the latest activity goes on, the other stays as history.
  #moveDirect(row: ConversationRow, into: string): void {
    const present = this.#conversations.findDirect(row.conversation.session, into);
    const goesOn = present === undefined || row.activeAt > present.activeAt;
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

function combine(into: Guest, from: Guest, time: string): Guest {
  const channels = new Set(into.identities.filter((known) => known.canonical).map((known) => known.channel));
  const added = from.identities.map((known) => ({
    ...known,
    canonical: known.canonical && !channels.has(known.channel),
  }));
  const notes = [into.notes, from.notes].filter((text) => text !== null);
  return {
    ...into,
    displayName: into.displayName ?? from.displayName,
    language: into.language ?? from.language,
    notes: notes.length === 0 ? null : notes.join('\n'),
    identities: [...into.identities, ...added],
    lastInboundAt:
      [into.lastInboundAt, from.lastInboundAt]
        .filter((time) => time !== null)
        .sort()
        .at(-1) ?? null,
    updatedAt: time,
  };
}

/**
 * The identities with what the sighting adds, or null when it adds nothing. The canonical address changes only when the network
 * names the present one beside a better one: a lone `lid:` says nothing about the number that is already known.
 */
function withAddresses(guest: Guest, sighting: Sighting): Guest['identities'] | null {
  const { channel, addresses } = sighting;
  const own = guest.identities.filter((known) => known.channel === channel);
  const missing = addresses.filter((address) => own.every((known) => known.address !== address));
  const canonical = own.find((known) => known.canonical);
  const first = addresses[0];
  const better =
    first !== undefined &&
    canonical?.address !== first &&
    (canonical === undefined || addresses.includes(canonical.address));
  if (missing.length === 0 && !better) return null;
  const added = missing.map((address) => ({ channel, address, canonical: false }));
  const chosen = better ? first : canonical?.address;
  return [...guest.identities, ...added].map((known) =>
    known.channel === channel ? { ...known, canonical: known.address === chosen } : known,
  );
}
