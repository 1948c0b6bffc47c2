import { BellhopError } from '../../core/errors.ts';
import { MAX_STREAMS } from '../http-config.ts';

/** All open streams, so that they end when the server stops or their key is revoked. */
export class StreamHub {
  readonly #open = new Map<AbortController, string>();

  /** Called when a stream begins. Throws `overloaded`. The signal aborts when the stream must end. */
  open(keyId: string): AbortController {
    if (this.#open.size >= MAX_STREAMS) {
      throw new BellhopError('overloaded', {
        detail: `At most ${MAX_STREAMS} streams at once.`,
        retryAfterSeconds: 30,
      });
    }
    const controller = new AbortController();
    this.#open.set(controller, keyId);
    controller.signal.addEventListener('abort', () => this.#open.delete(controller), { once: true });
    return controller;
  }

  closeKey(keyId: string): void {
    for (const [controller, owner] of this.#open) if (owner === keyId) controller.abort();
  }

  closeAll(): void {
    for (const controller of this.#open.keys()) controller.abort();
  }

  get size(): number {
    return this.#open.size;
  }
}
