import type Database from 'better-sqlite3';
import type { MessageReference } from '../../connector-api/index.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Message } from '../../engine/model/message.ts';
import type { NewOutbound, PropertyFilter } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';

/** What a message is stored with beside its public object. */
interface MessageFacts {
  readonly networkId: string;
  /** Address of the author on the network, for references; null for the account itself. */
  readonly sender: string | null;
  /** Who asked for it and on which basis; null for what came from the network. */
  readonly origin: { readonly requestedBy: string; readonly basis?: NewOutbound['basis'] } | null;
  readonly raw: string | null;
}

export interface MessageRow {
  readonly message: Message;
  readonly networkId: string;
  readonly sender: string | null;
}

interface Row {
  readonly network_id: string;
  readonly sender: string | null;
  readonly object: JsonOf<Message>;
}

const COLUMNS = 'network_id, sender, object';

export class MessageTable {
  readonly #sql;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      get: database.prepare<[string], Row>(`SELECT ${COLUMNS} FROM messages WHERE id = ?`),
      byNetworkId: database.prepare<[string, string], Row>(
        `SELECT ${COLUMNS} FROM messages WHERE session_id = ? AND network_id = ? AND known = 1`,
      ),
      unreadNewest: database.prepare<[string, number, number], Row>(
        `SELECT ${COLUMNS} FROM messages WHERE conversation_id = ? AND seq > ? AND inbound = 1 ORDER BY seq DESC LIMIT ?`,
      ),
      inboundRange: database.prepare<[string, number, number], Row>(
        `SELECT ${COLUMNS} FROM messages WHERE conversation_id = ? AND seq > ? AND seq <= ? AND inbound = 1 ORDER BY seq`,
      ),
      insert: database.prepare<
        [string, string, number, string, string, number, number, string | null, string | null, string]
      >(
        `INSERT INTO messages (id, conversation_id, seq, session_id, network_id, known, inbound, sender, origin, object)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      insertRaw: database.prepare<[string, string]>('INSERT INTO message_raw (message_id, raw) VALUES (?, ?)'),
      update: database.prepare<[string, string]>('UPDATE messages SET object = ? WHERE id = ?'),
      // A `known` that is set again leaves the index as it is.
      updateKnown: database.prepare<[string, string]>('UPDATE messages SET object = ?, known = 1 WHERE id = ?'),
      rename: database.prepare<[string, string, string]>(
        'UPDATE messages SET object = ?, network_id = ?, known = 1 WHERE id = ?',
      ),
      makeUnknown: database.prepare<[string]>('UPDATE messages SET known = 0 WHERE id = ?'),
      moveGuest: database.prepare<{ conversation: string; from: string; into: string }>(
        `UPDATE messages SET object = json_set(object, '$.guestId', @into)
         WHERE object ->> '$.guestId' = @from AND id IN (
           SELECT data ->> '$.message.id' FROM events
           WHERE conversation_id = @conversation AND type IN ('message.received', 'message.queued', 'message.sent'))`,
      ),
    };
  }

  get(id: string): MessageRow | undefined {
    const row = this.#sql.get.get(id);
    return row === undefined ? undefined : fromRow(row);
  }

  /** Rejects with `not_found`, also for another property's message. */
  require(id: string, property: PropertyFilter): MessageRow {
    const row = this.get(id);
    if (row === undefined || (property !== null && row.message.property !== property)) {
      throw new BellhopError('not_found', { detail: 'There is no such message.' });
    }
    return row;
  }

  /** Of those that the network knows. More than one where two chats of the session happen to use the same network id. */
  byNetworkId(sessionId: string, networkId: string): readonly MessageRow[] {
    return this.#sql.byNetworkId.all(sessionId, networkId).map(fromRow);
  }

  /** The newest `limit` messages of guests after `seq`, newest last. */
  unreadSince(conversationId: string, seq: number, limit: number): readonly MessageReference[] {
    return this.#sql.unreadNewest.all(conversationId, seq, limit).map(fromRow).reverse().map(toReference);
  }

  /** Messages of guests in `(after, upTo]`. */
  inboundBetween(conversationId: string, after: number, upTo: number): readonly MessageRow[] {
    return this.#sql.inboundRange.all(conversationId, after, upTo).map(fromRow);
  }

  /** Returns its JSON and its place among all messages, which orders the queue. */
  insert(message: Message, facts: MessageFacts): { json: string; position: number } {
    const { json } = encode(message);
    const result = this.#sql.insert.run(
      message.id,
      message.conversationId,
      message.seq,
      message.session,
      facts.networkId,
      message.status === 'queued' ? 0 : 1,
      message.direction === 'inbound' ? 1 : 0,
      facts.sender,
      facts.origin === null ? null : JSON.stringify(facts.origin),
      json,
    );
    if (facts.raw !== null) this.#sql.insertRaw.run(message.id, facts.raw);
    return { json, position: Number(result.lastInsertRowid) };
  }

  /** Returns the new JSON. */
  save(message: Message): string {
    const { json } = encode(message);
    this.#sql.update.run(json, message.id);
    return json;
  }

  /** The same for one that is about to be sent: from now on the network may name it by its id. */
  saveKnown(message: Message): void {
    this.#sql.updateKnown.run(encode(message).json, message.id);
  }

  /** The same for one to which the network gave another id than the chosen one. */
  rename(message: Message, networkId: string): void {
    this.#sql.rename.run(encode(message).json, networkId, message.id);
  }

  /** The network's id of it means another row from now on. */
  makeUnknown(id: string): void {
    this.#sql.makeUnknown.run(id);
  }

  /** The messages of one guest in a conversation become another's. */
  moveGuest(conversationId: string, from: string, into: string): void {
    this.#sql.moveGuest.run({ conversation: conversationId, from, into });
  }
}

export function toReference(row: MessageRow): MessageReference {
  return row.sender === null ? { networkId: row.networkId } : { networkId: row.networkId, sender: row.sender };
}

function fromRow(row: Row): MessageRow {
  return { message: decode(row.object), networkId: row.network_id, sender: row.sender };
}
