import { describe, expect, it } from 'vitest';
import { budgets } from '../../../../src/engine/pacing/budgets.ts';
import type { SendLogEntry } from '../../../../src/engine/pacing/types.ts';
import { berlin, calm, DAY, entryOf, HOUR, MINUTE, MORNING } from '../../../support/pacing-town.ts';

const at = (agoMs: number, changes: Partial<SendLogEntry> = {}): SendLogEntry =>
  entryOf({ at: MORNING - agoMs, ...changes });

describe('the budgets of an account', () => {
  const standing = { ...calm, bornAt: MORNING - 8 * DAY };
  const read = (sends: readonly SendLogEntry[], optOuts: readonly number[] = []) =>
    Object.fromEntries(
      budgets({ standing, history: { sends, optOuts }, rules: berlin, now: MORNING }).map(
        ({ id, used, left, resetsAt }) => [id, [used, left, resetsAt === null ? null : resetsAt - MORNING]],
      ),
    );

  it('are whole where nothing was sent', () => {
    expect(read([])).toEqual({
      accountPerMinute: [0, 8, null],
      accountPerHour: [0, 80, null],
      accountPerDay: [0, 500, null],
      ownPerHour: [0, 20, null],
      ownWeek2: [0, 40, null],
      newChatsWeek2: [0, 10, null],
      optOutsPerDay: [0, 2, null],
    });
  });

  it('count what lies in their window and whom it concerns, and tell when the next place falls free', () => {
    const sends = [
      at(23 * HOUR, { opensChat: true }),
      at(25 * HOUR),
      at(50 * MINUTE),
      at(30 * 1_000, { lane: 'reply' }),
      at(10 * 1_000, { lane: 'safety' }),
    ];
    expect(read(sends, [MORNING - HOUR, MORNING - 11 * HOUR])).toEqual({
      accountPerMinute: [2, 6, 30_000],
      accountPerHour: [3, 77, 10 * MINUTE],
      accountPerDay: [4, 496, HOUR],
      ownPerHour: [1, 19, 10 * MINUTE],
      ownWeek2: [2, 38, HOUR],
      newChatsWeek2: [1, 9, HOUR],
      optOutsPerDay: [1, 1, 14 * HOUR], // the other one was yesterday
    });
  });
});
