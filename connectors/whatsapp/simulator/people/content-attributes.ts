import { proto } from '@whiskeysockets/baileys';

export interface ContentAttributes {
  /** Attributes of `<message>`. */
  readonly stanzaAttributes: { readonly type: string; readonly edit?: string };
  /** Attributes of each `<enc>`. */
  readonly encryptionAttributes: Record<string, string>;
}

const EDIT_MESSAGE = '1';
const REVOKE_OWN = '7';

/** What a client tells the server about content that the server cannot read. */
export function describeContent(message: proto.IMessage): ContentAttributes {
  const protocolType = message.protocolMessage?.type;
  if (message.protocolMessage?.editedMessage)
    return { stanzaAttributes: { type: 'text', edit: EDIT_MESSAGE }, encryptionAttributes: {} };
  if (
    message.protocolMessage &&
    (protocolType === proto.Message.ProtocolMessage.Type.REVOKE || protocolType === undefined)
  )
    return { stanzaAttributes: { type: 'text', edit: REVOKE_OWN }, encryptionAttributes: {} };
  if (message.reactionMessage)
    return { stanzaAttributes: { type: 'reaction' }, encryptionAttributes: { 'decrypt-fail': 'hide' } };
  if (message.pollCreationMessage ?? message.pollCreationMessageV3 ?? message.pollUpdateMessage)
    return { stanzaAttributes: { type: 'poll' }, encryptionAttributes: {} };
  const mediaType = mediaTypeOf(message);
  return mediaType === undefined
    ? { stanzaAttributes: { type: 'text' }, encryptionAttributes: {} }
    : { stanzaAttributes: { type: 'media' }, encryptionAttributes: { mediatype: mediaType } };
}

function mediaTypeOf(message: proto.IMessage): string | undefined {
  if (message.imageMessage) return 'image';
  if (message.videoMessage) return message.videoMessage.gifPlayback === true ? 'gif' : 'video';
  if (message.ptvMessage) return 'ptv';
  if (message.audioMessage) return message.audioMessage.ptt === true ? 'ptt' : 'audio';
  if (message.documentMessage) return 'document';
  if (message.stickerMessage) return 'sticker';
  if (message.contactMessage) return 'vcard';
  if (message.locationMessage) return 'location';
  return undefined;
}
