import type Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import type { Conversation } from '../../engine/model/conversation.ts';
import type { PropertyFilter } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';
import { Recent } from './recent.ts';

const RECENT_CONVERSATIONS = 2000; // as for guests; about 2 KiB each

/** A conversation under work in a transaction; changed in place, written once by `save`. */
export interface ConversationRow {
  readonly conversation: Conversation;
  directGuestId: string | null;
  /** The thread that goes on after two guests turned out to be one; this one is history. */
  supersededBy: string | null;
  activeAt: number;
  lastInboundAt: number | null;
}

interface Row {
  readonly direct_guest_id: string | null;
  readonly superseded_by: string | null;
  readonly active_at: number;
  readonly last_inbound_at: number | null;
  readonly object: JsonOf<Conversation>;
}

const COLUMNS = 'c.direct_guest_id, c.superseded_by, c.active_at, c.last_inbound_at, c.object';

/**
 * Those seen lately are kept in memory, for each message asks for its conversation. Every caller gets a copy of its own, and what is
 * kept changes only when a row is written.
 */
export class ConversationTable {
  readonly #sql;
  readonly #rows = new Recent<ConversationRow>(RECENT_CONVERSATIONS);
  readonly #directIds = new Recent<string>(RECENT_CONVERSATIONS);
  readonly #idsOfGuests = new Recent<readonly string[]>(RECENT_CONVERSATIONS);

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      get: database.prepare<[string], Row>(`SELECT ${COLUMNS} FROM conversations c WHERE c.id = ?`),
      direct: database.prepare<[string, string], { id: string }>(
        'SELECT id FROM conversations WHERE direct_guest_id = ? AND session_id = ?',
      ),
      group: database.prepare<[string, string], Row>(
        `SELECT ${COLUMNS} FROM conversations c WHERE c.group_address = ? AND c.session_id = ?`,
      ),
      groupAnywhere: database.prepare<[string], Row>(
        `SELECT ${COLUMNS} FROM conversations c WHERE c.group_address = ? ORDER BY c.session_id`,
      ),
      ofGuest: database.prepare<[string], { id: string }>(
        'SELECT conversation_id AS id FROM conversation_guests WHERE guest_id = ?',
      ),
      insert: database.prepare<[string, string, string, string | null, string | null, number, number | null, string]>(
        `INSERT INTO conversations (id, property, session_id, direct_guest_id, group_address, active_at, last_inbound_at, object)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      update: database.prepare<[number, number | null, number, string, string]>(
        'UPDATE conversations SET active_at = ?, last_inbound_at = ?, unread = ?, object = ? WHERE id = ?',
      ),
      setOwner: database.prepare<[string | null, string | null, string]>(
        'UPDATE conversations SET direct_guest_id = ?, superseded_by = ? WHERE id = ?',
      ),
      redirect: database.prepare<[string, string]>(
        'UPDATE conversations SET superseded_by = ? WHERE superseded_by = ?',
      ),
      addGuest: database.prepare<[string, string]>(
        'INSERT INTO conversation_guests (conversation_id, guest_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
      ),
      removeGuest: database.prepare<[string, string]>(
        'DELETE FROM conversation_guests WHERE conversation_id = ? AND guest_id = ?',
      ),
    };
  }

  /** Drops what is kept in memory. */
  forget(): void {
    this.#rows.clear();
    this.#directIds.clear();
    this.#idsOfGuests.clear();
  }

  get(id: string): ConversationRow | undefined {
    const row = this.peek(id);
    return row === undefined ? undefined : copy(row);
  }

  /** As it is kept, for reading only. */
  peek(id: string): Readonly<ConversationRow> | undefined {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = toRow(this.#sql.get.get(id));
    if (row !== undefined) this.#rows.set(id, row);
    return row;
  }

  /** Rejects with `not_found`, also for another property's conversation. */
  require(id: string, property: PropertyFilter): ConversationRow {
    const row = this.get(id);
    if (row === undefined || (property !== null && row.conversation.property !== property)) {
      throw new BellhopError('not_found', { detail: 'There is no such conversation.' });
    }
    return row;
  }

  /** The conversation, or the one that goes on in its place. */
  requireCurrent(id: string, property: PropertyFilter): ConversationRow {
    const row = this.require(id, property);
    return row.supersededBy === null ? row : this.require(row.supersededBy, property);
  }

  findDirect(sessionId: string, guestId: string): ConversationRow | undefined {
    const key = `${guestId} ${sessionId}`;
    const known = this.#directIds.get(key);
    if (known !== undefined) return this.get(known);
    const row = this.#sql.direct.get(guestId, sessionId);
    if (row === undefined) return undefined;
    this.#directIds.set(key, row.id);
    return this.get(row.id);
  }

  findGroup(sessionId: string, address: string): ConversationRow | undefined {
    return toRow(this.#sql.group.get(address, sessionId));
  }

  /** The group as each session sees it. */
  findGroups(address: string): readonly ConversationRow[] {
    return this.#sql.groupAnywhere.all(address).map(fromRow);
  }

  /** Every conversation that the guest takes part in. */
  ofGuest(guestId: string): readonly ConversationRow[] {
    return this.peekOfGuest(guestId).map(copy);
  }

  /** The same as they are kept, for reading only. */
  peekOfGuest(guestId: string): readonly Readonly<ConversationRow>[] {
    let ids = this.#idsOfGuests.get(guestId);
    if (ids === undefined) {
      ids = this.#sql.ofGuest.all(guestId).map((row) => row.id);
      this.#idsOfGuests.set(guestId, ids);
    }
    return ids.map((id) => this.peek(id)).filter((row) => row !== undefined);
  }

  insert(row: ConversationRow): void {
    const { conversation } = row;
    this.#sql.insert.run(
      conversation.id,
      conversation.property,
      conversation.session,
      row.directGuestId,
      conversation.kind === 'group' ? conversation.address : null,
      row.activeAt,
      row.lastInboundAt,
      encode(conversation).json,
    );
    for (const guest of conversation.guests) this.addGuest(conversation.id, guest.id);
    this.#keep(row);
  }

  /** `json`: the conversation as it now is, where the caller has it already. */
  save(row: ConversationRow, json: string = encode(row.conversation).json): void {
    const { conversation } = row;
    const { id, unreadCount } = conversation;
    this.#sql.update.run(row.activeAt, row.lastInboundAt, unreadCount, json, id);
    this.#keep(row);
  }

  /** Writes whose thread it is and what took its place; all that pointed here follows. */
  saveOwner(row: ConversationRow): void {
    this.#sql.setOwner.run(row.directGuestId, row.supersededBy, row.conversation.id);
    this.forget(); // two guests became one: too seldom to find out what else it changed
    if (row.supersededBy !== null) this.#sql.redirect.run(row.supersededBy, row.conversation.id);
  }

  addGuest(conversationId: string, guestId: string): void {
    this.#sql.addGuest.run(conversationId, guestId);
    this.#idsOfGuests.delete(guestId);
  }

  removeGuest(conversationId: string, guestId: string): void {
    this.#sql.removeGuest.run(conversationId, guestId);
    this.#idsOfGuests.delete(guestId);
  }

  #keep(row: ConversationRow): void {
    this.#rows.set(row.conversation.id, copy(row));
  }
}

function copy(row: Readonly<ConversationRow>): ConversationRow {
  const { conversation: known, directGuestId, supersededBy, activeAt, lastInboundAt } = row;
  const guests = known.guests.map(({ id, displayName, address }) => ({ id, displayName, address }));
  // Named one by one: each message makes two copies, and a spread costs four times as much.
  const conversation: Conversation = {
    id: known.id,
    property: known.property,
    channel: known.channel,
    session: known.session,
    kind: known.kind,
    address: known.address,
    title: known.title,
    guests,
    lastSeq: known.lastSeq,
    lastReadSeq: known.lastReadSeq,
    unreadCount: known.unreadCount,
    lastMessageAt: known.lastMessageAt,
    createdAt: known.createdAt,
    updatedAt: known.updatedAt,
  };
  return { conversation, directGuestId, supersededBy, activeAt, lastInboundAt };
}

function toRow(row: Row | undefined): ConversationRow | undefined {
  return row === undefined ? undefined : fromRow(row);
}

function fromRow(row: Row): ConversationRow {
  return {
    conversation: decode(row.object),
    directGuestId: row.direct_guest_id,
    supersededBy: row.superseded_by,
    activeAt: row.active_at,
    lastInboundAt: row.last_inbound_at,
  };
}
