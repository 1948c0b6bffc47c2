/** The entries of one chat that wait for their turn, oldest first. */
export interface Lane {
  readonly id: string;
  readonly entries: LaneEntry[];
  /** How often the first entry failed in a row. */
  failures: number;
  /** Monotonic time before which the first entry must not be tried; `Infinity` = until `hurry`. */
  readyAt: number;
  isBusy: boolean;
}

export interface LaneEntry {
  readonly key: string;
  /** It needs a transfer, of which only a few run at a time. */
  readonly hasFiles: boolean;
}

/** Who is next: one entry a chat at a time, chats in turn. Knows keys only; pure on time. */
export class InboxLanes {
  /** In order of their turn. */
  readonly #lanes = new Map<string, Lane>();
  readonly #known = new Set<string>();

  get size(): number {
    return this.#known.size;
  }

  /** Does nothing for a key that is known. */
  add(laneId: string, entry: LaneEntry): void {
    if (this.#known.has(entry.key)) return;
    this.#known.add(entry.key);
    const lane = this.#lanes.get(laneId) ?? { id: laneId, entries: [], failures: 0, readyAt: 0, isBusy: false };
    lane.entries.push(entry);
    this.#lanes.set(laneId, lane);
  }

  takeReady(now: number, allowed: { readonly files: boolean }): Lane | undefined {
    for (const lane of this.#lanes.values()) {
      if (lane.isBusy || lane.readyAt > now) continue;
      if (!allowed.files && lane.entries[0]?.hasFiles === true) continue;
      lane.isBusy = true;
      return lane;
    }
    return undefined;
  }

  /** When the next lane that waits for a time may be tried. */
  nextReadyAt(now: number): number | undefined {
    const times = [...this.#lanes.values()].filter((lane) => !lane.isBusy).map(({ readyAt }) => readyAt);
    const later = times.filter((time) => time > now && time !== Infinity);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** The first entry keeps its place and waits. */
  giveBack(lane: Lane, readyAt: number): void {
    lane.failures += 1;
    lane.readyAt = readyAt;
    lane.isBusy = false;
  }

  /** The first entry is through; the chat goes to the end of the line. */
  finish(lane: Lane): void {
    const done = lane.entries.shift();
    if (done !== undefined) this.#known.delete(done.key);
    lane.failures = 0;
    lane.readyAt = 0;
    lane.isBusy = false;
    this.#lanes.delete(lane.id);
    if (lane.entries.length > 0) this.#lanes.set(lane.id, lane);
  }

  /** Those that waited for a connection need wait no longer; those that failed keep their pause. */
  hurry(): void {
    for (const lane of this.#lanes.values()) if (lane.readyAt === Infinity) lane.readyAt = 0;
  }
}
