import type { OutboxDeps } from './outbox-deps.ts';
import { OutboxWorker } from './outbox-worker.ts';
import type { SessionLink } from './session-links.ts';

/** Sends what is queued: one worker for each session that is online, woken by commits. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #workers = new Map<string, OutboxWorker>();
  #unsubscribe: (() => void) | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#unsubscribe = this.#deps.store.onCommit((summary) => {
      for (const sessionId of summary.outbox) this.#workers.get(sessionId)?.wake();
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** The session is online: its queue moves. Called by the session runner, once for each connection. */
  attach(link: SessionLink): void {
    const worker = new OutboxWorker({ ...this.#deps, link });
    this.#workers.set(link.sessionId, worker);
    worker.start();
  }

  /**
   * The session is or will be offline. A wait ends at once and without an attempt; a send under way may finish for `graceMs`
   * and is then cut, which leaves it open (`maybe_sent`). Resolves when the worker does nothing any more. Idempotent.
   */
  async detach(sessionId: string, graceMs: number): Promise<void> {
    const worker = this.#workers.get(sessionId);
    if (worker === undefined) return;
    this.#workers.delete(sessionId);
    await worker.stop(graceMs);
  }
}
