/** Where a message that the sender sent twice is noticed. Real receivers show an id once; it is open whether the server does. */
type DuplicateMode = 'receiver' | 'server';

/** Counts what arrived per sender, chat and message id. */
export class Ledger {
  mode: DuplicateMode = 'receiver';
  readonly #arrivals = new Map<string, number>();
  readonly #resendAsked = new Set<string>();
  #duplicates = 0;

  /** False when the message must not be delivered again. `sender` and `chat` are LID style users, or a group. */
  accept(sender: string, chat: string, id: string): boolean {
    const key = keyOf(sender, chat, id);
    const before = this.#arrivals.get(key) ?? 0;
    this.#arrivals.set(key, before + 1);
    if (before === 0 || this.#resendAsked.delete(key)) return true;
    this.#duplicates += 1;
    return this.mode === 'receiver';
  }

  /** Somebody asked for this message again: the next arrival is no duplicate. */
  expectResend(sender: string, chat: string, id: string): void {
    this.#resendAsked.add(keyOf(sender, chat, id));
  }

  arrivalsOf(id: string): number {
    let total = 0;
    for (const [key, count] of this.#arrivals) if (key.endsWith(` ${id}`)) total += count;
    return total;
  }

  /** Messages that arrived again without anybody having asked. */
  get duplicates(): number {
    return this.#duplicates;
  }
}

function keyOf(sender: string, chat: string, id: string): string {
  return `${sender} ${chat} ${id}`;
}
