import type { MessageReference, OutboundAttachment, OutboundContent } from '../../connector-api/index.ts';
import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Attachment, Message } from '../../engine/model/message.ts';
import { accountKeyOf } from '../../engine/pacing/account-key.ts';
import { laneOf } from '../../engine/pacing/lanes.ts';
import type { MessageStore, SendOrder } from '../../engine/ports/index.ts';
import { cancelQueued, expireQueued } from './cancel.ts';
import { toChat } from './chats.ts';
import { cancelUnwanted, mayStillSend } from './consents.ts';
import type { ConversationRow } from './conversation-table.ts';
import { finishAttempt } from './finish-attempt.ts';
import { toReference } from './message-table.ts';
import type { OutboxRow } from './outbox-table.ts';
import { URGENCIES } from './outbox-table.ts';
import type { StoreParts } from './parts.ts';

const EXPIRED_PER_COMMIT = 200; // keeps one transaction short when a long outage ends

type Attempts = Pick<
  MessageStore,
  'cancelMessage' | 'deferMessage' | 'beginAttempt' | 'finishAttempt' | 'releaseAttempts' | 'expireMessages'
>;

/** The road of a message from the queue to the network. */
export function attemptOperations(parts: StoreParts): Attempts {
  const { database, clock, messages, outbox, write } = parts;
  const sending = database.prepare<[], OutboxRow>("SELECT * FROM outbox WHERE state = 'sending'");
  const expired = database.prepare<[number, number], { message_id: string }>(
    `SELECT message_id FROM outbox WHERE expires_at <= ? AND state <> 'sending' ORDER BY expires_at LIMIT ?`,
  );
  return {
    cancelMessage: (id, property, at) =>
      write(() => {
        messages.require(id, property);
        const queued = outbox.get(id);
        if (queued === undefined || queued.state === 'sending') throw new BellhopError('message_not_queued');
        return cancelQueued(parts, id, at);
      }),
    deferMessage: (id, until) =>
      write(() => {
        const queued = outbox.get(id);
        if (queued === undefined || queued.state === 'sending') return;
        const { message } = messages.require(id, null);
        const estimatedSendAt = toTimestamp(until.notBefore);
        messages.save({ ...message, heldBy: until.heldBy, estimatedSendAt });
        outbox.postpone(queued, until.notBefore);
      }),
    beginAttempt: (id) =>
      write(() => {
        const queued = outbox.get(id);
        return queued === undefined || queued.state === 'sending' ? null : begin(parts, queued, clock.now());
      }),
    finishAttempt: (id, outcome) => write(() => finishAttempt(parts, id, outcome)),
    releaseAttempts: () =>
      write(() => {
        const rows = sending.all();
        for (const row of rows) {
          messages.save({ ...messages.require(row.message_id, null).message, status: 'queued' });
          outbox.postpone(row, clock.now());
        }
        return rows.length;
      }),
    async expireMessages(now) {
      const all: Message[] = [];
      for (;;) {
        const some = await write(() =>
          expired.all(now, EXPIRED_PER_COMMIT).map((row) => expireQueued(parts, row.message_id, now)),
        );
        all.push(...some);
        if (some.length < EXPIRED_PER_COMMIT) return all;
      }
    },
  };
}

function begin(parts: StoreParts, queued: OutboxRow, now: number): SendOrder | null {
  const row = parts.messages.require(queued.message_id, null);
  if (!mayStillSend(parts, row.message)) {
    cancelUnwanted(parts, row.message, now);
    return null;
  }
  const attempt = row.message.attempts + 1;
  const message: Message = { ...row.message, status: 'sending', attempts: attempt, heldBy: null };
  parts.messages.saveKnown(message);
  parts.outbox.begin(queued);
  const thread = parts.conversations.require(message.conversationId, null);
  logSend(parts, queued, thread, now);
  const chat = toChat(parts, thread, message.to);
  return {
    message,
    chat,
    networkId: row.networkId,
    content: contentOf(message),
    replyTo: message.replyTo === null ? null : quote(parts, message.replyTo),
    attempt,
  };
}

/** Before the first byte: what may have left counts, also when the daemon dies in between. */
function logSend(parts: StoreParts, queued: OutboxRow, thread: ConversationRow, now: number): void {
  const account = accountKeyOf(parts.sessions.require(queued.session_id));
  const { lastInboundAt } = thread;
  const { message_id, conversation_id, purpose, urgency, queued_at, send_at, text_key } = queued;
  const intent = { purpose, urgency: URGENCIES[urgency] ?? 'normal', queuedAt: queued_at, sendAt: send_at };
  parts.sendLog.begin({
    messageId: message_id,
    account,
    conversationId: conversation_id,
    at: now,
    lane: laneOf(intent, { lastInboundAt }, now),
    isNewChat: thread.conversation.kind === 'direct' && lastInboundAt === null,
    textKey: text_key,
  });
}

function quote(parts: StoreParts, messageId: string): (MessageReference & { readonly body?: string }) | null {
  const row = parts.messages.get(messageId);
  if (row === undefined) return null;
  const { body } = row.message;
  return { ...toReference(row), ...(body === null ? {} : { body }) };
}

function contentOf(message: Message): OutboundContent {
  const [attachment, ...others] = message.attachments;
  if (attachment !== undefined) return mediaContent(message, [attachment, ...others]);
  if (message.location !== null) {
    const { latitude, longitude, name } = message.location;
    return { type: 'location', location: { latitude, longitude, ...(name === undefined ? {} : { name }) } };
  }
  if (message.contacts !== null) return { type: 'contacts', contacts: message.contacts };
  if (message.poll !== null) {
    const { question, options, multiple } = message.poll;
    return { type: 'poll', poll: { question, options, multiple } };
  }
  const [button, ...buttons] = message.buttons;
  return {
    type: 'text',
    body: message.body ?? '',
    ...(message.entities.length === 0 ? {} : { entities: message.entities }),
    ...(button === undefined ? {} : { buttons: [button, ...buttons] }),
  };
}

function mediaContent(message: Message, files: readonly [Attachment, ...Attachment[]]): OutboundContent {
  const [first, ...others] = files;
  return {
    type: 'media',
    attachments: [toOutbound(first), ...others.map(toOutbound)],
    ...(message.body === null ? {} : { body: message.body }),
    ...(message.entities.length === 0 ? {} : { entities: message.entities }),
  };
}

function toOutbound(attachment: Attachment): OutboundAttachment {
  const { kind, mimeType, sizeBytes, sha256, filename } = attachment;
  return {
    kind,
    media: { sha256: sha256 ?? '', sizeBytes: sizeBytes ?? 0, mimeType },
    ...(filename === null ? {} : { filename }),
  };
}
