import type { Timer } from '../../../../src/core/clock.ts';
import type { Network } from '../resident.ts';
import { Person, type PersonOptions } from './person.ts';

export interface GuestOptions extends PersonOptions {
  /** The hotel's account, PN or LID: where a guest writes when nothing else is said. */
  readonly hotel: string;
  /** ISO 639-1 code of the language this guest writes in. */
  readonly language?: string;
  /** Reads what comes after this time; never by itself if not given. */
  readonly readsAfterMs?: number;
}

/** A file as somebody picks it on a phone. */
export type MediaInput = { readonly bytes: Uint8Array; readonly mimeType: string; readonly caption?: string };

/**
 * A guest of the hotel with a phone. Every verb resolves when the network has taken the stanza; what happens afterwards is
 * awaited on {@link Person.inbox}.
 */
export class Guest extends Person {
  readonly hotel: string;
  readonly language: string;
  readonly #network: Network;
  readonly #readsAfterMs: number | undefined;
  #readTimer: Timer | undefined;

  constructor(options: GuestOptions) {
    super(options);
    this.hotel = options.hotel;
    this.language = options.language ?? 'en';
    this.#network = options.network;
    this.#readsAfterMs = options.readsAfterMs;
    this.inbox.subscribe((item) => {
      if (item.type === 'message' && !item.fromMe) this.#scheduleReading();
    });
  }

  say(text: string, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'text', text });
  }

  reply(toId: string, text: string, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'text', text, replyTo: this.refer(toId) });
  }

  showImage(image: MediaInput, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'image', ...image });
  }

  showVideo(video: MediaInput, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'video', ...video });
  }

  recordVoice(voice: MediaInput, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'voice', ...voice });
  }

  sendFile(file: MediaInput & { readonly fileName: string }, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'file', ...file });
  }

  sendSticker(sticker: MediaInput, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'sticker', ...sticker });
  }

  react(toId: string, emoji: string, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'reaction', emoji, target: this.refer(toId) });
  }

  edit(id: string, text: string, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'edit', text, target: this.refer(id) });
  }

  delete(id: string, chat = this.hotel): Promise<string> {
    return this.send(chat, { kind: 'delete', target: this.refer(id) });
  }

  /** Creates a group with this guest as its admin and resolves with its address. */
  createGroup(subject: string, members: readonly string[]): string {
    return this.#network.createGroup(subject, this.handset, members);
  }

  /** Stops what this guest would do by itself. */
  stop(): void {
    this.#readTimer?.cancel();
    this.#readTimer = undefined;
  }

  #scheduleReading(): void {
    if (this.#readsAfterMs === undefined || this.#readTimer !== undefined) return;
    this.#readTimer = this.#network.clock.after(this.#readsAfterMs, () => {
      this.#readTimer = undefined;
      this.read().catch((error: unknown) => {
        this.#network.violations.record('resident_failed', this.lid, `a guest could not read: ${String(error)}`);
      });
    });
  }
}
