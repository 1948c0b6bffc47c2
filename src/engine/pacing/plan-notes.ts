import { toTimestamp } from '../../core/clock.ts';
import type { PlanNote, QueuedIntent } from '../ports/index.ts';
import type { Hold, PlannedSend } from './types.ts';

/** A time that moves by less than this is shown as it was: nobody plans by seconds, and each row costs a write; ms. */
const LEAST_CHANGE_MS = 5_000;
/** The same as a share of the wait, for times that are far off. */
const LEAST_CHANGE_SHARE = 0.05;
/** A message is given up only when it would be late by this much, and by this share of its wait: small changes would not have saved it. */
const TOO_LATE_MS = 2 * 60_000;
const TOO_LATE_SHARE = 0.2;

export interface NewNote extends PlanNote {
  readonly messageId: string;
  /** It waits for a person from now on, also if the rule would let go by itself. */
  readonly isHeld: boolean;
}

/** What of a plan is to be written down: what differs enough from what stands there. In the order of the plan. Pure. */
export function notesOf(
  plan: readonly PlannedSend[],
  intents: ReadonlyMap<string, QueuedIntent>,
  now: number,
): readonly NewNote[] {
  const notes: NewNote[] = [];
  for (const planned of plan) {
    const intent = intents.get(planned.messageId);
    if (intent === undefined) continue;
    const note = noteOf(planned);
    if (intent.noted === null || differs(intent.noted, note, now)) notes.push(note);
  }
  return notes;
}

/** Messages that are of no use any more by the time at which they could go. Pure. */
export function tooLate(
  plan: readonly PlannedSend[],
  intents: ReadonlyMap<string, QueuedIntent>,
  now: number,
): readonly string[] {
  return plan.flatMap((planned) => {
    const expiresAt = intents.get(planned.messageId)?.expiresAt ?? null;
    if (planned.do !== 'expire' || expiresAt === null) return [];
    const marginMs = Math.max(TOO_LATE_MS, TOO_LATE_SHARE * (planned.wouldSendAt - now));
    return planned.wouldSendAt > expiresAt + marginMs ? [planned.messageId] : [];
  });
}

function noteOf(planned: PlannedSend): NewNote {
  const { messageId } = planned;
  switch (planned.do) {
    case 'send':
      return { messageId, at: planned.sendAt, heldBy: shown(planned.heldBy), isHeld: false };
    case 'expire':
      return { messageId, at: planned.wouldSendAt, heldBy: null, isHeld: false };
    case 'hold':
      return { messageId, at: null, heldBy: shown(planned.heldBy), isHeld: planned.heldBy.rule === 'same_text' };
    case 'closed':
      return { messageId, at: null, heldBy: shown(planned.heldBy), isHeld: false };
  }
}

function shown(hold: Hold | null): PlanNote['heldBy'] {
  if (hold === null) return null;
  const { rule, until, detail } = hold;
  return { rule, until: until === null ? null : toTimestamp(until), detail };
}

function differs(before: PlanNote, after: PlanNote, now: number): boolean {
  if (before.heldBy?.rule !== after.heldBy?.rule) return true;
  if (before.at === null || after.at === null) return before.at !== after.at;
  // Its time came, no limit is in the way, and it is still here: that it is late must stay to be seen.
  if (before.at <= now && after.heldBy === null) return false;
  const leastMs = Math.max(LEAST_CHANGE_MS, LEAST_CHANGE_SHARE * (after.at - now));
  return Math.abs(after.at - before.at) > leastMs || endsElsewhere(before.heldBy?.until, after.heldBy?.until, leastMs);
}

function endsElsewhere(before: string | null | undefined, after: string | null | undefined, leastMs: number): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return before !== after;
  return Math.abs(Date.parse(after) - Date.parse(before)) > leastMs;
}
