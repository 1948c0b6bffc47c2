import type { HoldRule, Lane } from '../../src/engine/pacing/types.ts';
import { lanes } from '../../src/engine/pacing/types.ts';

/** How long something waited, and by which limit. */
export interface Wait {
  readonly waitedMs: number;
  /** The least that a person needs; only of answers. */
  readonly leastMs: number | null;
}

/** What became of the messages of a hotel. */
export class HotelFigures {
  readonly sent = new Map<Lane, number>();
  readonly held = new Map<HoldRule, number>();
  readonly replies: Wait[] = [];
  /** Of what was sent or still waits. */
  readonly oldest = new Map<Lane, number>();
  expired = 0;
  /** After an opt-out. */
  refused = 0;
  /** By a person, the morning after a hold. */
  cancelled = 0;
  left = 0;

  noteSent(lane: Lane, wait: Wait): void {
    this.sent.set(lane, (this.sent.get(lane) ?? 0) + 1);
    this.noteAge(lane, wait.waitedMs);
    if (wait.leastMs !== null) this.replies.push(wait);
  }

  noteAge(lane: Lane, ageMs: number): void {
    this.oldest.set(lane, Math.max(this.oldest.get(lane) ?? 0, ageMs));
  }

  noteHeld(rule: HoldRule): void {
    this.held.set(rule, (this.held.get(rule) ?? 0) + 1);
  }

  add(other: HotelFigures): void {
    for (const lane of lanes) {
      this.sent.set(lane, (this.sent.get(lane) ?? 0) + (other.sent.get(lane) ?? 0));
      this.noteAge(lane, other.oldest.get(lane) ?? 0);
    }
    for (const [rule, count] of other.held) this.held.set(rule, (this.held.get(rule) ?? 0) + count);
    this.replies.push(...other.replies);
    this.expired += other.expired;
    this.refused += other.refused;
    this.cancelled += other.cancelled;
    this.left += other.left;
  }
}

/** The value below which this share of them lies; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
