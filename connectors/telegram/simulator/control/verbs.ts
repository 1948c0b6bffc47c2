import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject } from '../../../../src/core/json.ts';
import { parseInput } from '../../../box/control-http.ts';
import type { TlObject } from '../../tl.ts';
import type { SaidFile } from '../people/file-attributes.ts';
import type { Guest } from '../people/guest.ts';
import type { SeenFileKind, SeenItem } from '../people/seen-item.ts';
import type { Town } from '../people/town.ts';
import type { PeerKey } from '../world/state.ts';

type Verb = (guest: Guest, input: unknown, town: Town) => JsonObject;

export const isPeerKey = (text: string): text is PeerKey => /^[ugc]\d+$/.test(text);
/** A group as `group` answered it; absent = the hotel. */
const chat = { to: z.custom<PeerKey>((text) => typeof text === 'string' && isPeerKey(text)).exactOptional() };
const id = z.int().positive();
/** Counted in UTF-16 code units, as Telegram does. */
const place = { offset: z.int().nonnegative(), length: z.int().positive() };
const entity = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['bold', 'italic', 'code']), ...place }),
  z.strictObject({ type: z.literal('link'), url: z.url(), ...place }),
]);
const content = {
  bytes: z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
  mimeType: z.string(),
  caption: z.string().exactOptional(),
};
const file = z.strictObject({ ...content, fileName: z.string().exactOptional(), ...chat });
const page = z.strictObject({ kind: z.enum(['photo', 'video', 'audio', 'file']), ...content });

function verb<S extends z.ZodType>(schema: S, act: (guest: Guest, input: z.output<S>, town: Town) => unknown): Verb {
  return (guest, input, town) => {
    const done = act(guest, parseInput(schema, input), town);
    if (typeof done === 'number' || typeof done === 'string') return { id: done };
    return typeof done === 'object' && done !== null && 'ids' in done ? z.record(z.string(), z.json()).parse(done) : {};
  };
}

function toTl({ type, ...rest }: z.output<typeof entity>): TlObject {
  const names = { bold: 'Bold', italic: 'Italic', code: 'Code', link: 'TextUrl' } as const;
  return { _: `messageEntity${names[type]}`, ...rest };
}

const send = (kind: SeenFileKind): Verb =>
  verb(file, (guest, { to, fileName, ...said }) => {
    const whole: SaidFile = { kind, ...said, ...(fileName === undefined ? {} : { filename: fileName }) };
    return guest.sendFile(whole, to);
  });

/** What guests can be made to do: `POST /guests/<key>/<verb>`. Message ids are numbers, as the hotel's account has them. */
export const verbs: Readonly<Record<string, Verb>> = {
  say: verb(
    z.strictObject({ text: z.string().min(1), entities: z.array(entity).default([]), ...chat }),
    (guest, { text, entities, to }) => guest.say(text, to, entities.map(toTl)),
  ),
  reply: verb(z.strictObject({ id, text: z.string().min(1), ...chat }), (guest, input) =>
    guest.reply(input.id, input.text, input.to),
  ),
  photo: send('photo'),
  video: send('video'),
  voice: send('voice'),
  'video-note': send('video_note'),
  audio: send('audio'),
  sticker: send('sticker'),
  file: send('file'),
  album: verb(z.strictObject({ files: z.array(page).min(2).max(10), ...chat }), (guest, { files, to }) => ({
    ids: [...guest.sendAlbum(files, to)],
  })),
  location: verb(
    z.strictObject({ latitude: z.number(), longitude: z.number(), name: z.string().exactOptional(), ...chat }),
    (guest, { to, ...place }) => guest.sendLocation(place, to),
  ),
  contact: verb(z.strictObject({ name: z.string(), phones: z.array(z.string()).min(1), ...chat }), (guest, input) =>
    guest.sendContact(input, input.to),
  ),
  poll: verb(
    z.strictObject({
      question: z.string(),
      options: z.array(z.string()).min(2),
      multiple: z.boolean().default(false),
      ...chat,
    }),
    (guest, { to, ...ballot }) => guest.sendPoll(ballot, to),
  ),
  vote: verb(z.strictObject({ id, options: z.array(z.int().nonnegative()), ...chat }), (guest, input) =>
    guest.vote(input.id, input.options, input.to),
  ),
  react: verb(z.strictObject({ id, emoji: z.string(), ...chat }), (guest, input) =>
    guest.react(input.id, input.emoji, input.to),
  ),
  edit: verb(z.strictObject({ id, text: z.string().min(1), ...chat }), (guest, input) =>
    guest.edit(input.id, input.text, input.to),
  ),
  delete: verb(z.strictObject({ id, ...chat }), (guest, input) => guest.erase(input.id, input.to)),
  forward: verb(z.strictObject({ id, ...chat }), (guest, input) => guest.forward(input.id, input.to)),
  read: verb(z.strictObject({ ...chat }), (guest, { to }) => guest.read(to)),
  type: verb(z.strictObject({ on: z.boolean().default(true), ...chat }), (guest, { on, to }) =>
    on ? guest.startTyping(to) : guest.stopTyping(to),
  ),
  online: verb(z.strictObject({}), (guest) => guest.goOnline()),
  offline: verb(z.strictObject({}), (guest) => guest.goOnline(false)),
  block: verb(z.strictObject({ on: z.boolean().default(true) }), (guest, { on }) => guest.block(on)),
  group: verb(
    z.strictObject({
      title: z.string().min(1),
      members: z.array(z.string()).default([]),
      large: z.boolean().default(false),
    }),
    (guest, { title, members, large }, town) => {
      const others = members.flatMap((key) => town.guests.get(key) ?? []);
      return large ? guest.createSupergroup(title, others) : guest.createGroup(title, others);
    },
  ),
};

/** One thing on a screen as JSON; of files the SHA-256 instead of the bytes. */
export function describeSeen(item: SeenItem): JsonObject {
  const { chat: place, by, ...facts } = item;
  const shown: unknown = JSON.parse(
    JSON.stringify({ chat: place, by, ...facts }, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      return value instanceof Uint8Array ? createHash('sha256').update(Buffer.from(value)).digest('hex') : value;
    }),
  );
  return z.record(z.string(), z.json()).parse(shown);
}
