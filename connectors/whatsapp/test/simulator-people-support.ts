import { Agent } from 'node:https';
import { type AuthenticationState, downloadMediaMessage, type WAMessage } from '@whiskeysockets/baileys';
import { Agent as FetchAgent } from 'undici';
import { systemClock } from '../../../src/core/clock.ts';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import { Guest, type GuestOptions } from '../simulator/people/guest.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Phone } from '../simulator/people/phone.ts';
import { makeAuth, muteLibsignal, startNetwork, TestClient } from './simulator-wire-support.ts';

/** Baileys' numbers for what a guest's receipt says. */
const STATUS_OF_RECEIPT: Readonly<Record<string, number>> = { delivered: 3, inactive: 3, read: 4 };

/** A network with a hotel's phone, and an unmodified Baileys client linked to it. */
export class HotelScene {
  readonly network: WhatsAppNetwork;
  readonly media: MediaServer;
  readonly phone: Phone;
  readonly auth: AuthenticationState = makeAuth();
  readonly #uploads: Agent;
  readonly #downloads: FetchAgent;
  #client: TestClient | undefined;
  #guests = 0;

  private constructor(network: WhatsAppNetwork, media: MediaServer) {
    this.network = network;
    this.media = media;
    this.#uploads = new Agent({ ca: media.caPem });
    this.#downloads = new FetchAgent({ connect: { ca: media.caPem } });
    this.phone = new Phone({
      network,
      shelf: media.shelf,
      name: 'Hotel Seeblick',
      pn: '4930123456@s.whatsapp.net',
      lid: '10000000001@lid',
    });
    this.phone.start();
  }

  static async open(): Promise<HotelScene> {
    muteLibsignal();
    const network = await startNetwork();
    const media = new MediaServer({ clock: systemClock, violations: network.violations });
    await media.start();
    network.setMediaHost({ hostname: media.hostname, auth: media.auth });
    const scene = new HotelScene(network, media);
    const first = scene.connect();
    await scene.phone.scan(await first.qr());
    await first.closed();
    await scene.connect().open();
    return scene;
  }

  get client(): TestClient {
    if (this.#client === undefined) throw new Error('no client is connected');
    return this.#client;
  }

  connect(): TestClient {
    this.#client = new TestClient(this.network, this.auth, {
      fetchAgent: this.#uploads,
      options: this.#downloadOptions(),
      shouldSyncHistoryMessage: () => true,
    });
    return this.#client;
  }

  makeGuest(options: Partial<GuestOptions> = {}): Guest {
    this.#guests += 1;
    const guest = new Guest({
      network: this.network,
      shelf: this.media.shelf,
      name: `Guest ${this.#guests}`,
      pn: `4915110000${this.#guests}@s.whatsapp.net`,
      lid: `1000000001${this.#guests}@lid`,
      hotel: this.phone.pn,
      ...options,
    });
    guest.start();
    return guest;
  }

  download(message: WAMessage): Promise<Buffer> {
    return downloadMediaMessage(message, 'buffer', { options: this.#downloadOptions() });
  }

  /** The furthest status of a message that the client sent, wherever Baileys put it. */
  statusOf(id: string): number {
    const updates = this.client.updates.filter((update) => update.id === id).map((update) => update.status ?? 0);
    const merged = this.client.messages.filter(({ message }) => message.key.id === id);
    const receipts = this.client.receipts.filter((receipt) => receipt.id === id);
    return Math.max(
      0,
      ...updates,
      ...merged.map(({ message }) => message.status ?? 0),
      ...receipts.map(({ type }) => STATUS_OF_RECEIPT[type] ?? 0),
    );
  }

  async close(): Promise<void> {
    await this.#client?.end();
    await this.network.stop();
    await this.media.stop();
    this.#uploads.destroy();
    await this.#downloads.close();
  }

  /** Baileys hands these to fetch, whose types do not know undici's dispatcher. */
  #downloadOptions(): RequestInit {
    const options: object = { dispatcher: this.#downloads };
    return options;
  }
}
