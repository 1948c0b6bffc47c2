import type Database from 'better-sqlite3';
import type { Chat, Receipt } from '../../connector-api/index.ts';
import type { MessageStore } from '../../engine/ports/index.ts';
import { findByChat } from './chats.ts';
import type { StoreParts } from './parts.ts';
import { advance, rankOf } from './progress.ts';
import { findTarget } from './targets.ts';

/**
 * Moves messages forward. In groups each participant's receipt is kept, and the message is as far as the participant who
 * is furthest: delivered when the first phone has it, read when the first person has read it.
 */
export function recordReceipt(parts: StoreParts): MessageStore['recordReceipt'] {
  const keep = prepareKeep(parts.database);
  return (sessionId, receipt) =>
    parts.write(() => {
      let changed = 0;
      for (const networkId of receipt.networkIds) {
        const target = { sessionId, chat: receipt.chat, networkId };
        const message = findTarget(parts, target)?.message;
        if (message === undefined) keepEarly(parts, target, receipt);
        if (message?.direction !== 'outbound') continue;
        if (receipt.chat.kind === 'group' && receipt.by !== undefined) keep(message.id, receipt.by, receipt);
        if (advance(parts, message, receipt.status, receipt.at) !== null) changed += 1;
      }
      return changed;
    });
}

/** Under an id that is not known here: perhaps the one that the network gave to a message whose send is still open. */
function keepEarly(
  parts: StoreParts,
  target: { readonly sessionId: string; readonly chat: Chat; readonly networkId: string },
  receipt: Receipt,
): void {
  const { sessionId, chat, networkId } = target;
  const conversationId = findByChat(parts, sessionId, chat)?.conversation.id;
  if (conversationId === undefined) return;
  parts.earlyReceipts.keep({ sessionId, conversationId, networkId }, receipt, parts.clock.now());
}

function prepareKeep(database: Database.Database): (messageId: string, participant: string, receipt: Receipt) => void {
  const upsert = database.prepare<[string, string, number, number]>(
    `INSERT INTO receipts (message_id, participant, rank, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (message_id, participant) DO UPDATE SET rank = excluded.rank, at = excluded.at WHERE excluded.rank > rank`,
  );
  return (messageId, participant, receipt) =>
    void upsert.run(messageId, participant, rankOf(receipt.status), receipt.at);
}
