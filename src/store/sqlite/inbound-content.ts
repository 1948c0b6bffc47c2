import type { InboundAttachment, InboundContent, TextEntity } from '../../connector-api/content.ts';
import { toTimestamp } from '../../core/clock.ts';
import type { Attachment, Message, MessageType } from '../../engine/model/message.ts';
import type { InboundRecord } from '../../engine/ports/index.ts';
import type { StoreParts } from './parts.ts';

type Content = Pick<
  Message,
  'type' | 'body' | 'entities' | 'attachments' | 'location' | 'contacts' | 'poll' | 'button'
>;
type Place = Pick<Message, 'conversationId' | 'seq' | 'guestId' | 'from' | 'to' | 'replyTo'>;

/** The public message for what a network delivered; files become media rows. */
export function composeInbound(parts: StoreParts, record: InboundRecord, place: Place): Message {
  const { message, receivedAt } = record;
  const inbound = message.direction === 'inbound';
  return {
    id: parts.ids.next('msg'),
    property: record.property,
    conversationId: place.conversationId,
    seq: place.seq,
    direction: message.direction,
    channel: record.channel,
    session: record.sessionId,
    guestId: place.guestId,
    from: place.from,
    to: place.to,
    ...readContent(parts, record, message.content),
    albumId: message.albumId ?? null,
    buttons: [],
    forwarded: message.forwarded ?? false,
    replyTo: place.replyTo,
    reactions: [],
    status: inbound ? 'received' : 'sent',
    estimatedSendAt: null,
    heldBy: null,
    error: null,
    attempts: 0,
    urgency: null,
    purpose: null,
    metadata: null,
    channelMessageId: message.networkId,
    editedAt: null,
    deletedAt: null,
    sendAt: null,
    expiresAt: null,
    createdAt: toTimestamp(receivedAt),
    queuedAt: null,
    sentAt: toTimestamp(message.sentAt),
    deliveredAt: inbound ? toTimestamp(receivedAt) : null,
    readAt: null,
    failedAt: null,
  };
}

const EMPTY: Omit<Content, 'type'> = {
  body: null,
  entities: [],
  attachments: [],
  location: null,
  contacts: null,
  poll: null,
  button: null,
};

function readContent(parts: StoreParts, record: InboundRecord, content: InboundContent): Content {
  switch (content.type) {
    case 'text':
      return { ...EMPTY, type: 'text', body: content.body, entities: copyEntities(content.entities) };
    case 'media': {
      const type: MessageType = content.attachments[0].kind;
      const attachments = content.attachments.map((attachment) => store(parts, record, attachment));
      return {
        ...EMPTY,
        type,
        body: content.body ?? null,
        entities: copyEntities(content.entities),
        attachments,
      };
    }
    case 'location':
      return { ...EMPTY, type: 'location', location: { ...content.location } };
    case 'contacts': {
      const contacts = content.contacts.map((card) => ({ name: card.name, phones: [...card.phones] }));
      return { ...EMPTY, type: 'contacts', contacts };
    }
    case 'poll':
      return { ...EMPTY, type: 'poll', poll: { ...content.poll, options: [...content.poll.options], votes: [] } };
    case 'button':
      return { ...EMPTY, type: 'button', body: content.label, button: { id: content.buttonId } };
    case 'unsupported':
      return { ...EMPTY, type: 'unsupported' };
  }
}

function copyEntities(entities: readonly TextEntity[] = []): Message['entities'] {
  return entities.map((entity) => ({ ...entity }));
}

function store(parts: StoreParts, record: InboundRecord, attachment: InboundAttachment): Attachment {
  const facts = {
    id: parts.ids.next('att'),
    kind: attachment.kind,
    filename: attachment.filename ?? null,
    durationMs: attachment.durationMs ?? null,
    width: attachment.width ?? null,
    height: attachment.height ?? null,
  };
  if (attachment.status === 'unavailable') {
    const { mimeType, reason } = attachment;
    return { ...facts, mediaId: null, status: 'unavailable', mimeType, sizeBytes: null, sha256: null, reason };
  }
  const { mimeType, sizeBytes, sha256 } = attachment.media;
  const mediaId = parts.ids.next('med');
  parts.media.insert({
    id: mediaId,
    property: record.property,
    mimeType,
    sizeBytes,
    sha256,
    filename: facts.filename,
    createdAt: toTimestamp(record.receivedAt),
  });
  return { ...facts, mediaId, status: 'stored', mimeType, sizeBytes, sha256, reason: null };
}
