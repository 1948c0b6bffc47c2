import '../curve-first.ts'; // before anything that imports the library

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { vi } from 'vitest';
import type {
  Chat,
  ConnectorEvent,
  InboundMessage,
  MediaPort,
  MediaRef,
  OutboundContent,
  OutboundMessage,
  SessionContext,
} from '../../../src/connector-api/index.ts';
import { MediaTooLargeError } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import type { WhatsAppConfig } from '../config.ts';
import { createMessageId } from '../ids.ts';
import { WhatsAppSession } from '../session.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import type { GuestOptions } from '../simulator/people/guest.ts';
import { Guest } from '../simulator/people/guest.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Phone } from '../simulator/people/phone.ts';
import { neglectedDuties } from './duties-support.ts';

/** Files in memory, with the rules of the real port. */
export class MemoryMedia implements MediaPort {
  readonly files = new Map<string, Uint8Array>();
  limitBytes = Number.MAX_SAFE_INTEGER;

  async write(source: AsyncIterable<Uint8Array>, facts: { mimeType: string; limitBytes: number }): Promise<MediaRef> {
    const limitBytes = Math.min(facts.limitBytes, this.limitBytes);
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of source) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) throw new MediaTooLargeError(limitBytes);
      chunks.push(chunk);
    }
    return this.put(Buffer.concat(chunks), facts.mimeType);
  }

  put(bytes: Uint8Array, mimeType: string): MediaRef {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.files.set(sha256, bytes);
    return { sha256, sizeBytes: bytes.length, mimeType };
  }

  open(ref: MediaRef): Readable {
    const bytes = this.files.get(ref.sha256);
    if (bytes !== undefined) return Readable.from([bytes]);
    const gone = Object.assign(new Error('gone'), { code: 'ENOENT' });
    return new Readable({
      read() {
        this.destroy(gone);
      },
    });
  }
}

/** A session as the host would run it, and all that it told. */
export class TestSession {
  readonly vault: MemoryVault;
  readonly media = new MemoryMedia();
  readonly events: ConnectorEvent[] = [];
  readonly #config: WhatsAppConfig;
  #abort = new AbortController();
  #watchers: (() => void)[] = [];
  session: WhatsAppSession;
  /** Called before an event counts as stored. */
  beforeStore: (event: ConnectorEvent) => Promise<void> = async () => undefined;

