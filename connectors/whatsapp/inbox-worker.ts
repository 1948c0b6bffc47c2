import type { Clock, Timer } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import type { Delivery, Outcome } from './inbox-delivery.ts';
import type { InboxLane } from './inbox-lanes.ts';
import { InboxLanes } from './inbox-lanes.ts';
import type { Journal } from './journal.ts';

/** Chats that are worked on at the same time: enough to hide a slow download, few enough to keep memory small. */
const CONCURRENT_CHATS = 8;
/** Entries known in memory (keys only); the rest wait in the vault. */
const WINDOW = 256;
const FIRST_BACKOFF_MS = 1_000; // most refusals of the daemon are over by then
const LONGEST_BACKOFF_MS = 60_000; // a full disk is noticed within a minute of being mended

/**
 * The only road from the journal to the session. Takes pending entries in order, hands each over, and settles it once the
 * handler resolved. Within a chat an entry that fails keeps its place; other chats go on.
 */
export class InboxWorker {
  readonly #journal: Journal;
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #lanes = new InboxLanes();
  readonly #tried = new Set<(key: string) => void>();
  #unlisten: (() => void) | undefined;
  #timer: Timer | undefined;
  /** The vault may hold pending entries that are not known here. */
  #moreInVault = true;
  #running = false;
  /** Being handed over, also by a run that was stopped since. */
  readonly #inFlight = new Set<string>();
  #onIdle: (() => void)[] = [];

  constructor(deps: { journal: Journal; delivery: Delivery; clock: Clock; random: Random; log: Logger }) {
    this.#journal = deps.journal;
    this.#delivery = deps.delivery;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#log = deps.log;
  }

  /** Idempotent. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#moreInVault = true;
    this.#unlisten = this.#journal.onAdded((keys) => {
      for (const key of keys) this.#lanes.unpark(key);
      this.#moreInVault = true;
      this.#pump();
    });
    this.#pump();
  }

  /** Resolves when no handler is running. What is pending stays in the vault. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#unlisten?.();
    this.#timer?.cancel();
    this.#lanes.clear();
    for (const note of this.#tried) note('');
    if (this.#inFlight.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Looks again at what was put aside, e.g. because it needed an open socket. */
  reconsider(): void {
    this.#lanes.unparkAll();
    this.#moreInVault = true;
    if (this.#running) this.#pump();
  }

  /**
   * Resolves when every entry pending now was settled, or tried once and put back, or when `signal` aborts. Starts the
   * worker; where it runs already, what waits for another try is tried at once.
   */
  async replay(signal: AbortSignal): Promise<void> {
    const owed = new Set(this.#journal.pending(this.#journal.depth()).map(({ key }) => key));
    if (owed.size === 0 || signal.aborted) {
      this.start();
      return;
    }
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        this.#tried.delete(note);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const note = (key: string): void => {
        owed.delete(key);
        if (owed.size === 0 || !this.#running) finish();
      };
      this.#tried.add(note);
      signal.addEventListener('abort', finish, { once: true });
      this.start();
      this.#lanes.hurry();
      this.reconsider();
    });
  }

  #pump(): void {
    if (!this.#running) return;
    this.#fill();
    this.#timer?.cancel();
    while (this.#inFlight.size < CONCURRENT_CHATS) {
      const lane = this.#lanes.takeReady(this.#clock.monotonic());
      if (lane === undefined) break;
      void this.#runHead(lane, lane.keys[0] ?? '');
    }
    const readyAt = this.#inFlight.size < CONCURRENT_CHATS ? this.#lanes.nextReadyAt() : undefined;
    if (readyAt === undefined) return;
    this.#timer = this.#clock.after(readyAt - this.#clock.monotonic(), () => this.#pump());
  }

  #fill(): void {
    if (!this.#moreInVault || this.#lanes.queued >= WINDOW / 2) return;
    try {
      const limit = WINDOW + this.#lanes.known;
      const entries = this.#journal.pending(limit);
      for (const { key, lane } of entries) if (!this.#inFlight.has(key)) this.#lanes.add(lane, key);
      this.#moreInVault = entries.length === limit;
    } catch (error) {
      this.#log.error('journal not readable', { error: asError(error) });
    }
  }

  async #runHead(lane: InboxLane, key: string): Promise<void> {
    this.#inFlight.add(key);
    const outcome = await this.#delivery.handOver(key);
    this.#inFlight.delete(key);
    if (this.#inFlight.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    if (!this.#running) return;
    if (this.#lanes.has(lane)) this.#conclude(lane, key, outcome);
    else this.#moreInVault = true; // stopped and started again meanwhile: this run does not know the entry
    this.#pump();
  }

  #conclude(lane: InboxLane, key: string, outcome: Outcome): void {
    const attempted = outcome === 'failed' ? [...lane.keys] : [key];
    if (outcome === 'failed') this.#lanes.giveBack(lane, this.#clock.monotonic() + this.#backoffMs(lane));
    else this.#lanes.finish(lane, outcome);
    for (const note of this.#tried) for (const each of attempted) note(each);
  }

  #backoffMs(lane: InboxLane): number {
    const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** lane.failures);
    return ceiling * (0.5 + this.#random.next() / 2);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
