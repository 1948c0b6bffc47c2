/** The entries of one chat that wait for their turn, oldest first. */
export interface InboxLane {
  readonly id: string;
  readonly keys: string[];
  /** How often the first entry failed in a row. */
  failures: number;
  /** Monotonic time before which the first entry must not be tried. */
  readyAt: number;
  busy: boolean;
}

/** Who is next: one entry a chat at a time, chats in turn. Knows keys only; pure on time. */
export class InboxLanes {
  /** In order of their turn. */
  readonly #lanes = new Map<string, InboxLane>();
  readonly #queued = new Set<string>();
  readonly #parked = new Set<string>();

  get queued(): number {
    return this.#queued.size;
  }

  get known(): number {
    return this.#queued.size + this.#parked.size;
  }

  /** Does nothing for a key that is known. */
  add(laneId: string, key: string): void {
    if (this.#queued.has(key) || this.#parked.has(key)) return;
    this.#queued.add(key);
    const lane = this.#lanes.get(laneId) ?? { id: laneId, keys: [], failures: 0, readyAt: 0, busy: false };
    lane.keys.push(key);
    this.#lanes.set(laneId, lane);
  }

  has(lane: InboxLane): boolean {
    return this.#lanes.get(lane.id) === lane;
  }

  takeReady(now: number): InboxLane | undefined {
    for (const lane of this.#lanes.values()) {
      if (lane.busy || lane.readyAt > now) continue;
      lane.busy = true;
      return lane;
    }
    return undefined;
  }

  /** When the next lane that waits may be tried. */
  nextReadyAt(): number | undefined {
    const waiting = [...this.#lanes.values()].filter(({ busy }) => !busy).map(({ readyAt }) => readyAt);
    return waiting.length === 0 ? undefined : Math.min(...waiting);
  }

  /** The first entry failed and keeps its place. */
  giveBack(lane: InboxLane, readyAt: number): void {
    lane.failures += 1;
    lane.readyAt = readyAt;
    lane.busy = false;
  }

  /** The first entry is through, or was put aside until `unpark`; the chat goes to the end of the line. */
  finish(lane: InboxLane, outcome: 'settled' | 'parked'): void {
    const key = lane.keys.shift() ?? '';
    this.#queued.delete(key);
    if (outcome === 'parked') this.#parked.add(key);
    lane.failures = 0;
    lane.readyAt = 0;
    lane.busy = false;
    this.#lanes.delete(lane.id);
    if (lane.keys.length > 0) this.#lanes.set(lane.id, lane);
  }

  /** Nobody waits for another try any longer. */
  hurry(): void {
    for (const lane of this.#lanes.values()) lane.readyAt = 0;
  }

  unpark(key: string): void {
    this.#parked.delete(key);
  }

  unparkAll(): void {
    this.#parked.clear();
  }

  clear(): void {
    this.#lanes.clear();
    this.#queued.clear();
    this.#parked.clear();
  }
}
