import { BellhopError } from '../core/errors.ts';
import { deliver } from './deliver-message.ts';
import type { OutboxDeps } from './outbox-deps.ts';
import type { Desk } from './ports/index.ts';
import type { SessionLink } from './session-links.ts';
import { WakeSignal } from './wake-signal.ts';

/** A store that cannot be read or written (disk full) is asked again after this long; ms. */
const STORE_RETRY_MS = 2_000;

/** Drains the queue of one session while it is online: one message at a time, when its desk says so. */
export class OutboxWorker {
  readonly #deps: OutboxDeps & { readonly link: SessionLink };
  readonly #waiting = new AbortController();
  readonly #sending = new AbortController();
  readonly #wake: WakeSignal;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: OutboxDeps & { readonly link: SessionLink }) {
    this.#deps = deps;
    this.#wake = new WakeSignal({ clock: deps.clock, signal: this.#waiting.signal });
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Something may have fallen due. Cheap; called after commits. */
  wake(): void {
    this.#wake.wake();
  }

  async stop(graceMs: number): Promise<void> {
    this.#waiting.abort(new BellhopError('session_down'));
    const timer = this.#deps.clock.after(graceMs, () => this.#sending.abort(new BellhopError('session_down')));
    await this.#done;
    timer.cancel();
  }

  async #run(): Promise<void> {
    let desk: Desk | undefined;
    while (!this.#isStopped()) {
      try {
        this.#wake.clear();
        desk ??= await this.#deps.desks.open(this.#deps.link, () => this.#wake.wake());
        await this.#advance(desk);
      } catch (error) {
        if (this.#isStopped()) break;
        this.#deps.log.error('outbox could not go on', {
          session: this.#deps.link.sessionId,
          error: error instanceof Error ? error : String(error),
        });
        this.#wake.clear();
        await this.#wake.wait(STORE_RETRY_MS);
      }
    }
    desk?.leave();
  }

  async #advance(desk: Desk): Promise<void> {
    const step = await desk.next();
    if (step.do === 'wait') {
      await this.#wake.wait(step.ms);
      return;
    }
    try {
      await deliver({ ...this.#deps, waiting: this.#waiting.signal, sending: this.#sending.signal }, step);
    } finally {
      desk.done();
    }
  }

  #isStopped(): boolean {
    return this.#waiting.signal.aborted;
  }
}
