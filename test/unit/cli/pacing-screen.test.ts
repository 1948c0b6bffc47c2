import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderPacing } from '../../../src/cli/pacing-screen.ts';
import type { Session } from '../../../src/engine/model/session.ts';

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
    expect(screen({})).toMatch(/ownPerHour +20 +0 +20 +in 12 min/);
  });

  it('says of the first that wait why they do, and how many more there are', () => {
    const waiting: Pacing['waiting'] = [
      { messageId: 'msg_1', lane: 'service', estimatedSendAt: later(13), heldBy: hold },
      { messageId: 'msg_2', lane: 'scheduled', estimatedSendAt: null, heldBy: null },
    ];
    const text = screen({ queued: 9, nextSendAt: later(13), waiting });
    expect(text).toContain('9 waiting, the next goes in 13 min');
    expect(text).toContain('msg_1  service, in 13 min');
    expect(text).toContain('Held until 10:12: at most 20 messages an hour.');
    expect(text).toContain('msg_2  scheduled, waits: Waits for its turn.');
    expect(text).toContain('… and 7 more');
  });

  it('says where nothing is paced or known', () => {
    expect(screen({ mode: 'off' })).toContain('pacing is off');
    expect(screen({ budgets: [] })).toContain('nothing is known');
    expect(renderPacing([], NOW)).toContain('No session yet');
  });
});
