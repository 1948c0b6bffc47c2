import { describe, expect, it } from 'vitest';
import type { RenewalHistory } from '../../../../src/engine/liveness/escalation.ts';
import {
  AGAIN_MS,
  connectedAgain,
  escalate,
  FAILED_WITHIN_MS,
  nothingTried,
  PROVEN_MS,
} from '../../../../src/engine/liveness/escalation.ts';

const NOW = 10_000_000;
const after = (last: RenewalHistory['last'], agoMs: number, isTold = false): RenewalHistory => ({
  last,
  at: NOW - agoMs,
  isTold,
});
const step = (history: RenewalHistory, layer: 'canary' | 'library' = 'canary'): string => {
  const found = escalate(history, layer, NOW);
  return found.do === 'renew' ? found.what : found.do;
};

describe('what is done about a deaf line', () => {
  it.each([
    ['the first time, a new socket', nothingTried, 'socket'],
    ['soon after a socket, a new session', after('socket', FAILED_WITHIN_MS - 1), 'session'],
    ['soon after a session, a new process', after('session', FAILED_WITHIN_MS - 1), 'process'],
    ['soon after a process, a person', after('process', FAILED_WITHIN_MS - 1), 'tell'],
    ['later, the same step again', after('session', FAILED_WITHIN_MS), 'session'],
    ['after a proven hour, a socket again', after('process', PROVEN_MS), 'socket'],
    ['once a person knows, nothing for half an hour', after('process', AGAIN_MS - 1, true), 'wait'],
    ['then a process again', after('process', AGAIN_MS, true), 'process'],
  ] as const)('%s', (_name, history, expected) => {
    expect(step(history)).toBe(expected);
  });

  it('gives a stuck library a new session at once', () => {
    expect(step(nothingTried, 'library')).toBe('session');
  });

  it('goes through all steps once, and tells a person once, while nothing helps', () => {
    let history = nothingTried;
    const steps: string[] = [];
    for (let minute = 0; minute < 150; minute += 1) {
      const now = minute * 60_000;
      const found = escalate(history, 'canary', now);
      ({ history } = found);
      if (found.do === 'renew') history = connectedAgain(history, now + 1_000);
      if (found.do !== 'wait') steps.push(found.do === 'renew' ? found.what : found.do);
    }
    expect(steps.slice(0, 4)).toEqual(['socket', 'session', 'process', 'tell']);
    expect(new Set(steps.slice(4))).toEqual(new Set(['process']));
    expect(steps.length).toBeLessThanOrEqual(4 + 5);
  });

  it('measures from the new connection, however long the network was away meanwhile', () => {
    const history = connectedAgain(after('socket', PROVEN_MS * 2), NOW - 1_000);
    expect(step(history)).toBe('session');
  });
});
