import { normalizeMessageContent, type proto } from '@whiskeysockets/baileys';
import { toBase64 } from './bytes.ts';
import { type MediaFamily, openMedia, sha256 } from './media-crypto.ts';
import type { MediaShelf } from './media-shelf.ts';
import type { SeenContent } from './seen-item.ts';

interface MediaMessage {
  mimetype?: string | null;
  directPath?: string | null;
  mediaKey?: Uint8Array | null;
  fileSha256?: Uint8Array | null;
  fileEncSha256?: Uint8Array | null;
  fileName?: string | null;
  caption?: string | null;
}
type MediaKind = Extract<SeenContent, { mimeType: string }>['kind'];

const INVISIBLE_FIELDS = new Set(['senderKeyDistributionMessage', 'messageContextInfo']);

/** What a person sees of a message; undefined for one without visible content, e.g. a bare sender key. */
export function readContent(message: proto.IMessage, shelf: MediaShelf): SeenContent | undefined {
  const content = normalizeMessageContent(message) ?? message;
  return (
    readText(content) ?? readMedia(content, shelf) ?? readReference(content) ?? readCard(content) ?? readOther(content)
  );
}

/** The id of the message that this one answers. */
export function readQuotedId(message: proto.IMessage): string | undefined {
  const content = normalizeMessageContent(message) ?? message;
  for (const part of [
    content.extendedTextMessage,
    content.imageMessage,
    content.videoMessage,
    content.ptvMessage,
    content.audioMessage,
    content.documentMessage,
    content.stickerMessage,
    content.locationMessage,
    content.contactMessage,
  ]) {
    const quotedId = part?.contextInfo?.stanzaId;
    if (quotedId) return quotedId;
  }
  return undefined;
}

export function fingerprint(content: SeenContent): string {
  const comparable = 'bytes' in content ? { ...content, bytes: toBase64(sha256(content.bytes)) } : content;
  return toBase64(sha256(Buffer.from(JSON.stringify(comparable))));
}

/** Phones put a plain text into one field and a text with a quote or link into the other. */
function textOf(content: proto.IMessage): string {
  return [content.conversation, content.extendedTextMessage?.text].find((text) => text) ?? '';
}

function readText(content: proto.IMessage): SeenContent | undefined {
  const text = textOf(content);
  return text === '' ? undefined : { kind: 'text', text };
}

function readMedia(content: proto.IMessage, shelf: MediaShelf): SeenContent | undefined {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = content;
  if (imageMessage) return openMediaMessage('image', 'Image', imageMessage, shelf);
  if (videoMessage) return openMediaMessage('video', 'Video', videoMessage, shelf);
  if (ptvMessage) return openMediaMessage('video_note', 'Video', ptvMessage, shelf);
  if (audioMessage)
    return openMediaMessage(audioMessage.ptt === true ? 'voice' : 'audio', 'Audio', audioMessage, shelf);
  if (documentMessage) return openMediaMessage('file', 'Document', documentMessage, shelf);
  if (stickerMessage) return openMediaMessage('sticker', 'Image', stickerMessage, shelf);
  return undefined;
}

function openMediaMessage(kind: MediaKind, family: MediaFamily, media: MediaMessage, shelf: MediaShelf): SeenContent {
  const blob = media.directPath ? shelf.get(media.directPath) : undefined;
  if (blob === undefined) return { kind: 'broken_media', media: kind, reason: 'the media server does not have it' };
  try {
    return {
      kind,
      mimeType: media.mimetype ?? '',
      bytes: openMedia(blob, media, family),
      ...(media.fileName ? { fileName: media.fileName } : {}),
      ...(media.caption ? { caption: media.caption } : {}),
    };
  } catch (error) {
    return { kind: 'broken_media', media: kind, reason: error instanceof Error ? error.message : 'unknown' };
  }
}

function readReference(content: proto.IMessage): SeenContent | undefined {
  const { reactionMessage, protocolMessage } = content;
  if (reactionMessage)
    return { kind: 'reaction', emoji: reactionMessage.text ?? '', targetId: reactionMessage.key?.id ?? '' };
  const targetId = protocolMessage?.key?.id;
  if (!protocolMessage || !targetId) return undefined;
  const edited = protocolMessage.editedMessage;
  if (!edited) return { kind: 'delete', targetId };
  return { kind: 'edit', targetId, text: textOf(edited) };
}

function readCard(content: proto.IMessage): SeenContent | undefined {
  const { locationMessage, contactMessage } = content;
  if (locationMessage) {
    return {
      kind: 'location',
      latitude: locationMessage.degreesLatitude ?? 0,
      longitude: locationMessage.degreesLongitude ?? 0,
      ...(locationMessage.name ? { name: locationMessage.name } : {}),
    };
  }
  if (contactMessage)
    return { kind: 'contact', name: contactMessage.displayName ?? '', vcard: contactMessage.vcard ?? '' };
  const poll = content.pollCreationMessage ?? content.pollCreationMessageV3;
  if (!poll) return undefined;
  return {
    kind: 'poll',
    question: poll.name ?? '',
    options: (poll.options ?? []).map((option) => option.optionName ?? ''),
  };
}

function readOther(content: proto.IMessage): SeenContent | undefined {
  const field = Object.keys(content).find((name) => !INVISIBLE_FIELDS.has(name));
  return field === undefined ? undefined : { kind: 'other', field };
}
