import { describe, expect, it } from 'vitest';
import { renderAccepted } from '../../../src/cli/send.ts';

const NOW = new Date('2026-11-21T18:36:00Z');
const accepted = { id: 'msg_1', session: 'front-desk', estimatedSendAt: null, heldBy: null };

describe('bellhop send', () => {
  it('tells the time at which it goes, and the day where it is another', () => {
    const told = (estimatedSendAt: string): string => renderAccepted({ ...accepted, estimatedSendAt }, NOW);
    expect(told('2026-11-21T18:36:23.000Z')).toBe(
      'Accepted as msg_1 by session front-desk, expected to leave about 18:36:23 UTC.',
    );
    expect(told('2026-11-22T07:00:10.000Z')).toContain('about 2026-11-22 07:00:10 UTC');
  });

  it('tells what the message waits for', () => {
    const heldBy = {
      rule: 'session_down',
      until: null,
      detail: 'The session front-desk is not online: it is stopped.',
    };
    expect(renderAccepted({ ...accepted, heldBy }, NOW)).toBe(
      'Accepted as msg_1 by session front-desk.\n  The session front-desk is not online: it is stopped.',
    );
  });
});
