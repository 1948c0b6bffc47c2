import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { type MediaFamily, sealMedia } from './media-crypto.ts';
import type { MediaShelf } from './media-shelf.ts';

/** A message that exists already, as another one refers to it. */
export interface MessageReference {
  readonly id: string;
  /** Address of the author in the style that the chat uses. */
  readonly author: string;
  readonly chat: string;
  readonly fromMe: boolean;
  /** Shown inside the quote. */
  readonly text?: string;
}

interface File {
  readonly bytes: Uint8Array;
  readonly mimeType: string;
  readonly caption?: string;
  readonly replyTo?: MessageReference;
}

/** Everything that a simulated person can send. */
export type SaidContent =
  | { readonly kind: 'text'; readonly text: string; readonly replyTo?: MessageReference; readonly forwarded?: boolean }
  | ({ readonly kind: 'image' | 'video' | 'video_note' | 'voice' | 'audio' | 'sticker' } & File)
  | ({ readonly kind: 'file'; readonly fileName: string } & File)
  | { readonly kind: 'location'; readonly latitude: number; readonly longitude: number; readonly name?: string }
  | { readonly kind: 'contact'; readonly name: string; readonly vcard: string }
  | { readonly kind: 'poll'; readonly question: string; readonly options: readonly string[] }
  | { readonly kind: 'reaction'; readonly emoji: string; readonly target: MessageReference }
  | { readonly kind: 'edit'; readonly text: string; readonly target: MessageReference }
  | { readonly kind: 'delete'; readonly target: MessageReference }
  /** A kind that no hotel system maps: an invitation to a payment service. */
  | { readonly kind: 'unknown' };

const POLL_SECRET_BYTES = 32;
const VOICE_SECONDS = 3;

/** The message proto of what somebody says; media is encrypted and laid on the media server's shelf on the way. */
export function buildMessage(content: SaidContent, shelf: MediaShelf, nowMs: number): proto.IMessage {
  switch (content.kind) {
    case 'text':
      return toText(content);
    case 'image':
      return { imageMessage: { ...upload(content, 'Image', shelf), ...toCaption(content) } };
    case 'video':
      return { videoMessage: { ...upload(content, 'Video', shelf), ...toCaption(content), seconds: VOICE_SECONDS } };
    case 'video_note':
      return { ptvMessage: { ...upload(content, 'Video', shelf), seconds: VOICE_SECONDS } };
    case 'voice':
      return { audioMessage: { ...upload(content, 'Audio', shelf), ptt: true, seconds: VOICE_SECONDS } };
    case 'audio':
      return { audioMessage: { ...upload(content, 'Audio', shelf), seconds: VOICE_SECONDS } };
    case 'sticker':
      return { stickerMessage: upload(content, 'Image', shelf) };
    case 'file':
      return {
        documentMessage: {
          ...upload(content, 'Document', shelf),
          ...toCaption(content),
          fileName: content.fileName,
          title: content.fileName,
        },
      };
    case 'location':
      return {
        locationMessage: {
          degreesLatitude: content.latitude,
          degreesLongitude: content.longitude,
          ...(content.name === undefined ? {} : { name: content.name }),
        },
      };
    case 'contact':
      return { contactMessage: { displayName: content.name, vcard: content.vcard } };
    case 'poll':
      return {
        pollCreationMessageV3: {
          name: content.question,
          options: content.options.map((optionName) => ({ optionName })),
          selectableOptionsCount: 1,
        },
        messageContextInfo: { messageSecret: new Uint8Array(randomBytes(POLL_SECRET_BYTES)) },
      };
    case 'reaction':
      return { reactionMessage: { key: toKey(content.target), text: content.emoji, senderTimestampMs: nowMs } };
    case 'edit':
      return {
        protocolMessage: {
          key: toKey(content.target),
          type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
          editedMessage: { conversation: content.text },
          timestampMs: nowMs,
        },
      };
    case 'delete':
      return {
        protocolMessage: { key: toKey(content.target), type: proto.Message.ProtocolMessage.Type.REVOKE },
      };
    case 'unknown':
      return { paymentInviteMessage: { serviceType: proto.Message.PaymentInviteMessage.ServiceType.UPI } };
  }
}

function toText({ text, replyTo, forwarded }: Extract<SaidContent, { kind: 'text' }>): proto.IMessage {
  if (replyTo === undefined && forwarded !== true) return { conversation: text };
  const quote = replyTo === undefined ? {} : toQuote(replyTo);
  const origin = forwarded === true ? { isForwarded: true, forwardingScore: 1 } : {};
  return { extendedTextMessage: { text, contextInfo: { ...quote, ...origin } } };
}

function upload(file: File, family: MediaFamily, shelf: MediaShelf): UploadedMedia {
  const sealed = sealMedia(file.bytes, family);
  return {
    ...shelf.put(sealed.blob),
    mimetype: file.mimeType,
    mediaKey: sealed.mediaKey,
    fileSha256: sealed.fileSha256,
    fileEncSha256: sealed.fileEncSha256,
    fileLength: sealed.fileLength,
    ...(file.replyTo === undefined ? {} : { contextInfo: toQuote(file.replyTo) }),
  };
}

interface UploadedMedia {
  url: string;
  directPath: string;
  mimetype: string;
  mediaKey: Uint8Array;
  fileSha256: Uint8Array;
  fileEncSha256: Uint8Array;
  fileLength: number;
  contextInfo?: proto.IContextInfo;
}

function toCaption(file: File): { caption?: string } {
  return file.caption === undefined ? {} : { caption: file.caption };
}

function toQuote(target: MessageReference): proto.IContextInfo {
  return {
    stanzaId: target.id,
    participant: target.author,
    quotedMessage: { conversation: target.text ?? '' },
  };
}

function toKey(target: MessageReference): proto.IMessageKey {
  return {
    remoteJid: target.chat,
    fromMe: target.fromMe,
    id: target.id,
    ...(target.chat.endsWith('@g.us') ? { participant: target.author } : {}),
  };
}
