import { z } from 'zod';
import type { Network } from '../resident.ts';
import { base64Schema } from './bytes.ts';
import { type Cast, type GuestRole, type PhoneRole, sandboxCast, toHiddenAddress, toPn } from './cast.ts';
import { Guest } from './guest.ts';
import type { MediaServer } from './media-server.ts';
import { personSchema } from './person.ts';
import { Phone, phoneSchema } from './phone.ts';

export const townSchema = z.object({
  phones: z.record(z.string(), phoneSchema),
  guests: z.record(z.string(), personSchema),
  media: z.record(z.string(), base64Schema),
});
/** Everybody's phones with their sessions, and the files on the media server, as plain JSON. */
export type TownState = z.input<typeof townSchema>;

export interface TownOptions {
  readonly network: Network;
  readonly media: MediaServer;
  readonly cast?: Cast;
  /** What an earlier town exported: its people go on in their sessions. */
  readonly state?: TownState | undefined;
}

/**
 * The people of a simulated network: hotel phones and guests. The owner starts network and media server before, and keeps
 * {@link Town.exportState} together with the network's own state if people shall survive a restart.
 */
export class Town {
  readonly network: Network;
  readonly media: MediaServer;
  readonly phones = new Map<string, Phone>();
  readonly guests = new Map<string, Guest>();
  readonly #state: TownState | undefined;

  constructor(options: TownOptions) {
    this.network = options.network;
    this.media = options.media;
    this.#state = options.state;
    const { phones, guests } = options.cast ?? sandboxCast;
    if (options.state !== undefined) this.media.shelf.importState(townSchema.shape.media.parse(options.state.media));
    for (const role of phones) this.#makePhone(role);
    for (const role of guests) this.#makeGuest(role);
  }

  /** The first hotel phone, which in a small town is the only one. */
  get phone(): Phone {
    const [first] = this.phones.values();
    if (first === undefined) throw new Error('this town has no hotel phone');
    return first;
  }

  phoneOf(key: string): Phone {
    const phone = this.phones.get(key);
    if (phone === undefined) throw new Error(`nobody called ${key} holds a hotel phone`);
    return phone;
  }

  guest(key: string): Guest {
    const guest = this.guests.get(key);
    if (guest === undefined) throw new Error(`no guest is called ${key}`);
    return guest;
  }

  /** Attaches everybody to the network. */
  start(): void {
    for (const phone of this.phones.values()) phone.start();
    for (const guest of this.guests.values()) guest.start();
  }

  /** Stops what people do by themselves. */
  stop(): void {
    for (const guest of this.guests.values()) guest.stop();
  }

  /**
   * For a town that was started from a state which may be older than what others remember, as after a crash: everybody begins
   * new sessions. Going on in old ones would seal under keys that were used already, and a client drops the first messages of
   * a guest whom nobody answered yet without a word.
   */
  loseSessions(): void {
    for (const person of [...this.phones.values(), ...this.guests.values()]) person.handset.loseSessions();
  }

  /** Another hotel phone, attached at once. */
  addPhone(role: PhoneRole): Phone {
    const phone = this.#makePhone(role);
    phone.start();
    return phone;
  }

  /** Another guest, attached at once. */
  addGuest(role: GuestRole): Guest {
    const guest = this.#makeGuest(role);
    guest.start();
    return guest;
  }

  /**
   * Resolves when no phone is in the middle of something. Export the states of the network and of the town right after it,
   * without waiting in between: a message that only one of the two has dealt with would have to be sent again after a restart.
   */
  async settle(): Promise<void> {
    const handsets = [...this.phones.values(), ...this.guests.values()].map((person) => person.handset);
    while (handsets.some((handset) => handset.isWorking)) {
      await Promise.all(handsets.map((handset) => handset.settle()));
    }
  }

  exportState(): TownState {
    return {
      phones: Object.fromEntries([...this.phones].map(([key, phone]) => [key, phone.exportPhoneState()])),
      guests: Object.fromEntries([...this.guests].map(([key, guest]) => [key, guest.exportState()])),
      media: this.media.shelf.exportState(),
    };
  }

  #makePhone(role: PhoneRole): Phone {
    if (this.phones.has(role.key)) throw new Error(`somebody called ${role.key} holds a hotel phone already`);
    const phone = new Phone({ ...this.#describe(role), state: this.#state?.phones[role.key] });
    this.phones.set(role.key, phone);
    return phone;
  }

  #makeGuest(role: GuestRole): Guest {
    if (this.guests.has(role.key)) throw new Error(`a guest is called ${role.key} already`);
    const hotel = role.hotel === undefined ? this.phone : this.phoneOf(role.hotel);
    const guest = new Guest({
      ...this.#describe(role),
      hotel: hotel.pn,
      ...(role.language === undefined ? {} : { language: role.language }),
      ...(role.addressing === undefined ? {} : { addressing: role.addressing }),
      ...(role.hidesNumber === undefined ? {} : { hidesNumber: role.hidesNumber }),
      ...(role.readsAfterMs === undefined ? {} : { readsAfterMs: role.readsAfterMs }),
      state: this.#state?.guests[role.key],
    });
    this.guests.set(role.key, guest);
    return guest;
  }

  #describe(
    role: PhoneRole,
  ): Pick<ConstructorParameters<typeof Phone>[0], 'network' | 'shelf' | 'name' | 'pn' | 'lid'> {
    return {
      network: this.network,
      shelf: this.media.shelf,
      name: role.name,
      pn: toPn(role.number),
      lid: toHiddenAddress(role.number),
    };
  }
}
