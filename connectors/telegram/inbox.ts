import type {
  AttachmentKind,
  ConnectorEvent,
  InboundAttachment,
  SessionContext,
} from '../../src/connector-api/index.ts';
import type { Timer } from '../../src/core/clock.ts';
import { sleep } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { FetchFile } from './file-fetcher.ts';
import { FetchPostponed, FileFetcher, INBOUND_MEDIA_LIMIT_BYTES } from './file-fetcher.ts';
import type { Lane, LaneEntry } from './inbox-lanes.ts';
import { InboxLanes } from './inbox-lanes.ts';
import type { JournalEntry } from './journal-entry.ts';
import { decodeEntry, encodeEntry, laneOf, withAttachments } from './journal-entry.ts';

/** Chats that are worked on at the same time: the daemon takes events one by one anyway. */
const CONCURRENT_CHATS = 8;
/** Of these, how many may wait for a file: the rest are free for words, however slow the files are. */
const CONCURRENT_TRANSFERS = 3;
/** Entries known in memory (keys only); the rest wait in the vault. */
const WINDOW = 256;
const FIRST_BACKOFF_MS = 1_000; // most refusals of the daemon are over by then
const LONGEST_BACKOFF_MS = 60_000; // a full disk is noticed within a minute of being mended
/** Enough for thousands of texts; files and a daemon that take longer must not keep the account offline. */
const REPLAY_PATIENCE_MS = 10_000;
/** Refusals of an event as malformed after which only its frame is handed over: a bug does not go away by trying. */
const POISON_AFTER = 5;
const SPOOL_KEY_BYTES = 12;

/**
 * Keeps what came in until the daemon has stored it. Entries of one chat are handed over in the order of arrival, chats side by side, so
 * that a slow file holds back its own chat only.
 */
export class Inbox {
  readonly #context: SessionContext<unknown>;
  readonly #files: FileFetcher;
  readonly #lanes = new InboxLanes();
  /** What `put` wrote in a transaction that may yet be undone; `work` looks. */
  #fresh: (LaneEntry & { readonly lane: string })[] = [];
  /** The vault may hold entries that are not known here. */
  #hasMoreInVault = true;
  /** Since when the vault cannot be read; monotonic. */
  #unreadSince: number | undefined;
  #running = 0;
  #transfers = 0;
  #timer: Timer | undefined;
  #onIdle: (() => void)[] = [];