  constructor(config: WhatsAppConfig, vault = new MemoryVault({ clock: systemClock })) {
    this.#config = config;
    this.vault = vault;
    this.session = new WhatsAppSession(this.#context());
  }

  /** The process died: a new session on the same vault. */
  async restart(): Promise<void> {
    this.#abort.abort();
    await this.session.disconnect();
    this.#abort = new AbortController();
    this.session = new WhatsAppSession(this.#context());
  }

  async close(): Promise<void> {
    await this.session.disconnect();
    this.#abort.abort();
  }

  send(chat: Chat, content: OutboundContent, more: Partial<OutboundMessage> = {}) {
    const networkId = createMessageId(systemRandom);
    const message: OutboundMessage = { networkId, chat, content, attempt: 1, ...more };
    return this.session.send(message, { signal: new AbortController().signal });
  }

  /** The first event, past or to come, for which `pick` gives something. */
  async until<T>(pick: (event: ConnectorEvent) => T | undefined): Promise<T> {
    for (;;) {
      for (const event of this.events) {
        const found = pick(event);
        if (found !== undefined) return found;
      }
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  event<K extends ConnectorEvent['type']>(
    type: K,
    matches: (event: Extract<ConnectorEvent, { type: K }>) => boolean = () => true,
  ): Promise<Extract<ConnectorEvent, { type: K }>> {
    return this.until((event) => (isOfType(event, type) && matches(event) ? event : undefined));
  }

  async message(networkId: string): Promise<InboundMessage> {
    return (await this.event('message', ({ message }) => message.networkId === networkId)).message;
  }

  /** Every message with this id that was handed over. */
  countOf(networkId: string): number {
    return this.events.filter((event) => event.type === 'message' && event.message.networkId === networkId).length;
  }

  #context(): SessionContext<WhatsAppConfig> {
    return {
      sessionId: 'front-desk',
      config: this.#config,
      vault: this.vault,
      media: this.media,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      signal: this.#abort.signal,
      emit: async (event) => {
        structuredClone(event);
        await this.beforeStore(event);
        this.events.push(event);
        const watchers = this.#watchers;
        this.#watchers = [];
        for (const wake of watchers) wake();
      },
    };
  }
}

const isOfType = <K extends ConnectorEvent['type']>(
  event: ConnectorEvent,
  type: K,
): event is Extract<ConnectorEvent, { type: K }> => event.type === type;

/** A network with a media server, and a hotel's phone or guests as a test needs them. One a test file. */
export class Town {
  readonly network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
  readonly media = new MediaServer({ clock: systemClock, violations: this.network.violations });
  readonly #folder = mkdtempSync(join(tmpdir(), 'bellhop-town-'));
  readonly #opened: TestSession[] = [];
  #serial = 1000;

  async start(): Promise<void> {
    await this.network.start();
    await this.media.start();
    this.network.setMediaHost({ hostname: this.media.hostname, auth: this.media.auth });
    writeFileSync(this.#caFile, this.media.caPem);
  }

  async stop(): Promise<void> {
    await this.closeSessions();
    await this.network.stop();
    await this.media.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Fails when a client that is at work has left a duty undone. */
  async closeSessions(): Promise<void> {
    const neglected = await neglectedDuties(this.network);
    for (const session of this.#opened.splice(0)) await session.close();
    if (neglected.length > 0) throw new Error(`clients owe: ${neglected.join(', ')}`);
  }

  get config(): WhatsAppConfig {
    return { endpoint: this.network.wsUrl, trustedRoots: [this.network.rootKey], caFile: this.#caFile };
  }

  session(vault?: MemoryVault, config = this.config): TestSession {
    const session = vault === undefined ? new TestSession(config) : new TestSession(config, vault);
    this.#opened.push(session);
    return session;
  }

  phone(): Phone {
    const phone = new Phone({ ...this.#person('Hotel Seeblick', '4930') });
    phone.start();
    return phone;
  }

  guest(hotel: Phone, options: Partial<GuestOptions> = {}): Guest {
    const guest = new Guest({ ...this.#person('Guest', '49151'), hotel: hotel.pn, ...options });
    guest.start();
    return guest;
  }

  /** A session that was linked by QR and is connected. */
  async linked(): Promise<{ phone: Phone; hotel: TestSession }> {
    const phone = this.phone();
    const hotel = this.session();
    await link(hotel, phone);
    await hotel.session.connect();
    return { phone, hotel };
  }

  get #caFile(): string {
    return join(this.#folder, 'ca.pem');
  }

  #person(name: string, prefix: string) {
    this.#serial += 1;
    const { network, media } = this;
    const number = `${prefix}100${this.#serial}`;
    return { network, shelf: media.shelf, name, pn: `${number}@s.whatsapp.net`, lid: `10000000${this.#serial}@lid` };
  }
}

export async function link(hotel: TestSession, phone: Phone): Promise<void> {
  const login = hotel.session.beginLogin({ method: 'qr' });
  const step = await login.next();
  if (step.type !== 'display') throw new Error('expected a QR code');
  await phone.scan(step.data);
  const done = await login.next();
  if (done.type !== 'complete') throw new Error('expected the end of the link');
}

export const phoneAddress = (jid: string): string => `+${jid.replace(/@.*/, '')}`;
export const chatWith = (guest: Guest): Chat => ({ kind: 'direct', addresses: [phoneAddress(guest.pn)] });

/** libsignal prints whole sessions; keep them out of the test output. */
export function muteConsole(): void {
  for (const method of ['info', 'warn', 'error', 'log'] as const) {
    vi.spyOn(console, method).mockImplementation(() => undefined);
  }
}
