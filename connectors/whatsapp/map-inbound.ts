import type { proto, WAMessage } from '@whiskeysockets/baileys';
import type { Chat, ConnectorEvent, InboundMessage, MessageReference, Person } from '../../src/connector-api/index.ts';
import type { AddressBook } from './chats.ts';
import { accountOf, addressesOf, chatOf, isMe, personOf } from './chats.ts';
import { parseJid } from './ids.ts';
import type { ContentDraft } from './map-content.ts';
import { albumOf, contextOf, mapContent, unwrapMessage } from './map-content.ts';
import { saysMore, toRawJson } from './map-raw.ts';
import type { MediaSource } from './media-source.ts';

/** Why a stanza says nothing to anybody; a counter's label. */
export type SkipReason = 'status' | 'newsletter' | 'broadcast' | 'protocol' | 'unreadable' | 'no_address';

/** What one message stanza means. `media` still has to be fetched before its message is complete. */
export type Mapped =
  | { readonly type: 'event'; readonly event: ConnectorEvent }
  | {
      readonly type: 'media';
      readonly message: Omit<InboundMessage, 'content'>;
      readonly source: MediaSource;
      readonly body?: string;
      /** Kept with the message when its bytes cannot be had. */
      readonly rawIfUnavailable: string;
    }
  | { readonly type: 'skipped'; readonly reason: SkipReason };

/** Attributes of the `<message>` stanza; the only place that tells whom the account's own phone wrote to. */
export type StanzaAttributes = Readonly<Record<string, string | undefined>>;

// Numbers of proto.Message.ProtocolMessage.Type, spelled out so that mapping needs no library at run time.
const REVOKE = 0;
const MESSAGE_EDIT = 14;
/** proto.WebMessageInfo.StubType.CIPHERTEXT: it could not be decrypted yet, and will come again. */
const STUB_CIPHERTEXT = 2;

const MS_PER_SECOND = 1000;

interface Envelope {
  readonly chat: Chat;
  readonly sender: Person;
  readonly direction: 'inbound' | 'outbound';
  readonly networkId: string;
  readonly sentAt: number;
}

/** Reads one message, live or from the offline queue alike. Pure; a poll vote or another unknown kind stays as `unsupported`. */
export function mapInbound(waMessage: WAMessage, stanza: StanzaAttributes, book: AddressBook): Mapped {
  const { key } = waMessage;
  const skipped = skipReason(key.remoteJid);
  if (skipped !== undefined) return { type: 'skipped', reason: skipped };
  const message = unwrapMessage(waMessage.message);
  if (message === undefined) {
    // Seen by the phone only, e.g. view-once pictures: nothing more will come.
    if (key.isViewOnce !== true) {
      const reason = Number(waMessage.messageStubType) === STUB_CIPHERTEXT ? 'unreadable' : 'protocol';
      return { type: 'skipped', reason };
    }
  }
  const envelope = readEnvelope(waMessage, stanza, book);
  if (envelope === undefined) return { type: 'skipped', reason: 'no_address' };
  if (message === undefined) return unsupported(envelope, 'view_once_on_phone_only', waMessage);
  return mapChange(message, envelope, book) ?? mapSaid(message, envelope, waMessage, book);
}

/** The envelope of a message whose content cannot be read or mapped: it keeps its place as `unsupported`. Pure. */
export function mapEnvelope(
  nativeKind: string,
  waMessage: WAMessage,
  stanza: StanzaAttributes,
  book: AddressBook,
): Mapped {
  const skipped = skipReason(waMessage.key.remoteJid);
  if (skipped !== undefined) return { type: 'skipped', reason: skipped };
  const envelope = readEnvelope(waMessage, stanza, book);
  return envelope === undefined
    ? { type: 'skipped', reason: 'no_address' }
    : unsupported(envelope, nativeKind, waMessage);
}

function skipReason(chatJid: string | null | undefined): SkipReason | undefined {
  if (chatJid === 'status@broadcast') return 'status';
  const kind = parseJid(chatJid)?.kind;
  if (kind === 'newsletter') return 'newsletter';
  return kind === 'broadcast' ? 'broadcast' : undefined;
}

function readEnvelope(waMessage: WAMessage, stanza: StanzaAttributes, book: AddressBook): Envelope | undefined {
  const { key } = waMessage;
  const isGroup = parseJid(key.remoteJid)?.kind === 'group';
  const fromMe = key.fromMe === true;
  // For the account's own messages Baileys' remoteJidAlt is the account's other address, not the guest's.
  const guestJids = fromMe
    ? [key.remoteJid, stanza['recipient_pn'], stanza['recipient_lid'], stanza['peer_recipient_pn']]
    : [key.remoteJid, key.remoteJidAlt, stanza['sender_pn'], stanza['sender_lid']];
  const memberJids = [key.participant, key.participantAlt, stanza['participant_pn'], stanza['participant_lid']];
  const chat = chatOf(
    isGroup ? [key.remoteJid] : guestJids.filter((jid) => !isMe(jid, book) || jid === key.remoteJid),
    book,
  );
  const sender = fromMe ? accountOf(book) : personOf(isGroup ? memberJids : guestJids, book, waMessage.pushName);
  if (chat === undefined || sender === undefined || !key.id) return undefined;
  return {
    chat,
    sender,
    direction: fromMe ? 'outbound' : 'inbound',
    networkId: key.id,
    sentAt: toNumber(waMessage.messageTimestamp) * MS_PER_SECOND,
  };
}

