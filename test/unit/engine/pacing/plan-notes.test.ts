import { describe, expect, it } from 'vitest';
import { notesOf, tooLate } from '../../../../src/engine/pacing/plan-notes.ts';
import type { Hold, PlannedSend, PlannedTurn } from '../../../../src/engine/pacing/types.ts';
import type { PlanNote, QueuedIntent } from '../../../../src/engine/ports/index.ts';
import { HOUR, intentOf, MINUTE, MORNING, SECOND } from '../../../support/pacing-town.ts';

const names = { messageId: 'msg_1', conversationId: 'cnv_1', lane: 'service' } as const;
const ownHour: Hold = { rule: 'own_hour', until: MORNING + HOUR, detail: 'Enough for this hour.' };

function turnAt(sendAt: number, heldBy: Hold | null = null): PlannedTurn {
  return { ...names, do: 'send', readAt: null, typingFrom: sendAt - 5 * SECOND, sendAt, reason: 'human', heldBy };
}

function intents(noted: PlanNote | null, expiresAt: number | null = null): ReadonlyMap<string, QueuedIntent> {
  return new Map([['msg_1', { ...intentOf({ expiresAt }), sessionId: 'front-desk', noted }]]);
}

const written = (noted: PlanNote | null, planned: PlannedSend): boolean =>
  notesOf([planned], intents(noted), MORNING).length === 1;

describe('what is written of a plan', () => {
  it('is all that is new', () => {
    expect(notesOf([turnAt(MORNING + HOUR, ownHour)], intents(null), MORNING)).toEqual([
      {
        messageId: 'msg_1',
        at: MORNING + HOUR,
        heldBy: { rule: 'own_hour', until: new Date(MORNING + HOUR).toISOString(), detail: ownHour.detail },
        isHeld: false,
      },
    ]);
  });

  it('is not what moved by a little, as a share of the wait', () => {
    const noted = { at: MORNING + HOUR, heldBy: null };
    expect(written(noted, turnAt(MORNING + HOUR + 2 * MINUTE))).toBe(false);
    expect(written(noted, turnAt(MORNING + HOUR + 5 * MINUTE))).toBe(true);
    const soon = { at: MORNING + MINUTE, heldBy: null };
    expect(written(soon, turnAt(MORNING + MINUTE + 4 * SECOND))).toBe(false);
    expect(written(soon, turnAt(MORNING + MINUTE + 6 * SECOND))).toBe(true);
  });

  it('is another rule, also at the same time', () => {
    const noted = { at: MORNING + HOUR, heldBy: null };
    expect(written(noted, turnAt(MORNING + HOUR, ownHour))).toBe(true);
  });

  it('hides no message that is stuck: whose time came stays late, unless a limit puts it off', () => {
    const noted = { at: MORNING - HOUR, heldBy: null };
    expect(written(noted, turnAt(MORNING + MINUTE))).toBe(false);
    expect(written(noted, turnAt(MORNING + HOUR, ownHour))).toBe(true);
  });

  it('marks what waits for a person because of its text, not what a guest can still answer', () => {
    const held = (rule: 'same_text' | 'unanswered') =>
      notesOf(
        [{ ...names, do: 'hold', heldBy: { rule, until: null, detail: 'For a person.' } }],
        intents(null),
        MORNING,
      );
    expect(held('same_text')).toMatchObject([{ at: null, isHeld: true }]);
    expect(held('unanswered')).toMatchObject([{ at: null, isHeld: false }]);
  });
});

describe('a message that would come too late', () => {
  const late = (byMs: number): readonly string[] => {
    const expiresAt = MORNING + HOUR;
    const planned = {
      ...names,
      do: 'expire',
      knownAt: MORNING,
      wouldSendAt: expiresAt + byMs,
      reason: 'own_hour',
    } as const;
    return tooLate([planned], intents(null, expiresAt), MORNING);
  };

  it('is given up when it is late by more than a change of the plan could save', () => {
    expect(late(MINUTE)).toEqual([]);
    expect(late(10 * MINUTE)).toEqual([]);
    expect(late(30 * MINUTE)).toEqual(['msg_1']);
  });
});
