import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Attachment, Message, MessageType } from '../../engine/model/message.ts';
import type { Session } from '../../engine/model/session.ts';
import type { IdempotencyClaim, MessageStore, NewOutbound } from '../../engine/ports/index.ts';
import type { Stored } from './codec.ts';
import type { ConversationRow } from './conversation-table.ts';
import type { GuestRow } from './guest-table.ts';
import { holdOf, limitHoldOf } from './held-by.ts';
import { copyJson } from './json-copy.ts';
import type { StoreParts } from './parts.ts';
import { refuseRotation } from './refuse-rotation.ts';
import { textKeyOf } from './text-key.ts';

type Accept = MessageStore['acceptMessages'];
interface Answerer {
  readonly claim: IdempotencyClaim;
  readonly answer: (messages: readonly Message[], texts: readonly string[]) => { status: number; body: string };
}

/** The hot path: what the API answers 202 to. */
export function acceptMessages(parts: StoreParts): Accept {
  return (inputs, idempotency) => parts.write(() => acceptAll(parts, inputs, idempotency));
}

function acceptAll(
  parts: StoreParts,
  inputs: readonly NewOutbound[],
  idempotency: Answerer | undefined,
): Awaited<ReturnType<Accept>> {
  if (idempotency !== undefined) {
    const earlier = parts.idempotency.look(idempotency.claim);
    if (earlier?.state === 'replay') return { replay: { status: earlier.status, body: earlier.body } };
  }
  const now = parts.clock.now();
  const accepted = inputs.map((input) => acceptOne(parts, input, now));
  const messages = accepted.map(({ value }) => value);
  const texts = accepted.map(({ json }) => json);
  if (idempotency !== undefined) parts.idempotency.store(idempotency.claim, idempotency.answer(messages, texts), now);
  return { messages, texts };
}

function acceptOne(parts: StoreParts, input: NewOutbound, now: number): Stored<Message> {
  const session = parts.sessions.require(input.sessionId);
  const { row, guest } = findThread(parts, input, now);
  const { conversation } = row;
  const { requestedBy, basis } = input;
  if (guest !== null && row.lastInboundAt === null) refuseRotation(parts, row, guest);
  if (input.replyTo !== null) requireReplyTarget(parts, input.replyTo, row);
  const time = toTimestamp(now);
  const message = compose(parts, { input, session, row, guest, now, time });
  const { json, position } = parts.messages.insert(message, {
    networkId: input.networkId,
    sender: null,
    origin: basis === null ? { requestedBy } : { requestedBy, basis },
    raw: null,
  });
  row.activeAt = now;
  conversation.lastMessageAt = time;
  const conversationJson = parts.threads.append(row, {
    type: 'message.queued',
    at: now,
    messageJson: json,
    ...(guest === null ? {} : { guestJson: guest.json }),
  });
  parts.conversations.save(row, conversationJson);
  parts.outbox.insert({
    messageId: message.id,
    sessionId: input.sessionId,
    conversationId: conversation.id,
    urgency: input.urgency,
    position,
    scheduled: input.sendAt !== null && input.sendAt > now,
    dueAt: input.sendAt ?? now,
    expiresAt: input.expiresAt,
    queuedAt: now,
    purpose: input.purpose,
    textLength: input.body?.length ?? 0,
    hasMedia: input.attachments.length > 0,
    textKey: textKeyOf(parts, message),
    sendAt: input.sendAt,
  });
  return { value: message, json };
}

function findThread(
  parts: StoreParts,
  input: NewOutbound,
  now: number,
): { row: ConversationRow; guest: GuestRow | null } {
  const { to, property, channel, sessionId } = input;
  const place = { property, channel, sessionId, title: null, at: now };
  if ('conversationId' in to) {
    const row = parts.conversations.requireCurrent(to.conversationId, property);
    const guest = row.directGuestId === null ? null : (parts.guests.get(row.directGuestId) ?? null);
    if (row.conversation.session === sessionId) return { row, guest };
    // Another session was asked to carry it: the same people have a thread of their own there.
    const { address } = row.conversation;
    return guest === null
      ? { row: parts.threads.openGroup({ ...place, address, guest }), guest }
      : { row: parts.threads.openDirect({ ...place, address, guest }), guest };
  }
  const { address } = to;
  if (to.kind === 'group') return { row: parts.threads.openGroup({ ...place, address, guest: null }), guest: null };
  const guest = findGuest(parts, input, to, now);
  return { row: parts.threads.openDirect({ ...place, address, guest }), guest };
}

