import type { QueuedItem } from './queue-line.ts';

/** A message that is not ready is of no kind yet. */
export const WAITING = -1;

/** Messages that the same limits concern stand in one line, and only the first of a line is looked at. */
export const kinds = { safety: 0, reply: 1, service: 2, scheduled: 4, promotional: 6 } as const;

/** Each lane of the hotel's own has two: to guests who know the number, and first words to those who never wrote. */
export const OWN_KINDS = [2, 3, 4, 5, 6, 7] as const;

/** How many there are; those of talk have a second number that nothing uses. */
export const KINDS = 2 + OWN_KINDS.length;

export function kindOf(item: QueuedItem): number {
  return kinds[item.lane] + (!item.isTalk && item.line.isOpening ? 1 : 0);
}
