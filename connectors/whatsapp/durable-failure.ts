import type { BellhopError } from '../../src/core/errors.ts';

/** Why a socket must be given up. It has been ended already; the session only tells the cause. */
export type DurableFailure =
  /** The vault could not be written; nothing was acknowledged, the server sends it again. */
  | { readonly type: 'store_failed'; readonly error: Error }
  /** Baileys no longer hands over the objects it got from the wire: durability cannot be promised. Do not reconnect. */
  | { readonly type: 'uncorrelated'; readonly error: BellhopError };

/** The vault did not take a write. Thrown into Baileys after the socket was ended, so that nothing is acknowledged. */
export class StoreError extends Error {
  constructor(cause: unknown) {
    super('the session vault could not be written', { cause });
    this.name = 'StoreError';
  }
}

/** Ends one socket at the first failure, before the failing call returns; later failures change nothing. */
export class FailureSwitch {
  readonly #onFailure: (failure: DurableFailure) => void;
  #endSocket: (() => void) | undefined;
  #failed = false;

  constructor(deps: { onFailure: (failure: DurableFailure) => void }) {
    this.#onFailure = deps.onFailure;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** How to close the line at once: no byte may leave after it returns. */
  arm(endSocket: () => void): void {
    this.#endSocket = endSocket;
    if (this.#failed) endSocket();
  }

  /** The socket is over: nothing may be written on its behalf any more, and nobody needs to hear of it. */
  close(): void {
    this.#failed = true;
  }

  trip(failure: DurableFailure): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#endSocket?.();
    this.#onFailure(failure);
  }
}
