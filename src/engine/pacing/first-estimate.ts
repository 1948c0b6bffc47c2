import type { Purpose } from '../model/message.ts';
import { isTalk } from './lanes.ts';
import type { PropertyHours } from './property-hours.ts';
import type { PlannedSend } from './types.ts';

/** What is known of a message while it is being accepted. */
export interface NewIntent {
  readonly purpose: Purpose;
  readonly textLength: number;
  readonly hasMedia: boolean;
  readonly sendAt: number | null;
}

/** Reading a line, thinking and the pause before "send"; ms. */
const ANSWER_MS = 6_000;
/** Typing a character, as a middle of desks and phones; ms. */
const CHARACTER_MS = 250;
const LONGEST_TYPING_MS = 30_000;
const ATTACH_MS = 3_000;
/** From one guest to the next in the middle of a quiet queue; ms. */
const OWN_GAP_MS = 25_000;

/** Until the queue is planned: behind what is planned in its kind, within the hours. A guess, quickly made. Pure. */
export function firstEstimate(input: {
  readonly intent: NewIntent;
  readonly at: number;
  readonly hours: PropertyHours;
  readonly plan: readonly PlannedSend[] | undefined;
}): number {
  const { intent, at, hours, plan = [] } = input;
  const typingMs = Math.min(LONGEST_TYPING_MS, intent.textLength * CHARACTER_MS) + (intent.hasMedia ? ATTACH_MS : 0);
  if (intent.purpose === 'reply' || intent.purpose === 'safety') return Math.ceil(at + ANSWER_MS + typingMs);
  const last = plan.findLast((each) => each.do === 'send' && !isTalk(each.lane));
  const behind = last?.do === 'send' ? Math.max(at, last.sendAt + OWN_GAP_MS) : at;
  const stretch = hours.openStretch(behind);
  return Math.ceil((behind < stretch.from ? stretch.begins : behind) + typingMs);
}
