import type Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import type { Conversation } from '../../engine/model/conversation.ts';
import type { PropertyFilter } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';

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

export class ConversationTable {
  readonly #sql;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      get: database.prepare<[string], Row>(`SELECT ${COLUMNS} FROM conversations c WHERE c.id = ?`),
      direct: database.prepare<[string, string], Row>(
        `SELECT ${COLUMNS} FROM conversations c WHERE c.direct_guest_id = ? AND c.session_id = ?`,
      ),
      group: database.prepare<[string, string], Row>(
        `SELECT ${COLUMNS} FROM conversations c WHERE c.group_address = ? AND c.session_id = ?`,
      ),
      groupAnywhere: database.prepare<[string], Row>(
        `SELECT ${COLUMNS} FROM conversations c WHERE c.group_address = ? ORDER BY c.session_id`,
      ),
      ofGuest: database.prepare<[string], Row>(
        `SELECT ${COLUMNS} FROM conversation_guests g JOIN conversations c ON c.id = g.conversation_id WHERE g.guest_id = ?`,
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

  get(id: string): ConversationRow | undefined {
    return toRow(this.#sql.get.get(id));
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
    return toRow(this.#sql.direct.get(guestId, sessionId));
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
    return this.#sql.ofGuest.all(guestId).map(fromRow);
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
    for (const guest of conversation.guests) this.#sql.addGuest.run(conversation.id, guest.id);
  }

  /** `json`: the conversation as it now is, where the caller has it already. */
  save(row: ConversationRow, json: string = encode(row.conversation).json): void {
    const { conversation } = row;
    const { id, unreadCount } = conversation;
    this.#sql.update.run(row.activeAt, row.lastInboundAt, unreadCount, json, id);
  }

  /** Writes whose thread it is and what took its place; all that pointed here follows. */
  saveOwner(row: ConversationRow): void {
    this.#sql.setOwner.run(row.directGuestId, row.supersededBy, row.conversation.id);
    if (row.supersededBy !== null) this.#sql.redirect.run(row.supersededBy, row.conversation.id);
  }

  addGuest(conversationId: string, guestId: string): void {
    this.#sql.addGuest.run(conversationId, guestId);
  }

  removeGuest(conversationId: string, guestId: string): void {
    this.#sql.removeGuest.run(conversationId, guestId);
  }
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
