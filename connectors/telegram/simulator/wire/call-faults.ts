import type { RpcError } from '../rpc.ts';

/** An object whose constructor no layer has. */
export const NO_SUCH_CONSTRUCTOR = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

/** What goes wrong with one call. */
export type CallFault =
  /** The world never hears of it; the client gets this error. */
  | { readonly type: 'fail'; readonly error: RpcError }
  /** The world acts; the client does not hear so on this connection. */
  | { readonly type: 'swallow' }
  /** The world acts; the answer is a constructor that no layer has. */
  | { readonly type: 'unreadable' };

interface Armed {
  readonly method: string;
  readonly keyId: string | undefined;
  readonly fault: CallFault;
  left: number;
}

export interface FaultScope {
  /** Only calls over this key (the permanent one). Default: every key. */
  readonly keyId?: string;
  /** How many calls it strikes; `Infinity` until cleared. Default: one. */
  readonly times?: number;
}

/** Faults that wait for a method to be called. They strike in the order in which they were set. */
export class CallFaults {
  #armed: Armed[] = [];
  readonly #delays = new Map<string, number>();

  /** Throws away nothing that is armed already. */
  arm(method: string, fault: CallFault, { keyId, times = 1 }: FaultScope = {}): void {
    this.#armed.push({ method, keyId, fault, left: times });
  }

  /** The fault that strikes this call, which is then used up by one. */
  take(method: string, keyId: string): CallFault | undefined {
    const found = this.#armed.find(
      (armed) => armed.method === method && (armed.keyId === undefined || armed.keyId === keyId),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#armed = this.#armed.filter((armed) => armed !== found);
    return found.fault;
  }

  /** Answers leave this much later; 0 at once. `keyId` absent: for every key that has no delay of its own. */
  delay(ms: number, keyId = ''): void {
    if (ms === 0) this.#delays.delete(keyId);
    else this.#delays.set(keyId, ms);
  }

  delayFor(keyId: string): number {
    return this.#delays.get(keyId) ?? this.#delays.get('') ?? 0;
  }

  clear(): void {
    this.#armed = [];
    this.#delays.clear();
  }
}