function findGuest(
  parts: StoreParts,
  input: NewOutbound,
  to: { readonly address: string; readonly guestId?: string },
  now: number,
): GuestRow {
  const { property, channel } = input;
  const sighting = { property, channel, addresses: [to.address], displayName: undefined, at: now };
  if (to.guestId === undefined) return parts.directory.resolve(sighting);
  const named = parts.guests.require(to.guestId, property);
  return parts.directory.adopt(named, sighting);
}

function requireReplyTarget(parts: StoreParts, messageId: string, row: ConversationRow): void {
  const target = parts.messages.get(messageId)?.message.conversationId;
  if (target === row.conversation.id) return;
  const moved = target === undefined ? undefined : parts.conversations.get(target)?.supersededBy;
  if (moved !== row.conversation.id) throw new BellhopError('reply_target_not_found', { pointer: 'replyTo' });
}

function compose(
  parts: StoreParts,
  facts: {
    input: NewOutbound;
    session: Session;
    row: ConversationRow;
    guest: GuestRow | null;
    now: number;
    time: string;
  },
): Message {
  const { input, session, row, guest, time } = facts;
  const { conversation } = row;
  const attachments = input.attachments.map((wanted, index) => attach(parts, wanted, index, input.property));
  const wait = waitOf(parts, session, row, input.estimatedSendAt);
  return {
    id: parts.ids.next('msg'),
    property: input.property,
    conversationId: conversation.id,
    seq: conversation.lastSeq + 1,
    direction: 'outbound',
    channel: input.channel,
    session: input.sessionId,
    guestId: guest === null ? null : guest.guest.id,
    from: session.account?.address ?? '',
    to: conversation.address,
    type: typeOf(input),
    body: input.body,
    entities: input.entities.map((entity) => ({ ...entity })),
    attachments,
    albumId: null,
    location: input.location,
    contacts: input.contacts === null ? null : input.contacts.map((card) => ({ ...card, phones: [...card.phones] })),
    poll: input.poll === null ? null : { ...input.poll, options: [...input.poll.options], votes: [] },
    buttons: input.buttons.map(({ id, label }) => ({ id, label })),
    button: null,
    forwarded: false,
    replyTo: input.replyTo,
    reactions: [],
    status: 'queued',
    estimatedSendAt: wait.estimatedSendAt,
    heldBy: wait.heldBy,
    error: null,
    attempts: 0,
    urgency: input.urgency,
    purpose: input.purpose,
    metadata: input.metadata === null ? null : copyJson(input.metadata),
    channelMessageId: input.networkId,
    editedAt: null,
    deletedAt: null,
    sendAt: input.sendAt === null ? null : toTimestamp(input.sendAt),
    expiresAt: input.expiresAt === null ? null : toTimestamp(input.expiresAt),
    createdAt: time,
    queuedAt: time,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
  };
}

function waitOf(
  parts: StoreParts,
  session: Session,
  row: ConversationRow,
  estimatedAt: number | null,
): Pick<Message, 'heldBy' | 'estimatedSendAt'> {
  const estimatedSendAt = estimatedAt === null ? null : toTimestamp(estimatedAt);
  const heldBy = holdOf(session);
  if (heldBy !== null) return { heldBy, estimatedSendAt };
  return limitHoldOf(parts, row, estimatedSendAt) ?? { heldBy: null, estimatedSendAt };
}

function attach(
  parts: StoreParts,
  wanted: NewOutbound['attachments'][number],
  index: number,
  property: string,
): Attachment {
  const media = parts.media.get(wanted.mediaId, property);
  if (media === null) throw new BellhopError('media_not_found', { pointer: `attachments[${index}].mediaId` });
  return {
    id: parts.ids.next('att'),
    mediaId: media.id,
    kind: wanted.kind,
    status: 'stored',
    mimeType: media.mimeType,
    filename: wanted.filename ?? media.filename,
    sizeBytes: media.sizeBytes,
    sha256: media.sha256,
    durationMs: null,
    width: null,
    height: null,
    reason: null,
  };
}

/** An album is of the type of its first file. */
function typeOf(input: NewOutbound): MessageType {
  const [first] = input.attachments;
  if (first !== undefined) return first.kind;
  if (input.location !== null) return 'location';
  if (input.contacts !== null) return 'contacts';
  return input.poll === null ? 'text' : 'poll';
}
