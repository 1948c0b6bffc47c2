import type { TlObject } from '../tl.ts';
import type { BoxName, Stamp } from './update-state.ts';

/** How an update came: `answer` = as the consequence of a call of our own. */
export type Via = 'push' | 'answer' | 'difference';

export interface HeldUpdate {
  readonly stamp: Stamp;
  /** Absent where only the position moves. */
  readonly update?: TlObject;
  readonly via: Via;
}

/** What waits for a `seq` before it. */
export interface HeldContainer {
  readonly start: number;
  readonly seq: number;
  readonly date: number;
  readonly updates: readonly TlObject[];
  readonly via: Via;
}

/** Names the row of `seq` among the boxes. */
export const SEQ: BoxName = 'seq';
/** Updates overtake each other on their way; only after this a missing one is missing (core.telegram.org/api/updates). */
const REORDER_WAIT_MS = 500;
/** So much ahead of a gap is asked for anyway. */
const MOST_HELD = 200;

/** Updates that came before their turn, by box. Pure on time. */
export class HeldUpdates {
  readonly #updates = new Map<BoxName, HeldUpdate[]>();
  #containers: HeldContainer[] = [];
  readonly #since = new Map<BoxName, number>();
  /** The same until the box moves, also after its gap was asked for. */
  readonly #stuckSince = new Map<BoxName, number>();

  /** Monotonic time at which the first gap is one. */
  get nextDueAt(): number | undefined {
    const first = Math.min(...this.#since.values());
    return first === Infinity ? undefined : first + REORDER_WAIT_MS;
  }

  /** Since when the oldest waits, of the boxes that count; monotonic. */
  oldestSince(counts: (box: BoxName) => boolean): number | undefined {
    let oldest: number | undefined;
    for (const [box, since] of this.#stuckSince) {
      if (counts(box) && (oldest === undefined || since < oldest)) oldest = since;
    }
    return oldest;
  }

  hold(held: HeldUpdate, now: number): void {
    const { box } = held.stamp;
    const waiting = this.#updates.get(box) ?? [];
    if (waiting.length < MOST_HELD) waiting.push(held);
    this.#updates.set(
      box,
      waiting.sort((a, b) => a.stamp.pts - b.stamp.pts),
    );
    this.#note(box, now);
  }

  holdContainer(held: HeldContainer, now: number): void {
    if (this.#containers.length < MOST_HELD) this.#containers.push(held);
    this.#containers.sort((a, b) => a.start - b.start);
    this.#note(SEQ, now);
  }

  /** Takes what waits for a box, to be judged again. */
  release(box: BoxName): readonly HeldUpdate[] {
    const waiting = this.#updates.get(box) ?? [];
    this.#updates.delete(box);
    this.#since.delete(box);
    this.#stuckSince.delete(box);
    return waiting;
  }

  releaseContainers(): readonly HeldContainer[] {
    const waiting = this.#containers;
    this.#containers = [];
    this.#since.delete(SEQ);
    this.#stuckSince.delete(SEQ);
    return waiting;
  }

  /** The boxes whose wait is over: their gap is asked for now. */
  takeDue(now: number): readonly BoxName[] {
    const due = [...this.#since].filter(([, since]) => since + REORDER_WAIT_MS <= now).map(([box]) => box);
    for (const box of due) this.#since.delete(box);
    return due;
  }

  clear(): void {
    this.#updates.clear();
    this.#containers = [];
    this.#since.clear();
    this.#stuckSince.clear();
  }

  #note(box: BoxName, now: number): void {
    if (!this.#since.has(box)) this.#since.set(box, now);
    if (!this.#stuckSince.has(box)) this.#stuckSince.set(box, now);
  }
}
