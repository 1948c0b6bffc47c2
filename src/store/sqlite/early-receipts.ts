import type Database from 'better-sqlite3';
import type { ReceiptStatus } from '../../connector-api/index.ts';

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

  /** Does nothing for a conversation in which no send is open: such a receipt is of a message that was never here. */
  keep(
    place: { readonly sessionId: string; readonly conversationId: string; readonly networkId: string },
    receipt: EarlyReceipt,
    now: number,
  ): void {
    const { sessionId, conversationId, networkId } = place;
    if (this.#sql.openSend.get(sessionId, conversationId) === undefined) return;
    this.#sql.prune.run(now - KEPT_MS);
    this.#sql.keep.run(conversationId, networkId, receipt.status, receipt.at);
  }

  /** What was said under an id before the message had it; forgotten by that. */
  take(conversationId: string, networkId: string): EarlyReceipt | undefined {
    return this.#sql.take.get(conversationId, networkId);
  }
}