function mapChange(message: proto.IMessage, envelope: Envelope, book: AddressBook): Mapped | undefined {
  const { reactionMessage: reaction, protocolMessage: change } = message;
  const { chat, sender, sentAt: at } = envelope;
  if (reaction?.key?.id) {
    const target = referenceTo(reaction.key, envelope, book);
    const fromAccount = envelope.direction === 'outbound';
    const emoji = reaction.text ?? '';
    return { type: 'event', event: { type: 'reaction', chat, target, by: sender, fromAccount, emoji, at } };
  }
  const id = change?.key?.id;
  if (!id) return undefined;
  const kind: number = change.type ?? REVOKE; // zero is left out on the wire
  // Only authors edit, and the key is written from the author's side.
  const own: MessageReference = { networkId: id, ...senderField(envelope) };
  if (kind === REVOKE) {
    const byAdmin = change.key?.fromMe !== true && change.key?.participant;
    const target = byAdmin ? referenceTo({ ...change.key, fromMe: false }, envelope, book) : own;
    return { type: 'event', event: { type: 'deleted', chat, target, at } };
  }
  const edited = kind === MESSAGE_EDIT ? editedText(change.editedMessage) : undefined;
  return edited === undefined
    ? undefined
    : { type: 'event', event: { type: 'edited', chat, target: own, body: edited, at } };
}

function editedText(edited: proto.IMessage | null | undefined): string | undefined {
  const message = unwrapMessage(edited);
  if (message === undefined) return undefined;
  const captioned = message.imageMessage ?? message.videoMessage ?? message.documentMessage;
  return message.conversation ?? message.extendedTextMessage?.text ?? captioned?.caption ?? undefined;
}

function mapSaid(message: proto.IMessage, envelope: Envelope, waMessage: WAMessage, book: AddressBook): Mapped {
  const draft: ContentDraft = mapContent(message);
  if (draft.type === 'nothing') return { type: 'skipped', reason: 'protocol' };
  const context = contextOf(message);
  const replyTo = context?.stanzaId
    ? referenceTo({ id: context.stanzaId, participant: context.participant ?? null }, envelope, book)
    : undefined;
  const albumId = albumOf(message) ?? albumOf(waMessage.message ?? {});
  const said = {
    ...envelope,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(albumId === undefined ? {} : { albumId }),
    ...(context?.isForwarded === true ? { forwarded: true } : {}),
  };
  if (draft.type === 'media') {
    const body = draft.body === undefined ? {} : { body: draft.body };
    const raw = toRawJson(waMessage.message);
    const kept = saysMore(message) ? { raw } : {};
    return {
      type: 'media',
      message: { ...said, ...kept },
      source: draft.source,
      ...body,
      rawIfUnavailable: raw,
    };
  }
  if (draft.content.type === 'unsupported') return unsupported(said, draft.content.nativeKind, waMessage);
  const isWhole = draft.content.type === 'text' && !saysMore(message);
  const raw = isWhole ? {} : { raw: toRawJson(waMessage.message) };
  return { type: 'event', event: { type: 'message', message: { ...said, content: draft.content, ...raw } } };
}

function unsupported(envelope: Envelope, nativeKind: string, waMessage: WAMessage): Mapped {
  const message: InboundMessage = {
    ...envelope,
    content: { type: 'unsupported', nativeKind },
    raw: toRawJson(waMessage.message ?? {}),
  };
  return { type: 'event', event: { type: 'message', message } };
}

/** Who said the target: the account (no sender), the named member, or in a direct chat the guest. */
function referenceTo(key: proto.IMessageKey, envelope: Envelope, book: AddressBook): MessageReference {
  const networkId = key.id ?? '';
  if (key.fromMe === true || isMe(key.participant, book)) return { networkId };
  const direct = envelope.chat.kind === 'direct' ? envelope.chat.addresses[0] : undefined;
  const sender = (key.participant ? addressesOf([key.participant], book)?.[0] : undefined) ?? direct;
  return { networkId, ...(sender === undefined ? {} : { sender }) };
}

const senderField = (envelope: Envelope): { sender?: string } =>
  envelope.direction === 'outbound' ? {} : { sender: envelope.sender.addresses[0] };

/** Protobuf's 64-bit numbers are numbers or Long objects. */
function toNumber(value: number | { toString(): string } | null | undefined): number {
  const number = Number(value?.toString() ?? 0);
  return Number.isFinite(number) ? number : 0;
}
