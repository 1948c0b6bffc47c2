import { z } from 'zod';
import type { JsonObject, JsonValue } from '../../../../src/core/json.ts';
import { ControlError } from '../../../box/control-error.ts';
import { parseInput } from '../../../box/control-http.ts';
import type { Guest } from '../people/guest.ts';
import type { Phone } from '../people/phone.ts';
import type { SeenItem } from '../people/seen-item.ts';
import type { Town } from '../people/town.ts';
import type { ControlActions } from './control-actions.ts';

const SHOWN_ITEMS = 20; // the last things on each guest's screen

const bytesInput = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const chat = { to: z.string().exactOptional() };
const caption = z.string().exactOptional();
const media = z.strictObject({ bytes: bytesInput, mimeType: z.string(), caption, ...chat });

type Verb<P> = (person: P, input: unknown, town: Town) => Promise<JsonObject>;

function verbOf<P>() {
  return <S extends z.ZodType>(schema: S, act: (person: P, input: z.output<S>, town: Town) => unknown): Verb<P> =>
    async (person, input, town) => {
      const given = parseInput(schema, input);
      const done: unknown = await act(person, given, town);
      return typeof done === 'string' ? { id: done } : {};
    };
}
const verb = verbOf<Guest>();
const phoneVerb = verbOf<Phone>();

/** What staff can be made to do on the hotel's phone: `POST /phone/<verb>`. A guest is meant by key, a group by its address. */
const phoneVerbs: Readonly<Record<string, Verb<Phone>>> = {
  say: phoneVerb(z.strictObject({ to: z.string().min(1), text: z.string().min(1) }), (phone, { to, text }, town) =>
    phone.sayFromPhone(addressOf(town, to), text),
  ),
  offline: phoneVerb(z.strictObject({}), (phone) => phone.goOffline()),
  online: phoneVerb(z.strictObject({}), (phone) => phone.goOnline()),
  read: phoneVerb(z.strictObject({ chat: z.string().min(1).exactOptional() }), async (phone, { chat: place }, town) => {
    await phone.readOnPhone(place === undefined ? undefined : addressOf(town, place));
  }),
};

/** What guests can be made to do: `POST /guests/<key>/<verb>`. */
const verbs: Readonly<Record<string, Verb<Guest>>> = {
  say: verb(
    z.strictObject({
      text: z.string(),
      image: z.strictObject({ bytes: bytesInput, mimeType: z.string() }).exactOptional(),
      ...chat,
    }),
    (guest, { text, image, to }) =>
      image === undefined ? guest.say(text, to) : guest.showImage({ ...image, caption: text }, to),
  ),
  reply: verb(z.strictObject({ id: z.string(), text: z.string(), ...chat }), (guest, { id, text, to }) =>
    guest.reply(id, text, to),
  ),
  image: verb(media, (guest, { to, ...image }) => guest.showImage(image, to)),
  video: verb(media, (guest, { to, ...video }) => guest.showVideo(video, to)),
  voice: verb(media, (guest, { to, ...voice }) => guest.recordVoice(voice, to)),
  sticker: verb(media, (guest, { to, ...sticker }) => guest.sendSticker(sticker, to)),
  file: verb(media.extend({ fileName: z.string() }), (guest, { to, ...file }) => guest.sendFile(file, to)),
  location: verb(
    z.strictObject({ latitude: z.number(), longitude: z.number(), name: z.string().exactOptional(), ...chat }),
    (guest, { to, ...place }) => guest.send(to ?? guest.hotel, { kind: 'location', ...place }),
  ),
  unknown: verb(z.strictObject({ ...chat }), (guest, { to }) => guest.send(to ?? guest.hotel, { kind: 'unknown' })),
  group: verb(
    z.strictObject({ subject: z.string().min(1), members: z.array(z.string()).default([]) }),
    (guest, { subject, members }, town) =>
      guest.createGroup(subject, [town.phone.lid, ...members.map((key) => addressOf(town, key))]),
  ),
  react: verb(z.strictObject({ id: z.string(), emoji: z.string(), ...chat }), (guest, { id, emoji, to }) =>
    guest.react(id, emoji, to),
  ),
  edit: verb(z.strictObject({ id: z.string(), text: z.string(), ...chat }), (guest, { id, text, to }) =>
    guest.edit(id, text, to),
  ),
  delete: verb(z.strictObject({ id: z.string(), ...chat }), (guest, { id, to }) => guest.delete(id, to)),
  read: verb(z.strictObject({ ...chat }), async (guest, { to }) => {
    await guest.read(to);
  }),
  type: verb(z.strictObject({ on: z.boolean().default(true), ...chat }), (guest, { on, to }) =>
    on ? guest.startTyping(to ?? guest.hotel) : guest.stopTyping(to ?? guest.hotel),
  ),
  offline: verb(z.strictObject({}), (guest) => guest.goOffline()),
  online: verb(z.strictObject({}), (guest) => guest.goOnline()),
};

