import type { Random } from '../../../../src/core/random.ts';
import type { TlObject } from '../../tl.ts';

/** One `Updates` object on its way to the clients of one key. */
export interface Push {
  readonly keyId: string;
  readonly updates: TlObject;
  /** Counts the pushes of this key from 0. */
  readonly serial: number;
}

/** `hold`: it comes after so many further pushes of the same key, or when it is released; Infinity waits for the release. */
export type PushVerdict = 'deliver' | 'drop' | 'duplicate' | { readonly hold: number };
export type PushPolicy = (push: Push) => PushVerdict;

interface Held {
  readonly push: Push;
  left: number;
}

/** The way from the world to the clients' keys, on which updates can be lost, doubled, held up and overtaken. */
export class UpdateStream {
  /** Asked once for each push. */
  policy: PushPolicy | undefined;
  readonly #deliver: (keyId: string, updates: TlObject) => void;
  readonly #held = new Map<string, Held[]>();
  readonly #serials = new Map<string, number>();

  constructor(deps: { readonly deliver: (keyId: string, updates: TlObject) => void }) {
    this.#deliver = deps.deliver;
  }

  offer(keyId: string, updates: TlObject): void {
    const serial = this.#serials.get(keyId) ?? 0;
    this.#serials.set(keyId, serial + 1);
    const push = { keyId, updates, serial };
    const verdict = this.policy?.(push) ?? 'deliver';
    if (verdict === 'deliver' || verdict === 'duplicate') this.#deliver(keyId, updates);
    if (verdict === 'duplicate') this.#deliver(keyId, updates);
    this.#countDown(keyId);
    if (typeof verdict === 'object') this.#hold(push, verdict.hold);
  }

  /** Hands over what is held, for one key or all, in the order of offering or the other way round. */
  release(order: 'ordered' | 'reversed' = 'ordered', keyId?: string): void {
    for (const [key, held] of this.#held) {
      if (keyId !== undefined && key !== keyId) continue;
      this.#held.delete(key);
      const waiting = order === 'ordered' ? held : held.toReversed();
      for (const { push } of waiting) this.#deliver(key, push.updates);
    }
  }

  /** Forgets what is held: the connection that it would have gone over is gone. */
  discard(keyId?: string): void {
    if (keyId === undefined) this.#held.clear();
    else this.#held.delete(keyId);
  }

  heldFor(keyId: string): number {
    return this.#held.get(keyId)?.length ?? 0;
  }

  #hold(push: Push, left: number): void {
    const waiting = this.#held.get(push.keyId) ?? [];
    waiting.push({ push, left });
    this.#held.set(push.keyId, waiting);
  }

  #countDown(keyId: string): void {
    const waiting = this.#held.get(keyId);
    if (waiting === undefined) return;
    for (const held of waiting) held.left -= 1;
    const due = waiting.filter(({ left }) => left <= 0);
    if (due.length === 0) return;
    const rest = waiting.filter(({ left }) => left > 0);
    if (rest.length === 0) this.#held.delete(keyId);
    else this.#held.set(keyId, rest);
    for (const { push } of due) this.#deliver(keyId, push.updates);
  }
}

/** Shares of pushes (0 to 1) that meet a fate; the rest is delivered. */
export interface Weather {
  readonly drop?: number;
  readonly duplicate?: number;
  readonly hold?: number;
  /** The most pushes by which one is overtaken. */
  readonly longestHold?: number;
}

/** The same weather for the same seed. */
export function weatherPolicy(
  random: Random,
  { drop = 0, duplicate = 0, hold = 0, longestHold = 3 }: Weather,
): PushPolicy {
  return () => {
    const fate = random.next();
    if (fate < drop) return 'drop';
    if (fate < drop + duplicate) return 'duplicate';
    if (fate < drop + duplicate + hold) return { hold: 1 + Math.floor(random.next() * longestHold) };
    return 'deliver';
  };
}
