import type { AnyMessageContent, BinaryNode, WAMessage } from '@whiskeysockets/baileys';
import type { ContactCard, MediaPort, OutboundAttachment, OutboundMessage } from '../../src/connector-api/index.ts';
import { bareJid, jidOfAddress, nativeId } from './ids.ts';

/** Phones play a voice note only in this form. */
const VOICE_MIME_TYPE = 'audio/ogg; codecs=opus';

/** Our content in the library's words. Opens the file's stream, which the library then reads. */
export function toBaileysContent(message: OutboundMessage, media: MediaPort): AnyMessageContent {
  const { content } = message;
  switch (content.type) {
    case 'text':
      return { text: content.body, linkPreview: null }; // null: never fetch addresses that stand in a text
    case 'media':
      return toMedia(content.attachments[0], content.body, media);
    case 'location': {
      const { latitude, longitude, name } = content.location;
      return {
        location: { degreesLatitude: latitude, degreesLongitude: longitude, ...(name === undefined ? {} : { name }) },
      };
    }
    case 'contacts': {
      const contacts = content.contacts.map((card) => ({ displayName: card.name, vcard: toVcard(card) }));
      return { contacts: { displayName: content.contacts.map((card) => card.name).join(', '), contacts } };
    }
    case 'poll': {
      const { question, options, multiple } = content.poll;
      return { poll: { name: question, values: [...options], selectableCount: multiple ? 0 : 1 } };
    }
  }
}

function toMedia(attachment: OutboundAttachment, body: string | undefined, media: MediaPort): AnyMessageContent {
  const file = { stream: media.open(attachment.media) };
  const { mimeType: mimetype } = attachment.media;
  const caption = body === undefined || body === '' ? {} : { caption: body };
  // An empty thumbnail keeps the library from making one, for which it would copy the file and want an image library.
  const plain = { jpegThumbnail: '', mimetype };
  switch (attachment.kind) {
    case 'image':
      return { image: file, ...caption, ...plain };
    case 'video':
    case 'video_note': // never asked for: Baileys (`getMediaType`) would label the stanza of a round film as text
      return { video: file, ...caption, ...plain };
    case 'voice':
      return { audio: file, ptt: true, mimetype: VOICE_MIME_TYPE };
    case 'audio':
      return { audio: file, mimetype };
    case 'sticker':
      return { sticker: file, mimetype };
    case 'file':
      return { document: file, mimetype, fileName: attachment.filename ?? 'file', ...caption };
  }
}

const escapeVcard = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');

/** vCard 3.0, with WhatsApp's `waid` so that the number can be tapped. */
export function toVcard(card: ContactCard): string {
  const phones = card.phones.map((phone) => {
    const digits = phone.replace(/\D/g, '');
    return `TEL;type=CELL;waid=${digits}:${phone.replace(/[^\d+ ()-]/g, '')}`;
  });
  const name = escapeVcard(card.name);
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${name};;;`, `FN:${name}`, ...phones, 'END:VCARD'].join('\n');
}

/**
 * The message that a reply points at, as far as it is known: phones find the original by its id and show our copy of
 * the text only where they have lost it.
 */
export function toQuoted(
  message: OutboundMessage,
  facts: { readonly chatJid: string; readonly ownJid: string; memberJid(jid: string): string },
): WAMessage | undefined {
  const { replyTo } = message;
  if (replyTo === undefined) return undefined;
  const fromMe = replyTo.sender === undefined;
  const sender = fromMe ? facts.ownJid : (jidOfAddress(replyTo.sender ?? '') ?? facts.chatJid);
  const author = message.chat.kind === 'group' ? facts.memberJid(sender) : sender;
  return {
    key: { id: nativeId(replyTo.networkId), remoteJid: facts.chatJid, fromMe, participant: bareJid(author) ?? author },
    message: { conversation: replyTo.body ?? '' },
  };
}

/** What the stanza says beside the sealed content; other clients need it to show a poll. */
export function stanzaNodes(message: OutboundMessage): BinaryNode[] {
  return message.content.type === 'poll' ? [{ tag: 'meta', attrs: { polltype: 'creation' } }] : [];
}
