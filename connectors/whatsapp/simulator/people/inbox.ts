import type { Clock } from '../../../../src/core/clock.ts';
import type { SeenItem } from './seen-item.ts';

const KEPT_ITEMS = 10_000; // a guest of a long benchmark must not keep every receipt for ever

/** What happened on a person's screen (the last ten thousand things), oldest first, and a way to wait for more without sleeping. */
export class Inbox {
  readonly #clock: Clock;
  readonly #items: SeenItem[] = [];
  readonly #listeners = new Set<(item: SeenItem) => void>();
  #repeatedCopies = 0;

  constructor(deps: { clock: Clock; items?: readonly SeenItem[] }) {
    this.#clock = deps.clock;
    this.#items.push(...(deps.items ?? []));
  }

  get items(): readonly SeenItem[] {
    return this.#items;
  }

  /** Copies that the phone did not show because the message was on the screen already. */
  get repeatedCopies(): number {
    return this.#repeatedCopies;
  }

  /** Messages shown under another id although author, chat and content are those of an earlier one. */
  get duplicatesShown(): number {
    const prints = this.messages().map((item) => `${item.chat} ${item.author} ${item.fingerprint}`);
    return prints.length - new Set(prints).size;
  }

  /** Messages from others (and from other devices of the same account), in the order of arrival. */
  messages(): readonly Extract<SeenItem, { type: 'message' }>[] {
    return this.#items.filter((item) => item.type === 'message');
  }

  /** Texts shown, in the order of arrival. */
  texts(): readonly string[] {
    return this.messages().flatMap((item) => ('text' in item.content ? [item.content.text] : []));
  }

  receipts(): readonly Extract<SeenItem, { type: 'receipt' }>[] {
    return this.#items.filter((item) => item.type === 'receipt');
  }

  /** True once a receipt of this kind named the message. */
  wasMarked(id: string, mark: string): boolean {
    return this.receipts().some((item) => item.mark === mark && item.ids.includes(id));
  }

  add(item: SeenItemWithoutTime): void {
    const seen: SeenItem = { ...item, at: this.#clock.now() };
    this.#items.push(seen);
    if (this.#items.length > KEPT_ITEMS) this.#items.shift();
    for (const listener of this.#listeners) listener(seen);
  }

  /** Calls `listener` for each item to come; the returned function ends it. */
  subscribe(listener: (item: SeenItem) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  countRepeatedCopy(): void {
    this.#repeatedCopies += 1;
  }

  /** The first item, past or to come, that `matches`; waits as long as it takes, or until `signal` aborts. */
  waitFor(matches: (item: SeenItem) => boolean, signal?: AbortSignal): Promise<SeenItem> {
    const found = this.#items.find(matches);
    return found === undefined ? this.#nextMatch(matches, signal) : Promise.resolve(found);
  }

  /** The message with exactly this text. */
  async waitForText(text: string, signal?: AbortSignal): Promise<Extract<SeenItem, { type: 'message' }>> {
    const item = await this.waitFor(
      (candidate) => candidate.type === 'message' && 'text' in candidate.content && candidate.content.text === text,
      signal,
    );
    if (item.type !== 'message') throw new Error('the item is not a message');
    return item;
  }

  /** Resolves when a receipt of this kind has named the message. */
  async waitForMark(id: string, mark: string, signal?: AbortSignal): Promise<void> {
    await this.waitFor((item) => item.type === 'receipt' && item.mark === mark && item.ids.includes(id), signal);
  }

  #nextMatch(matches: (item: SeenItem) => boolean, signal: AbortSignal | undefined): Promise<SeenItem> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        end();
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        stop();
        reject(new Error('stopped waiting for something to be seen'));
      };
      const end = this.subscribe((item) => {
        if (!matches(item)) return;
        stop();
        resolve(item);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

type WithoutTime<Item> = Item extends SeenItem ? Omit<Item, 'at'> : never;
export type SeenItemWithoutTime = WithoutTime<SeenItem>;
