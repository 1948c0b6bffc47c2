import type { Clock } from '../../../src/core/clock.ts';

/** One thing that reached the network or left it, without content. */
export interface TrafficEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind:
    | 'connected' // handshake done
    | 'linked'
    | 'login'
    | 'online' // logged in, and its queue has been sent
    | 'closed'
    | 'message' // arrived from this device
    | 'receipt'
    | 'ack'
    | 'iq'
    | 'presence'
    | 'chatstate'
    | 'delivered'; // a queued stanza was written to this device
  /** LID style device address, or `-` before one is known. */
  readonly account: string;
  readonly id?: string;
  /** Of a receipt or presence its type, of an iq its namespace, of a delivery its tag. */
  readonly type?: string;
  /** The other party's address as it stood in the stanza. */
  readonly peer?: string;
}

export type TrafficMatch = Partial<Omit<TrafficEvent, 'at'>>;

const KEPT_EVENTS = 5_000; // enough for a test's questions afterwards; a sandbox that runs for weeks stays small

/**
 * What happened on the network, for tests and the control interface: questions about the past, and promises of the future
 * to hang a crash on (`await traffic.next({ kind: 'receipt', id })`).
 */
export class Traffic {
  readonly #clock: Clock;
  #events: TrafficEvent[] = [];
  #waiting: { match: TrafficMatch; resolve: (event: TrafficEvent) => void }[] = [];
  readonly #listeners = new Set<(event: TrafficEvent) => void>();

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  note(event: Omit<TrafficEvent, 'at'>): void {
    const noted = { at: this.#clock.now(), ...event };
    this.#events.push(noted);
    if (this.#events.length > KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS / 2);
    const met = this.#waiting.filter((waiter) => matches(noted, waiter.match));
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter));
    for (const waiter of met) waiter.resolve(noted);
    for (const listener of this.#listeners) listener(noted);
  }

  /** The next event from now on that has all the given fields. */
  next(match: TrafficMatch): Promise<TrafficEvent> {
    return new Promise((resolve) => {
      this.#waiting.push({ match, resolve });
    });
  }

  /** The first such event, also one that has happened. */
  seen(match: TrafficMatch): Promise<TrafficEvent> {
    const past = this.#events.find((event) => matches(event, match));
    return past === undefined ? this.next(match) : Promise.resolve(past);
  }

  count(match: TrafficMatch): number {
    return this.all(match).length;
  }

  all(match: TrafficMatch = {}): readonly TrafficEvent[] {
    return this.#events.filter((event) => matches(event, match));
  }

  /** Called for each event as it happens, synchronously; returns how to stop that. */
  listen(listener: (event: TrafficEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function matches(event: TrafficEvent, match: TrafficMatch): boolean {
  return (
    (match.kind === undefined || match.kind === event.kind) &&
    (match.account === undefined || match.account === event.account) &&
    (match.id === undefined || match.id === event.id) &&
    (match.type === undefined || match.type === event.type) &&
    (match.peer === undefined || match.peer === event.peer)
  );
}
