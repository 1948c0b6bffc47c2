import { Readable } from 'node:stream';
import type { Chat, MediaPort, MediaRef, OutboundContent, OutboundMessage } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { FloodGate } from '../flood-gate.ts';
import type { JournalEntry } from '../journal-entry.ts';
import { Line } from '../line.ts';
import { MediaUpload } from '../media-upload.ts';
import { Sender } from '../outbound.ts';
import { ChangeDesk } from '../outbound-changes.ts';
import { OutboundStore } from '../outbound-store.ts';
import { Wording } from '../outbound-wording.ts';
import { PeerBook } from '../peer-book.ts';
import { Recipients } from '../recipients.ts';
import { SentSearch } from '../sent-search.ts';
import type { TlObject } from '../tl.ts';
import type { ScriptedClient } from './scripted-client.ts';

export const ADA: Chat = { kind: 'direct', addresses: ['@ada_guest'] };

export function memoryMedia(files: ReadonlyMap<string, Uint8Array>): MediaPort {
  return {
    write: () => Promise.reject(new Error('not in this test')),
    open: ({ sha256 }) => {
      const bytes = files.get(sha256);
      if (bytes !== undefined) return Readable.from([...chunks(bytes)]);
      return new Readable({
        read() {
          this.destroy(Object.assign(new Error('gone'), { code: 'ENOENT' }));
        },
      });
    },
  };
}

/** As a disk gives them: in pieces that fit no part. */
function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 60_000) yield bytes.subarray(from, from + 60_000);
}

export const refOf = (sha256: string, bytes: Uint8Array, mimeType: string): MediaRef => ({
  sha256,
  sizeBytes: bytes.length,
  mimeType,
});

/** What of a session outlives the process: the vault. Each `life` is a process with one connection. */
export class Desk {
  readonly clock = new VirtualClock();
  readonly vault = new MemoryVault({ clock: this.clock });
  readonly files = new Map<string, Uint8Array>();
  readonly told: JournalEntry[] = [];
  readonly fed: TlObject[] = [];
  readonly log = silentLogger;

  life(client: ScriptedClient): { sender: Sender; changes: ChangeDesk; store: OutboundStore; peers: PeerBook } {
    const { clock, vault } = this;
    const line = new Line({ client, gate: new FloodGate({ clock }) });
    const peers = new PeerBook({ vault });
    const store = new OutboundStore({ vault, clock });
    const upload = new MediaUpload({ line, media: memoryMedia(this.files), random: seededRandom(4) });
    const recipients = new Recipients({
      line,
      peers,
      keep: (entry, learn) =>
        vault.transaction(() => {
          learn();
          this.told.push(entry);
        }),
    });
    const feedAnswer = (answer: TlObject): void => {
      this.fed.push(answer);
    };
    const sender = new Sender({
      line,
      store,
      recipients,
      search: new SentSearch({ line }),
      wording: new Wording({ line, upload, peers }),
      clock,
      log: this.log,
      settle: (_to, parts) => parts.forEach(({ randomId, messageId, at }) => store.settle(randomId, { messageId, at })),
      feedAnswer,
    });
    return { sender, changes: new ChangeDesk({ line, store, peers, recipients, feedAnswer }), store, peers };
  }
}

export function messageOf(content: OutboundContent, rest: Partial<OutboundMessage> = {}): OutboundMessage {
  return { networkId: 'r4711', chat: ADA, content, attempt: 1, ...rest };
}

export const text = (body: string): OutboundContent => ({ type: 'text', body });
export const never = new AbortController().signal;
