/** Where a message that the sender sent twice is noticed. Real receivers show an id once; it is open whether the server does. */
type DuplicateMode = 'receiver' | 'server';

const KEPT_MESSAGES = 100_000; // a sandbox that runs for weeks stays small; nobody resends what is that old

/** Counts what arrived per sender, chat and message id. */
export class Ledger {
  mode: DuplicateMode = 'receiver';
  readonly #arrivals = new Map<string, number>();
  readonly #spoken = new Set<string>();
  readonly #resendAsked = new Set<string>();
  #duplicates = 0;

  /** False when the message must not be delivered again. `sender` and `chat` are LID style users, or a group. */
  accept(sender: string, chat: string, id: string): boolean {
    const key = keyOf(sender, chat, id);
    const before = this.#arrivals.get(key) ?? 0;
    this.#arrivals.set(key, before + 1);
    this.#spoken.add(`${sender} ${chat}`);
    if (this.#arrivals.size > KEPT_MESSAGES) this.#forgetOldest();
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

  /** True once either of two users has written to the other. */
  haveSpoken(one: string, other: string): boolean {
    return this.#spoken.has(`${one} ${other}`) || this.#spoken.has(`${other} ${one}`);
  }

  /** Messages that arrived again without anybody having asked. */
  get duplicates(): number {
    return this.#duplicates;
  }

  #forgetOldest(): void {
    for (const key of this.#arrivals.keys()) {
      this.#arrivals.delete(key);
      return;
    }
  }
}

function keyOf(sender: string, chat: string, id: string): string {
  return `${sender} ${chat} ${id}`;
}
