import type { Logger } from '../core/logger.ts';
import type { LiveEvents } from './engine-api.ts';
import type { LiveEvent } from './model/event.ts';

/** Hands typing and presence to whoever listens now. Nothing is stored; who comes later has missed it. */
export class LiveBus implements LiveEvents {
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #log: Logger;

  constructor(deps: { log: Logger }) {
    this.#log = deps.log;
  }

  /** Whether it is worth composing an event at all. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    // A wrapper, so that the same function can subscribe twice and leave once.
    const entry = (event: LiveEvent): void => listener(event);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  publish(event: LiveEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error('live listener failed', { error: error instanceof Error ? error : String(error) });
      }
    }
  }
}
