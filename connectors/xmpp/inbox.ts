import { z } from 'zod';
import type { ConnectorEvent, SessionContext } from '../../src/connector-api/index.ts';
import { sleep } from '../../src/core/clock.ts';
import { isRecord } from '../../src/core/json.ts';
import type { Reading } from './map-inbound.ts';

/** A daemon that cannot store (a full disk) is not mended within a second. */
const RETRY_MS = 1_000;
/** Enough for thousands of texts; a daemon that takes longer must not keep the account offline. */
const REPLAY_PATIENCE_MS = 10_000;
const SPOOL_KEY_BYTES = 12;

// Only what `put` below wrote is read back, from an authenticated file.
const spooled = z.object({
  events: z.array(z.custom<ConnectorEvent>(isRecord)),
  confirm: z.object({ to: z.string(), id: z.string() }).exactOptional(),
});

/** Keeps what came in until the daemon has stored it, and hands it over one by one in the order of arrival. */
export class Inbox {
  readonly #context: SessionContext<unknown>;
  readonly #onStored: (confirm: NonNullable<Reading['confirm']>) => void;
  #isWorking = false;
  /** Since when something waits that nobody works on; monotonic. */
  #stuckSince: number | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: {
    context: SessionContext<unknown>;
    /** Called after a message is stored whose sender wants to know. */
    onStored: (confirm: NonNullable<Reading['confirm']>) => void;
  }) {
    this.#context = deps.context;
    this.#onStored = deps.onStored;
  }

  /** Durable when it returns; throws when the vault cannot be written. Called inside the transaction that moves the stream on. */
  put({ durable, confirm }: Reading): void {
    if (durable.length === 0) return;
    const { clock, random, vault } = this.#context;
    const body = JSON.stringify({ events: durable, ...(confirm === undefined ? {} : { confirm }) });
    vault.spool.put(Buffer.from(random.bytes(SPOOL_KEY_BYTES)).toString('hex'), Buffer.from(body, 'utf8'));
    if (!this.#isWorking) this.#stuckSince ??= clock.monotonic();
  }

  /** Since when something waits that neither the daemon nor a pause holds up; monotonic. */
  get stuckSince(): number | undefined {
    return this.#stuckSince;
  }

  /** Begins to hand over what is there, if nobody does yet. */
  work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#stuckSince = undefined;
    this.#work = this.#handOver().catch((error: unknown) => {
      const { clock, log, signal } = this.#context;
      this.#isWorking = false;
      this.#stuckSince = clock.monotonic();
      if (!signal.aborted) log.error('the inbox stopped', { error: error instanceof Error ? error : undefined });
    });
  }

  /** Waits until what an earlier life left is stored, with patience. */
  async replay(): Promise<void> {
    this.work();
    const patience = new AbortController();
    const { clock, signal } = this.#context;
    const waiting = sleep(clock, REPLAY_PATIENCE_MS, AbortSignal.any([signal, patience.signal]));
    await Promise.race([this.#work, waiting.catch(() => undefined)]);
    patience.abort();
  }

  async #handOver(): Promise<void> {
    const { vault, signal } = this.#context;
    for (;;) {
      const [entry] = vault.spool.pending(1);
      if (entry === undefined) {
        this.#isWorking = false; // in the same turn as the look: what is put later finds nobody at work
        return;
      }
      const { events, confirm } = spooled.parse(JSON.parse(Buffer.from(entry.body).toString('utf8')));
      for (const event of events) await this.#tell(event);
      if (signal.aborted) return;
      // Undone by a power cut it is handed over again, and the daemon knows it already.
      vault.transaction(() => vault.spool.delete(entry.key), { lazy: true });
      if (confirm !== undefined) this.#onStored(confirm);
    }
  }

  /** Resolves when the daemon has it, or when the session ends. */
  async #tell(event: ConnectorEvent): Promise<void> {
    const { clock, log, signal } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#context.emit(event);
        return;
      } catch (error) {
        log.warn('the daemon could not store an event', { error: error instanceof Error ? error : undefined });
        await sleep(clock, RETRY_MS, signal).catch(() => undefined);
      }
    }
  }
}
