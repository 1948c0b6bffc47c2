import type { Lines, Target } from './lines.ts';

/** What happens to the acknowledgement of one message. */
export interface AckFault {
  /** The message is refused with this code and not delivered. */
  readonly error?: number;
  /** The message is delivered, its sender never hears so. */
  readonly drop?: boolean;
  /** The acknowledgement comes this much later, in milliseconds. */
  readonly delayMs?: number;
}

type OneShot =
  | { readonly kind: 'ack'; readonly target: Target; readonly fault: AckFault }
  | { readonly kind: 'receipt' | 'garble' | 'active'; readonly target: Target };

/** Faults that strike once, in the order in which they were set. */
export class OneShots {
  readonly #lines: Lines;
  #shots: OneShot[] = [];

  constructor(deps: { lines: Lines }) {
    this.#lines = deps.lines;
  }

  add(shot: OneShot): void {
    this.#shots.push(shot);
  }

  /** The first of this kind that is meant for the device; it is then gone. */
  take(kind: OneShot['kind'], deviceJid: string): OneShot | undefined {
    const shot = this.#shots.find(
      (candidate) => candidate.kind === kind && this.#lines.isMeant(candidate.target, deviceJid),
    );
    this.#shots = this.#shots.filter((candidate) => candidate !== shot);
    return shot;
  }

  clear(): void {
    this.#shots = [];
  }
}
