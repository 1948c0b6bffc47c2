import type { EventEnvelope } from '../../engine/model/event.ts';
import type { EventStore, PropertyFilter, Store } from '../../engine/ports/index.ts';

/** Events read at once: few enough that a slow reader holds little, many enough to catch up fast. */
const PAGE = 100;

export interface FeedQuery {
  readonly property: PropertyFilter;
  /** Exclusive; `null` = from the beginning of the log. */
  readonly after: string | null;
  readonly types: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Follows the event log from a cursor, without an end: reads pages, then sleeps until a commit wakes it. It holds one page and no
 * queue, so a slow reader costs nothing and never loses an event. Ends when the signal aborts.
 */
export async function* followEvents(
  store: EventStore & Pick<Store, 'onCommit'>,
  query: FeedQuery,
): AsyncGenerator<EventEnvelope> {
  const bell = new Bell(query.signal);
  const unsubscribe = store.onCommit((summary) => {
    if (summary.events) bell.ring();
  });
  try {
    let cursor = query.after;
    while (!query.signal.aborted) {
      bell.mute();
      const page = await store.listEvents({
        property: query.property,
        types: query.types,
        limit: PAGE,
        ...(cursor === null ? {} : { after: cursor }),
      });
      for (const event of page.data) {
        yield event;
      }
      const next = page.nextCursor ?? cursor;
      // a page without matches may still have moved on through the log
      if (page.data.length === 0 && next === cursor) await bell.heard();
      cursor = next;
    }
  } finally {
    unsubscribe();
  }
}

/** Remembers that it rang between `mute` and `heard`, so that no commit is missed. */
class Bell {
  #rang = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.ring(), { once: true });
  }

  ring(): void {
    this.#rang = true;
    this.#wake?.();
  }

  mute(): void {
    this.#rang = this.#signal.aborted;
  }

  heard(): Promise<void> {
    if (this.#rang) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
