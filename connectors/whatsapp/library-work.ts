import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../src/core/clock.ts';
import { childrenOf } from './stanza-parts.ts';

/** What Baileys hands to the Signal repository; for other kinds it refuses the message at once. */
const SEALED: ReadonlySet<string | undefined> = new Set(['pkmsg', 'msg', 'skmsg']);

interface Piece {
  readonly since: number;
  readonly unread: Set<Uint8Array>;
}

/**
 * The messages of one socket that came in and were neither journalled nor noted as unreadable yet: how long the library's queue, its
 * locks and the decoding keep the oldest of them. Baileys reads messages one after the other, in the order in which they came.
 */
export class LibraryWork {
  readonly #clock: Clock;
  readonly #pieces = new Map<BinaryNode, Piece>();

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  /** A message came from the wire, and Baileys is about to queue it. */
  arrived(stanza: BinaryNode): void {
    const sealed = childrenOf(stanza).filter(({ tag }) => tag === 'enc');
    if (sealed[0] === undefined || !SEALED.has(sealed[0].attrs['type'])) return;
    const unread = sealed.flatMap(({ attrs, content }) =>
      SEALED.has(attrs['type']) && content instanceof Uint8Array ? [content] : [],
    );
    if (unread.length > 0) this.#pieces.set(stanza, { since: this.#clock.monotonic(), unread: new Set(unread) });
  }

  /** The repository was asked for a part of this message: the library is through with all that came before it. */
  reached(stanza: BinaryNode): void {
    for (const earlier of this.#pieces.keys()) {
      if (earlier === stanza) return;
      this.#pieces.delete(earlier);
    }
  }

  /** This part is in the journal, or is known to be unreadable. */
  finished(stanza: BinaryNode, part: Uint8Array): void {
    const piece = this.#pieces.get(stanza);
    if (piece === undefined) return;
    piece.unread.delete(part);
    if (piece.unread.size === 0) this.#pieces.delete(stanza);
  }

  /** 0 when nothing waits. */
  oldestMs(): number {
    for (const { since } of this.#pieces.values()) return Math.max(0, this.#clock.monotonic() - since);
    return 0;
  }
}
