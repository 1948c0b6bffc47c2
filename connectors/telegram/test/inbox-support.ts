import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ConnectorEvent, MediaPort, SessionContext } from '../../../src/connector-api/index.ts';
import { MediaTooLargeError } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { PendingFile } from '../journal-entry.ts';
import { unavailable } from '../journal-entry.ts';

/** A media store in memory, with the rules of the real one. */
export class MemoryMedia implements MediaPort {
  readonly files = new Map<string, Uint8Array>();
  failure: Error | undefined;

  async write(source: AsyncIterable<Uint8Array>, facts: { mimeType: string; limitBytes: number }) {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const part of source) {
      sizeBytes += part.length;
      if (sizeBytes > facts.limitBytes) throw new MediaTooLargeError(facts.limitBytes);
      parts.push(part);
    }
    if (this.failure !== undefined) throw this.failure;
    const bytes = Buffer.concat(parts);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.files.set(sha256, bytes);
    return { sha256, sizeBytes, mimeType: facts.mimeType };
  }

  open(): Readable {
    return Readable.from([]);
  }
}

/** A session's surroundings, with a daemon that takes or refuses what it is told. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly vault = new MemoryVault({ clock: this.clock });
  readonly media = new MemoryMedia();
  readonly told: ConnectorEvent[] = [];
  readonly #closing = new AbortController();
  /** Throws what the daemon answers in place of storing. */
  refuse: (event: ConnectorEvent) => void = () => undefined;

  /** A new one after each kill: the old one's signal is aborted. */
  context(): SessionContext<unknown> {
    return {
      sessionId: 'front-desk',
      config: {},
      vault: this.vault,
      media: this.media,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLogger,
      signal: this.#closing.signal,
      emit: async (event) => {
        this.refuse(event);
        this.told.push(structuredClone(event));
      },
    };
  }

  close(): void {
    this.#closing.abort();
  }

  /** What the daemon was told, in short: `chat:body` or `chat:kind=hash or reason`. */
  get words(): readonly string[] {
    return this.told.map(wordOf);
  }
}

export function text(chat: string, body: string): ConnectorEvent {
  return {
    type: 'message',
    message: {
      networkId: body,
      chat: { kind: 'direct', addresses: [chat] },
      sender: { addresses: [chat] },
      direction: 'inbound',
      content: { type: 'text', body },
      sentAt: 1_000,
    },
  };
}

export function file(source: string, facts: Partial<PendingFile> = {}): PendingFile {
  return { kind: 'image', mimeType: 'image/jpeg', source, ...facts };
}

export function photo(chat: string, pending: PendingFile): { events: ConnectorEvent[]; files: PendingFile[] } {
  const event = text(chat, 'photo');
  if (event.type !== 'message') return { events: [], files: [] };
  const content = { type: 'media', attachments: [unavailable(pending, 'not_fetched')] } as const;
  return { events: [{ type: 'message', message: { ...event.message, content } }], files: [pending] };
}

function wordOf(event: ConnectorEvent): string {
  if (event.type !== 'message') return event.type;
  const { chat, content } = event.message;
  if (content.type === 'text') return `${chat.addresses[0]}:${content.body}`;
  if (content.type !== 'media') return `${chat.addresses[0]}:${content.type}`;
  const [attachment] = content.attachments;
  const outcome = attachment.status === 'stored' ? String(attachment.media.sizeBytes) : attachment.reason;
  return `${chat.addresses[0]}:${attachment.kind}=${outcome}`;
}
