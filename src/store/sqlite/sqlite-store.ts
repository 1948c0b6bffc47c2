import type { Store } from '../../engine/ports/index.ts';
import { acceptMessages } from './accept.ts';
import { apiKeyOperations, idempotencyOperations, mediaOperations } from './access-operations.ts';
import { alertOperations } from './alerts.ts';
import { attemptOperations } from './attempts.ts';
import { changeOperations } from './changes.ts';
import { consentOperations } from './consents.ts';
import { conversationOperations } from './conversation-operations.ts';
import { deliveryOperations } from './delivery-operations.ts';
import { dueOperations, dueReader } from './due.ts';
import { eventOperations } from './event-operations.ts';
import { figureOperations } from './figures.ts';
import { guestOperations } from './guest-operations.ts';
import { withHold } from './held-by.ts';
import { recordInbound } from './inbound.ts';
import { noticeOperations } from './limit-notices.ts';
import { limitOperations } from './limits.ts';
import { pacingOperations } from './pacing.ts';
import type { StoreParts } from './parts.ts';
import { readingOperations } from './reading.ts';
import { recordReceipt } from './receipts.ts';
import { replayEvents } from './replay.ts';
import { findRoute } from './routes.ts';
import { sessionOperations } from './session-operations.ts';
import { troubleOperations } from './troubles.ts';
import { versionOperations } from './versions.ts';
import { webhookOperations } from './webhook-operations.ts';

/** The Store port over one open SQLite file. `close` undoes what opening did. */
export function makeSqliteStore(parts: StoreParts, close: () => void): Store {
  let closed = false;
  const toDue = dueReader(parts);
  return {
    ...sessionOperations(parts),
    ...limitOperations(parts),
    ...noticeOperations(parts),
    ...conversationOperations(parts),
    ...readingOperations(parts),
    ...guestOperations(parts),
    ...consentOperations(parts),
    ...changeOperations(parts),
    ...dueOperations(parts, toDue),
    ...pacingOperations(parts, toDue),
    ...attemptOperations(parts),
    ...eventOperations(parts),
    ...webhookOperations(parts),
    ...deliveryOperations(parts),
    ...apiKeyOperations(parts),
    ...idempotencyOperations(parts),
    ...mediaOperations(parts),
    ...figureOperations(parts),
    ...versionOperations(parts),
    ...alertOperations(parts),
    ...troubleOperations(parts),
    acceptMessages: acceptMessages(parts),
    recordInbound: recordInbound(parts),
    recordReceipt: recordReceipt(parts),
    replayEvents: replayEvents(parts),
    findRoute: findRoute(parts),
    getMessage: (id, property) =>
      parts.read(() => {
        const message = parts.messages.get(id)?.message;
        return message === undefined || (property !== null && message.property !== property)
          ? null
          : withHold(parts, message);
      }),
    onCommit: (listener) => parts.queue.onCommit(listener),
    close: () =>
      new Promise((resolve) => {
        if (!closed) {
          closed = true;
          parts.queue.close();
          close();
        }
        resolve();
      }),
  };
}
