/**
 * Random numbers without a sequence: each is a function of seed, message and what it is for. So a plan that is made again, with other
 * messages in the queue, draws the same for this one, and the same seed replays a day.
 */

/** What a number is drawn for; a purpose of its own for each, so that no two numbers of a message hang together. */
export const draws = {
  reading: 1,
  thinking: 2,
  typing: 3,
  longText: 4,
  pause: 5,
  ownGap: 6,
  turnGap: 7,
  runLength: 8,
  rest: 9,
  lateness: 10,
  morning: 11,
  skim: 12,
} as const;
export type DrawPurpose = (typeof draws)[keyof typeof draws];

/** A log-normal distribution that is cut at both ends. */
export interface LogNormal {
  readonly medianMs: number;
  readonly sigma: number;
  readonly floorMs: number;
  readonly capMs: number;
}

/** Of the shapes in use the narrowest keeps three draws of four. */
const MOST_TRIES = 64;
const SCRAMBLE = 0x9e3779b9; // the golden ratio's: spreads small numbers over all bits
const UNITS = 2 ** 32;

/** 32 bits of a seed and a name, signed: so it is a small integer and no number on the heap. */
export function drawKey(seed: number, name: string): number {
  let key = Math.imul(seed | 0, 0x85ebca6b) ^ name.length;
  for (let index = 0; index < name.length; index += 1) {
    key = Math.imul(key ^ name.charCodeAt(index), 0x5bd1e995);
    key ^= key >>> 15;
  }
  return mix(key) | 0;
}

/** Uniform in [0, 1). */
export function drawUnit(key: number, purpose: DrawPurpose, round = 0): number {
  return mix((key + Math.imul(purpose * 256 + round + 1, SCRAMBLE)) | 0) / UNITS;
}

/** Uniform in [from, to]. */
export function drawBetween(key: number, purpose: DrawPurpose, from: number, to: number): number {
  return from + (to - from) * drawUnit(key, purpose);
}

/** By Box and Muller; what falls outside the cut is drawn anew, so that nothing heaps up at its ends. */
export function drawLogNormal(key: number, purpose: DrawPurpose, shape: LogNormal): number {
  const { medianMs, sigma, floorMs, capMs } = shape;
  for (let round = 0; round < MOST_TRIES; round += 1) {
    const radius = Math.sqrt(-2 * Math.log(1 - drawUnit(key, purpose, 2 * round)));
    const value = medianMs * Math.exp(sigma * radius * Math.cos(2 * Math.PI * drawUnit(key, purpose, 2 * round + 1)));
    if (value >= floorMs && value <= capMs) return value;
  }
  return Math.min(capMs, Math.max(floorMs, medianMs));
}

/** The finalizer of murmur3. Returns an unsigned number of 32 bits. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
