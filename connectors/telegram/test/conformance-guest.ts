import type { AttachmentKind, TextEntity } from '../../../src/connector-api/index.ts';
import type { GuestSide, KitFile, Seen } from '../../../test/contract/connector-contract-harness.ts';
import type { SaidFile } from '../simulator/people/file-attributes.ts';
import type { Guest } from '../simulator/people/guest.ts';
import type { SeenContent, SeenFileKind, SeenItem } from '../simulator/people/seen-item.ts';
import type { AccountRecord, PeerKey } from '../simulator/world/state.ts';
import type { TlObject } from '../tl.ts';

type SeenMessage = Extract<SeenItem, { type: 'message' }>;

/** A guest as the conformance kit works it. `aunt` is somebody whose words guests pass on; `chat` is a group instead of the desk. */
export function guestSide(guest: Guest, aunt: AccountRecord, chat?: PeerKey): GuestSide {
  return {
    addresses: [`id:${guest.account.id}`, `+${guest.account.phone}`],
    seen: () => toSeen(guest),
    say: async (text) => String(guest.say(text, chat)),
    reply: async (toId, text) => String(guest.reply(Number(toId), text)),
    sayFormatted: async (text, entities) => String(guest.say(text, chat, entities.map(toTl))),
    forward: async (text) => String(guest.passOn(text, aunt)),
    sendFile: async (file) => String(guest.sendFile(toSaid(file))),
    sendAlbum: async (files) => guest.sendAlbum(files.map(toSaid)).map(String),
    sendLocation: async (location) => String(guest.sendLocation(location)),
    sendContact: async (contact) => String(guest.sendContact(contact)),
    sendPoll: async (poll) => String(guest.sendPoll(poll)),
    vote: async (pollId, options) => guest.vote(Number(pollId), options),
    react: async (toId, emoji) => guest.react(Number(toId), emoji),
    edit: async (id, text) => guest.edit(Number(id), text),
    erase: async (id) => guest.erase(Number(id)),
    read: async () => guest.read(),
    startTyping: async () => guest.startTyping(),
  };
}

/** What the kit looks at: the account's doings, an album as one. */
function toSeen(guest: Guest): readonly Seen[] {
  const items = guest.seen().filter(({ by }) => by === guest.desk.id);
  const albums = new Map<bigint, SeenMessage[]>();
  for (const item of items) {
    if (item.type !== 'message' || item.albumId === undefined) continue;
    albums.set(item.albumId, [...(albums.get(item.albumId) ?? []), item]);
  }
  return items.flatMap((item): readonly Seen[] => {
    if (item.type !== 'message' || item.albumId === undefined) return toSeenItem(item);
    const album = albums.get(item.albumId) ?? [];
    return album[0] === item ? [toAlbum(album)] : [];
  });
}

function toSeenItem(item: SeenItem): readonly Seen[] {
  switch (item.type) {
    case 'message':
      return toSeenMessage(item);
    case 'edited':
      return [{ type: 'edited', target: String(item.id), body: item.text }];
    case 'deleted':
      return [{ type: 'deleted', target: String(item.id) }];
    case 'reaction':
      return [{ type: 'reaction', target: String(item.id), emoji: item.emoji }];
    case 'read':
      return [{ type: 'read', target: String(item.id) }];
    case 'typing':
      return [{ type: 'typing', on: item.on }];
    case 'vote':
    case 'status':
      return [];
  }
}

function toSeenMessage({ id, content, replyTo, entities }: SeenMessage): readonly Seen[] {
  const networkId = String(id);
  const styled = entities.length === 0 ? {} : { entities: entities.map(fromTl) };
  switch (content.type) {
    case 'text': {
      const replied = replyTo === undefined ? {} : { replyTo: String(replyTo) };
      return [{ type: 'text', networkId, body: content.text, ...replied, ...styled }];
    }
    case 'file':
      return [{ type: 'media', networkId, ...toKitFile(content), ...styled }];
    case 'place': {
      const { latitude, longitude, title } = content;
      const location = { latitude, longitude, ...(title === undefined ? {} : { name: title }) };
      return [{ type: 'location', networkId, location }];
    }
    case 'contact':
      return [{ type: 'contacts', networkId, names: [content.name] }];
    case 'poll':
      return [{ type: 'poll', networkId, poll: content }];
    case 'service':
    case 'other':
      return [];
  }
}

function toAlbum(album: readonly SeenMessage[]): Seen {
  const files = album.flatMap(({ content }) => (content.type === 'file' ? [toKitFile(content)] : []));
  const body = files.map((file) => file.body).find((caption) => caption !== undefined);
  const networkId = String(album[0]?.id);
  return { type: 'album', networkId, files, ...(body === undefined ? {} : { body }) };
}

const KINDS: Readonly<Record<SeenFileKind, AttachmentKind>> = {
  photo: 'image',
  video: 'video',
  video_note: 'video_note',
  voice: 'voice',
  audio: 'audio',
  sticker: 'sticker',
  animation: 'video',
  file: 'file',
};

function toKitFile({ kind, bytes, mimeType, filename, caption }: Extract<SeenContent, { type: 'file' }>): KitFile {
  const named = filename === undefined ? {} : { filename };
  return { kind: KINDS[kind], bytes, mimeType, ...named, ...(caption === '' ? {} : { body: caption }) };
}

function toSaid({ kind, bytes, mimeType, filename, body }: KitFile): SaidFile {
  const named = filename === undefined ? {} : { filename };
  const captioned = body === undefined ? {} : { caption: body };
  return { kind: kind === 'image' ? 'photo' : kind, bytes, mimeType, ...named, ...captioned };
}

/** The kinds that the kit uses; the map of the connector is proved elsewhere. */
const STYLES = { bold: 'messageEntityBold', italic: 'messageEntityItalic', link: 'messageEntityTextUrl' } as const;

function toTl({ type, offset, length, url }: TextEntity): TlObject {
  if (type !== 'bold' && type !== 'italic' && type !== 'link') throw new Error(`the kit has no ${type}`);
  return { _: STYLES[type], offset, length, ...(url === undefined ? {} : { url }) };
}

function fromTl(entity: TlObject): TextEntity {
  const type = (['bold', 'italic', 'link'] as const).find((style) => STYLES[style] === entity._);
  if (type === undefined) throw new Error(`the kit has no ${entity._}`);
  const { offset, length, url } = entity;
  return { type, offset: Number(offset), length: Number(length), ...(typeof url === 'string' ? { url } : {}) };
}
