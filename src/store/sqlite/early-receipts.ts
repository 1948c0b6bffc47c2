import type Database from 'better-sqlite3';
import type { Chat, ReceiptStatus } from '../../connector-api/index.ts';
import type { Message } from '../../engine/model/message.ts';
import { findByChat } from './chats.ts';
import type { StoreParts } from './parts.ts';
import { advance } from './progress.ts';

/** A daemon that was killed in the middle of a send asks again within this time, or a person has given up on it; ms. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

interface EarlyReceipt {
  readonly status: ReceiptStatus;
  readonly at: number;
}

/**
 * Receipts that name a message by an id which the network gave it and which is not known here yet, because the outcome of its send
 * is still to be recorded (also after a kill). Kept only for conversations in which a send is open; the last one counts.
 */
export class EarlyReceipts {
  readonly #sql;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      openSend: database.prepare<[string, string], { found: 1 }>(
        `SELECT 1 AS found FROM outbox o JOIN messages m ON m.n = o.position
         WHERE o.session_id = ? AND o.conversation_id = ? AND m.known = 1 LIMIT 1`,
      ),
      keep: database.prepare<[string, string, string, number]>(
        `INSERT INTO early_receipts (conversation_id, network_id, status, at) VALUES (?, ?, ?, ?)
         ON CONFLICT (conversation_id, network_id) DO UPDATE SET status = excluded.status, at = excluded.at`,
      ),
      take: database.prepare<[string, string], EarlyReceipt>(
        'DELETE FROM early_receipts WHERE conversation_id = ? AND network_id = ? RETURNING status, at',
      ),
      prune: database.prepare<[number]>('DELETE FROM early_receipts WHERE at < ?'),
    };
  }

  /** Does nothing for a chat in which no send is open: such a receipt is of a message that was never here. */
  keep(
    parts: StoreParts,
    target: { readonly sessionId: string; readonly chat: Chat; readonly networkId: string },
    receipt: EarlyReceipt,
  ): void {
    const { sessionId, chat, networkId } = target;
    const conversationId = findByChat(parts, sessionId, chat)?.conversation.id;
    if (conversationId === undefined || this.#sql.openSend.get(sessionId, conversationId) === undefined) return;
    this.#sql.prune.run(parts.clock.now() - KEPT_MS);
    this.#sql.keep.run(conversationId, networkId, receipt.status, receipt.at);
  }

  /** The message has got its id: what was said about it before counts now. */
  apply(parts: StoreParts, message: Message, networkId: string): Message {
    const early = this.#sql.take.get(message.conversationId, networkId);
    return early === undefined ? message : (advance(parts, message, early.status, early.at) ?? message);
  }
}
