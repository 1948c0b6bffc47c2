import type { Random } from '../core/random.ts';

/** Growing waits: doubled at each failure from `baseMs` up to `capMs`. */
export interface BackoffShape {
  readonly baseMs: number;
  readonly capMs: number;
  /** Never less than this, or an unlucky draw would make a busy loop. */
  readonly floorMs: number;
}

const MOST_DOUBLINGS = 30; // beyond it every cap is reached, and 2^n stays exact

/**
 * Full jitter: anything between the floor and the present ceiling, so that what failed together does not come back together.
 * `failures` counts from 1.
 */
export function drawBackoff(shape: BackoffShape, failures: number, random: Random): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS);
  const ceilingMs = Math.min(shape.capMs, shape.baseMs * 2 ** doublings);
  return Math.round(Math.max(shape.floorMs, random.next() * ceilingMs));
}
