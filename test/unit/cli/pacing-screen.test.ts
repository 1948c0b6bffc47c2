import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderPacing } from '../../../src/cli/pacing-screen.ts';
import type { Session } from '../../../src/engine/model/session.ts';
import { limitTable } from '../../../src/engine/pacing/limits.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const later = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

type Pacing = Session['pacing'];
const budget = { id: 'ownPerHour', limit: 20, used: 20, left: 0, unit: 'messages an hour', resetsAt: later(12) };
const hold = { rule: 'own_hour', until: later(12), detail: 'Held until 10:12: at most 20 messages an hour.' };

function screen(pacing: Partial<Pacing>): string {
  const full: Pacing = {
    mode: 'human',
    queued: 0,
    budgets: [budget],
    lanes: [],
    nextSendAt: null,
    waiting: [],
    ...pacing,
  };
  // Of a session the screen reads nothing else.
  const session = { id: 'front-desk', channel: 'whatsapp', pacing: full } as Session;
  return stripVTControlCharacters(renderPacing([session], NOW));
}

describe('bellhop sessions --pacing', () => {
  it('shows what is left of each budget, and when the next place falls free', () => {
    expect(screen({})).toMatch(/front-desk \(whatsapp\): nothing waits\./);
    expect(screen({})).toMatch(/unasked, in an hour +20 +0 +20 +in 12 min +ownPerHour/);
  });

  it('says of the first that wait why they do, and how many more there are', () => {
    const waiting: Pacing['waiting'] = [
      { messageId: 'msg_1', lane: 'service', estimatedSendAt: later(13), heldBy: hold, detail: hold.detail },
      { messageId: 'msg_2', lane: 'scheduled', estimatedSendAt: null, heldBy: null, detail: 'Waits for its turn.' },
    ];
    const text = screen({ queued: 9, nextSendAt: later(13), waiting });
    expect(text).toContain('9 waiting, the next goes in 13 min');
    expect(text).toContain('msg_1  service, in 13 min');
    expect(text).toContain('Held until 10:12: at most 20 messages an hour.');
    expect(text).toMatch(/msg_2 {2}scheduled, waits\n +Waits for its turn\./);
    expect(text).not.toContain('release');
    expect(text).toContain('… and 7 more');
  });

  it('fits into 80 columns, whatever the limit and its reason, and says what to do', () => {
    const budgets = Object.keys(limitTable)
      .filter((id) => id !== 'sameTextStrangersPerDay')
      .map((id) => ({
        ...budget,
        id,
        limit: 500,
        used: 500,
        resetsAt: later(24 * 60 - 1),
      }));
    const detail = `Held until a person lets it go: ${'the same text has gone to many '.repeat(8)}.`;
    const heldBy = { rule: 'same_text', until: null, detail };
    const messageId = `msg_${'0'.repeat(26)}`;
    const waiting: Pacing['waiting'] = [{ messageId, lane: 'promotional', estimatedSendAt: null, heldBy, detail }];
    const text = screen({ budgets, queued: 1, waiting });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain('POST /v1/messages/<id>/release');
  });

  it('says where nothing is paced or known', () => {
    expect(screen({ queued: 3 })).toContain('3 waiting; they get their times once the session is online.');
    expect(screen({ mode: 'off' })).toContain('pacing is off');
    expect(screen({ budgets: [] })).toContain('Nothing is known');
    expect(renderPacing([], NOW)).toContain('No session yet');
  });
});
