import type { ConnectorEvent } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';

/** Events of one session that the daemon has not acknowledged yet. Enough to keep the line busy, few enough to hold in memory. */
export const MAX_UNACKED_EVENTS = 32;

interface Waiting {
  readonly event: ConnectorEvent;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Holds a session's events back while the daemon is busy. Events leave in the order of `emit`; at most
 * MAX_UNACKED_EVENTS are on their way, the others wait in line.
 */
export class EventWindow {
  readonly #deliver: (event: ConnectorEvent) => Promise<void>;
  readonly #waiting: Waiting[] = [];
  #unacked = 0;
  #closed = false;

  constructor(deps: { deliver: (event: ConnectorEvent) => Promise<void> }) {
    this.#deliver = deps.deliver;
  }

  /** Settles as the daemon answers. A live event that would have to wait is dropped: nobody wants to see it late. */
  async emit(event: ConnectorEvent): Promise<void> {
    if (this.#closed) throw down();
    if (isLive(event) && this.#unacked >= MAX_UNACKED_EVENTS) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
      this.#pump();
    });
  }

  /** Rejects what is not acknowledged by now and whatever is emitted from now on. */
  close(): void {
    this.#closed = true;
    for (const entry of this.#waiting.splice(0)) entry.reject(down());
  }

  #pump(): void {
    while (this.#unacked < MAX_UNACKED_EVENTS) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#unacked += 1;
      this.#deliver(next.event)
        .then(
          // The vault is closed as well: nobody could settle anything by an answer that comes now.
          () => (this.#closed ? next.reject(down()) : next.resolve()),
          (error: unknown) => next.reject(error),
        )
        .finally(() => {
          this.#unacked -= 1;
          this.#pump();
        });
    }
  }
}

function isLive(event: ConnectorEvent): boolean {
  return event.type === 'typing' || event.type === 'presence';
}

function down(): BellhopError {
  return new BellhopError('session_down', { detail: 'The session is closed.' });
}