/** The control interface's hold on a town; `phone` commands go to the town's first hotel phone. */
export class TownControl implements ControlActions {
  readonly #town: Town;

  constructor(deps: { town: Town }) {
    this.#town = deps.town;
  }

  state(): JsonValue {
    return {
      phones: [...this.#town.phones].map(([key, phone]) => ({
        key,
        name: phone.name,
        pn: phone.pn,
        lid: phone.lid,
        companions: [...phone.companions()],
      })),
      guests: [...this.#town.guests].map(([key, guest]) => ({
        key,
        name: guest.name,
        pn: guest.pn,
        lid: guest.lid,
        duplicatesShown: guest.inbox.duplicatesShown,
        seen: guest.inbox.items.slice(-SHOWN_ITEMS).map((item) => describe(item)),
      })),
    };
  }

  seen(key: string): JsonValue {
    return this.#guest(key).inbox.items.map((item) => describe(item));
  }

  async act(key: string, name: string, input: unknown): Promise<JsonValue> {
    const guest = this.#guest(key);
    const act = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (act === undefined) {
      throw new ControlError(404, `guests cannot ${name}; they can ${Object.keys(verbs).join(', ')}`);
    }
    return act(guest, input, this.#town);
  }

  async actOnPhone(name: string, input: unknown): Promise<JsonValue> {
    const act = Object.hasOwn(phoneVerbs, name) ? phoneVerbs[name] : undefined;
    if (act === undefined) throw new ControlError(404, `the phone cannot ${name}`);
    return act(this.#town.phone, input, this.#town);
  }

  scan(qr: string): Promise<void> {
    return this.#town.phone.scan(qr);
  }

  enterCode(code: string): Promise<void> {
    return this.#town.phone.enterCode(code);
  }

  #guest(key: string): Guest {
    return findGuest(this.#town, key);
  }
}

function findGuest(town: Town, key: string): Guest {
  const guest = town.guests.get(key);
  if (guest !== undefined) return guest;
  throw new ControlError(404, `no guest is called ${key}; there are ${[...town.guests.keys()].join(', ')}`);
}

/** The address behind a guest's key; addresses are taken as they are. */
function addressOf(town: Town, keyOrAddress: string): string {
  return keyOrAddress.includes('@') ? keyOrAddress : findGuest(town, keyOrAddress).lid;
}

/** One thing on a screen as JSON; files without their bytes. */
function describe(item: SeenItem): JsonObject {
  switch (item.type) {
    case 'message': {
      const { content } = item;
      const shown = 'bytes' in content ? { kind: content.kind, bytes: content.bytes.length } : { ...content };
      const caption = 'caption' in content ? { caption: content.caption } : {};
      const quoted = item.quotedId === undefined ? {} : { quotedId: item.quotedId };
      const { type, at, chat, author, fromMe, id } = item;
      return { type, at, chat, author, fromMe, id, ...quoted, content: { ...shown, ...caption } };
    }
    case 'receipt':
      return { ...item, ids: [...item.ids] };
    case 'chat_state':
    case 'unreadable':
    default:
      return { ...item };
  }
}
