import { z } from 'zod';
import type { JsonObject, JsonValue } from '../../../../src/core/json.ts';
import type { Guest } from '../people/guest.ts';
import type { SeenItem } from '../people/seen-item.ts';
import type { Town } from '../people/town.ts';
import type { ControlActions } from './control-actions.ts';
import { ControlError } from './control-actions.ts';

const SHOWN_ITEMS = 20; // the last things on each guest's screen

const bytesInput = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const chat = { to: z.string().exactOptional() };
const caption = z.string().exactOptional();
const media = z.strictObject({ bytes: bytesInput, mimeType: z.string(), caption, ...chat });

type Verb = (guest: Guest, input: unknown) => Promise<JsonObject>;

function verb<S extends z.ZodType>(schema: S, act: (guest: Guest, input: z.output<S>) => unknown): Verb {
  return async (guest, input) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw new ControlError(422, z.prettifyError(parsed.error));
    const done: unknown = await act(guest, parsed.data);
    return typeof done === 'string' ? { id: done } : {};
  };
}

/** What guests can be made to do: `POST /guests/<key>/<verb>`. */
const verbs: Readonly<Record<string, Verb>> = {
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
    return act(guest, input);
  }

  scan(qr: string): Promise<void> {
    return this.#town.phone.scan(qr);
  }

  enterCode(code: string): Promise<void> {
    return this.#town.phone.enterCode(code);
  }

  #guest(key: string): Guest {
    const guest = this.#town.guests.get(key);
    if (guest !== undefined) return guest;
    throw new ControlError(404, `no guest is called ${key}; there are ${[...this.#town.guests.keys()].join(', ')}`);
  }
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