  constructor(deps: {
    context: SessionContext<unknown>;
    fetchFile: FetchFile;
    /** Above it a file is `unavailable`, reason `too_large`. */
    limitBytes?: (kind: AttachmentKind) => number;
  }) {
    const { context, fetchFile } = deps;
    this.#context = context;
    this.#files = new FileFetcher({
      context,
      fetchFile,
      limitBytes: deps.limitBytes ?? (() => INBOUND_MEDIA_LIMIT_BYTES),
    });
  }

  /** Called inside the transaction that moves the network's cursor; throws when the vault cannot be written. `work` after it. */
  put(entry: JournalEntry): void {
    if (entry.events.length === 0) return;
    const { clock, random, vault } = this.#context;
    const key = Buffer.from(random.bytes(SPOOL_KEY_BYTES)).toString('hex');
    vault.spool.put(key, encodeEntry(entry));
    if (this.#hasMoreInVault) return;
    this.#fresh.push({ lane: laneOf(entry), key, hasFiles: entry.files.length > 0, since: clock.monotonic() });
  }

  /** Hands over what is there. To be called after each `put`, and when a connection over which files can be fetched is open. */
  work(): void {
    this.#lanes.hurry();
    this.#pump();
  }

  /**
   * Since when something waits that nothing holds up: neither the daemon, nor a file, nor a pause; monotonic. Undefined when the inbox does
   * what it can.
   */
  get stuckSince(): number | undefined {
    const [fresh] = this.#fresh;
    if (this.#unreadSince !== undefined) return this.#unreadSince;
    if (fresh !== undefined) return fresh.since;
    if (this.#running >= CONCURRENT_CHATS) return undefined;
    return this.#lanes.oldestReadySince(this.#context.clock.monotonic(), { files: this.#mayTransfer });
  }

  get #mayTransfer(): boolean {
    return this.#transfers < CONCURRENT_TRANSFERS;
  }

  /** Waits, with patience, until what an earlier life left is stored, or can only wait for a connection. */
  async replay(): Promise<void> {
    const { clock, signal } = this.#context;
    const patience = new AbortController();
    const idle = new Promise<void>((resolve) => this.#onIdle.push(resolve));
    this.work();
    const waiting = sleep(clock, REPLAY_PATIENCE_MS, AbortSignal.any([signal, patience.signal]));
    await Promise.race([idle, waiting.catch(() => undefined)]);
    patience.abort();
  }

  #pump(): void {
    const { clock, signal } = this.#context;
    if (signal.aborted) return;
    this.#fill();
    this.#timer?.cancel();
    while (this.#running < CONCURRENT_CHATS) {
      const lane = this.#lanes.takeReady(clock.monotonic(), { files: this.#mayTransfer });
      if (lane === undefined) break;
      void this.#runHead(lane);
    }
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    const readyAt = this.#lanes.nextReadyAt(clock.monotonic());
    if (readyAt !== undefined) this.#timer = clock.after(readyAt - clock.monotonic(), () => this.#pump());
  }

  #fill(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (this.#lanes.size + fresh.length > WINDOW) this.#hasMoreInVault = true;
    else for (const { lane, ...entry } of fresh) this.#lanes.add(lane, entry);
    if (!this.#hasMoreInVault || this.#lanes.size >= WINDOW / 2) return;
    const limit = WINDOW + this.#lanes.size;
    try {
      const entries = this.#context.vault.spool.pending(limit);
      for (const { key, body } of entries) this.#add(key, body);
      this.#hasMoreInVault = entries.length === limit;
      this.#unreadSince = undefined;
    } catch (error) {
      this.#unreadSince ??= this.#context.clock.monotonic();
      this.#context.log.error('journal not readable', { error: asError(error) });
    }
  }

  #add(key: string, body: Uint8Array): void {
    const entry = this.#decode(key, body);
    const since = this.#context.clock.monotonic();
    if (entry !== undefined) this.#lanes.add(laneOf(entry), { key, hasFiles: entry.files.length > 0, since });
  }

  async #runHead(lane: Lane): Promise<void> {
    const { clock, log, signal } = this.#context;
    const [head] = lane.entries;
    if (head === undefined) return;
    this.#running += 1;
    if (head.hasFiles) this.#transfers += 1;
    try {
      await this.#handOver(head.key, lane.failures);
      this.#lanes.finish(lane);
    } catch (error) {
      if (error instanceof FetchPostponed) {
        this.#lanes.giveBack(lane, error.afterMs === undefined ? Infinity : clock.monotonic() + error.afterMs);
        lane.failures -= 1;
      } else {
        if (!signal.aborted) log.warn('inbox entry put back', { error: asError(error).name });
        this.#lanes.giveBack(lane, clock.monotonic() + this.#backoffMs(lane.failures));
      }
    }
    this.#running -= 1;
    if (head.hasFiles) this.#transfers -= 1;
    this.#pump();
  }

  async #handOver(key: string, failures: number): Promise<void> {
    const { signal, vault } = this.#context;
    const kept = vault.spool.get(key);
    const entry = kept === undefined ? undefined : this.#decode(key, kept.body);
    if (entry === undefined) return; // its transaction was undone, or it is unreadable
    const whole = await this.#withFiles(key, entry);
    for (const event of whole.events) await this.#tell(event, failures);
    signal.throwIfAborted();
    vault.transaction(() => vault.spool.delete(key), { lazy: true }); // after a power cut the daemon knows it again by its id
  }

  /** What was fetched is noted at once: neither a kill nor a full database fetches it again. */
  async #withFiles(key: string, entry: JournalEntry): Promise<JournalEntry> {
    if (entry.files.length === 0) return entry;
    const { signal, vault } = this.#context;
    const attachments: InboundAttachment[] = [];
    for (const file of entry.files) attachments.push(await this.#files.fetch(file));
    signal.throwIfAborted();
    const whole = withAttachments(entry, attachments);
    vault.transaction(() => vault.spool.put(key, encodeEntry(whole)), { lazy: true });
    return whole;
  }

  async #tell(event: ConnectorEvent, failures: number): Promise<void> {
    try {
      await this.#context.emit(event);
    } catch (error) {
      const isMalformed = error instanceof BellhopError && error.code === 'internal_error';
      if (!isMalformed || failures < POISON_AFTER || event.type !== 'message') throw error;
      this.#context.log.error('a message was refused as malformed, only its frame is handed over');
      await this.#context.emit(frameOf(event.message));
    }
  }

  #decode(key: string, body: Uint8Array): JournalEntry | undefined {
    try {
      return decodeEntry(body);
    } catch (error) {
      this.#context.log.error('journal entry of another version left aside', { error: asError(error).name });
      this.#context.vault.spool.settle(key);
      return undefined;
    }
  }

  #backoffMs(failures: number): number {
    const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
    return ceiling * (0.5 + this.#context.random.next() / 2);
  }
}

/** What is certain about a message, with everything else as its raw form. */
function frameOf(message: Extract<ConnectorEvent, { type: 'message' }>['message']): ConnectorEvent {
  const { networkId, chat, direction, sender, sentAt } = message;
  const content = { type: 'unsupported', nativeKind: message.content.type } as const;
  return {
    type: 'message',
    message: { networkId, chat, direction, sender, sentAt, content, raw: JSON.stringify(message) },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
