import { CANARY_LANE } from './journal-entry.ts';

/** The entries of one chat that wait for their turn, oldest first. */
export interface Lane {
  readonly id: string;
  readonly entries: Placed[];
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
  /** Monotonic time at which it came, or was found in the vault. */
  readonly since: number;
}

interface Placed extends LaneEntry {
  /** Place in the order of arrival over all chats. */
  readonly serial: number;
}

/**
 * Who is next: one entry a chat at a time, chats in turn. A canary goes behind whatever came before it, in every chat, and waits only for
 * what can move: not for a file, and not for the end of a pause. Knows keys only; pure on time.
 */
export class InboxLanes {
  /** In order of their turn. */
  readonly #lanes = new Map<string, Lane>();
  readonly #known = new Set<string>();
  #serial = 0;

  get size(): number {
    return this.#known.size;
  }

  /** Does nothing for a key that is known. */
  add(laneId: string, entry: LaneEntry): void {
    if (this.#known.has(entry.key)) return;
    this.#known.add(entry.key);
    const lane = this.#lanes.get(laneId) ?? { id: laneId, entries: [], failures: 0, readyAt: 0, isBusy: false };
    this.#serial += 1;
    lane.entries.push({ ...entry, serial: this.#serial });
    this.#lanes.set(laneId, lane);
  }

  takeReady(now: number, allowed: { readonly files: boolean }): Lane | undefined {
    for (const lane of this.#lanes.values()) {
      if (lane.isBusy || lane.readyAt > now) continue;
      if (!allowed.files && lane.entries[0]?.hasFiles === true) continue;
      if (lane.id === CANARY_LANE && this.#isBehind(lane, now)) continue;
      lane.isBusy = true;
      return lane;
    }
    return undefined;
  }

  /** Since when the oldest entry waits that could be handed over; monotonic. */
  oldestReadySince(now: number, allowed: { readonly files: boolean }): number | undefined {
    let oldest: number | undefined;
    for (const { id, isBusy, readyAt, entries } of this.#lanes.values()) {
      const [head] = entries;
      if (isBusy || readyAt > now || head === undefined || id === CANARY_LANE) continue;
      if ((allowed.files || !head.hasFiles) && (oldest === undefined || head.since < oldest)) oldest = head.since;
    }
    return oldest;
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

  #isBehind(canaries: Lane, now: number): boolean {
    const serial = canaries.entries[0]?.serial ?? 0;
    for (const { id, isBusy, readyAt, entries } of this.#lanes.values()) {
      const [head] = entries;
      if (head === undefined || id === CANARY_LANE || head.hasFiles || head.serial > serial) continue;
      if (isBusy || readyAt <= now) return true;
    }
    return false;
  }

  /** Those that waited for a connection need wait no longer; those that failed keep their pause. */
  hurry(): void {
    for (const lane of this.#lanes.values()) if (lane.readyAt === Infinity) lane.readyAt = 0;
  }
}
