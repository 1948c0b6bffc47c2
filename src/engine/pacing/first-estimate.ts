import type { Purpose } from '../model/message.ts';
import type { PropertyHours } from './property-hours.ts';
import type { QueueEnds } from './queue-ends.ts';

/** What is known of a message while it is being accepted. */
export interface NewIntent {
  readonly purpose: Purpose;
  readonly textLength: number;
  readonly hasMedia: boolean;
  readonly sendAt: number | null;
  /** The guest has never written. */
  readonly isFirstWord: boolean;
}

/** Reading a line, thinking and the pause before "send"; ms. */
const ANSWER_MS = 6_000;
/** Typing a character, as a middle of desks and phones; ms. */
const CHARACTER_MS = 250;
const LONGEST_TYPING_MS = 30_000;
const ATTACH_MS = 3_000;
/** From one guest to the next in the middle of a quiet queue; ms. */
const OWN_GAP_MS = 25_000;

/** Until the queue is planned: behind what is due before it and as urgent, within the hours. A guess, quickly made. Pure. */
export function firstEstimate(input: {
  readonly intent: NewIntent;
  readonly at: number;
  readonly hours: PropertyHours;
  readonly ends: QueueEnds | undefined;
}): number {
  const { intent, at, hours, ends } = input;
  const typingMs = Math.min(LONGEST_TYPING_MS, intent.textLength * CHARACTER_MS) + (intent.hasMedia ? ATTACH_MS : 0);
  if (intent.purpose === 'reply' || intent.purpose === 'safety') return Math.ceil(at + ANSWER_MS + typingMs);
  const last = ends?.behind(intent.purpose, intent.isFirstWord, at) ?? -Infinity;
  const behind = Math.max(at, last + OWN_GAP_MS) + (ends?.joinAfterMs(intent.isFirstWord) ?? 0);
  const stretch = hours.openStretch(behind);
  return Math.ceil((behind < stretch.from ? stretch.begins : behind) + typingMs);
}
