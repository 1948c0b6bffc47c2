import type { HoldRule, Lane, PaceRule } from '../../src/engine/pacing/types.ts';
import { lanes } from '../../src/engine/pacing/types.ts';

/** How long a message waited that was sent, or still waits. */
export interface Wait {
  readonly waitedMs: number;
  /** What it waited for last, other than its turn; `null`: nothing else. */
  readonly rule: PaceRule | null;
  /** To a guest who never wrote. */
  readonly isFirstWord: boolean;
}

/** An answer to a guest who waits. */
export interface ReplyWait {
  readonly waitedMs: number;
  /** The least that a person needs. */
  readonly leastMs: number;
}

/** What became of the messages of a hotel. */
export class HotelFigures {
  readonly sent = new Map<Lane, number>();
  readonly held = new Map<HoldRule, number>();
  readonly replies: ReplyWait[] = [];
  readonly longest = new Map<Lane, Wait>();
  /** How long the desk was idle before a message of its own although nothing stood against it; ms. */
  readonly idles: number[] = [];
  /** What was left behind, in words. */
  readonly starved: string[] = [];
  handedOver = 0;
  expired = 0;
  /** After an opt-out. */
  refused = 0;
  /** By a person, the morning after a hold. */
  cancelled = 0;
  left = 0;
  optOuts = 0;
  blocks = 0;

  noteSent(lane: Lane, wait: Wait): void {
    this.sent.set(lane, (this.sent.get(lane) ?? 0) + 1);
    this.noteWait(lane, wait);
  }

  noteWait(lane: Lane, wait: Wait): void {
    if (wait.waitedMs > (this.longest.get(lane)?.waitedMs ?? -1)) this.longest.set(lane, wait);
  }

  noteHeld(rule: HoldRule): void {
    this.held.set(rule, (this.held.get(rule) ?? 0) + 1);
  }

  /** All is over: each message has come to something, and nobody was left behind. */
  close({ faults, idles }: { readonly faults: readonly string[]; readonly idles: readonly number[] }): void {
    const sent = [...this.sent.values()].reduce((total, count) => total + count, 0);
    const lost = this.handedOver - sent - this.expired - this.refused - this.cancelled - this.left;
    this.starved.push(...faults, ...(lost === 0 ? [] : [`${lost} messages came to nothing`]));
    for (const idle of idles) this.idles.push(idle);
  }

  add(other: HotelFigures): void {
    for (const lane of lanes) {
      this.sent.set(lane, (this.sent.get(lane) ?? 0) + (other.sent.get(lane) ?? 0));
      const longest = other.longest.get(lane);
      if (longest !== undefined) this.noteWait(lane, longest);
    }
    for (const [rule, count] of other.held) this.held.set(rule, (this.held.get(rule) ?? 0) + count);
    for (const reply of other.replies) this.replies.push(reply);
    for (const idle of other.idles) this.idles.push(idle);
    for (const each of other.starved) this.starved.push(each);
    for (const key of ['handedOver', 'expired', 'refused', 'cancelled', 'left', 'optOuts', 'blocks'] as const)
      this[key] += other[key];
  }
}

/** The value below which this share of them lies; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
