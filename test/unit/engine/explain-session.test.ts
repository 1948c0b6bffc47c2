import { describe, expect, it } from 'vitest';
import { explainEntry, explainSession, spanWords, storyLine } from '../../../src/engine/explain-session.ts';
import type { StateReason } from '../../../src/engine/model/session.ts';
import { sessionStates } from '../../../src/engine/model/session.ts';

const NOW = Date.UTC(2026, 2, 4, 4, 0, 0);
const at = (ms: number): string => new Date(NOW + ms).toISOString();
const lost: StateReason = {
  code: 'whatsapp_408_connection_lost',
  kind: 'network',
  nativeCode: '408',
  text: 'The line went silent or broke.',
  action: 'none',
  remedy: 'Bellhop connects again by itself; nothing to do.',
  retryAt: at(12_000),
};
const loggedOut: StateReason = {
  ...lost,
  kind: 'logged_out',
  text: 'The account was unlinked, on the phone or by the network.',
  action: 'relink',
  remedy: 'Link it again: `bellhop link <channel>`',
  retryAt: null,
};

describe('the story of a session', () => {
  it('says what happened, since when, what is being done and what to do', () => {
    const story = explainSession(
      { state: 'backing_off', since: at(-2_000), unreachableSince: at(-185_000), reason: lost },
      NOW,
    );
    expect(story).toEqual({
      reach: 'no',
      what: 'The line went silent or broke. Guests have not been reached for 3 min.',
      doing: 'Bellhop tries again in 12 s.',
      todo: null,
    });
    expect(storyLine(story)).toMatch(/12 s\. Nothing to do\.$/);
  });

  it('asks a person to look when it lasts', () => {
    const since = { state: 'backing_off', since: at(-1_000), unreachableSince: at(-300_000), reason: lost } as const;
    expect(explainSession(since, NOW).todo).toBe(lost.remedy);
    expect(explainSession(since, NOW - 1_000).todo).toBeNull();
  });

  it('asks a person where only a person can help', () => {
    const story = explainSession(
      { state: 'logged_out', since: at(-7_500_000), unreachableSince: at(-7_500_000), reason: loggedOut },
      NOW,
    );
    expect(storyLine(story)).toBe(
      'The account was unlinked, on the phone or by the network. Guests have not been reached for 2 h 5 min. ' +
        'Bellhop tries nothing by itself; queued messages wait. Link it again: `bellhop link <channel>`.',
    );
  });

  it.each(sessionStates)('finds words for %s, with a reason and without', (state) => {
    for (const reason of [null, lost, loggedOut]) {
      const line = storyLine(explainSession({ state, since: at(-60_000), unreachableSince: null, reason }, NOW));
      expect(line).toMatch(/for 1 min\./);
      expect(line).not.toMatch(/undefined|null|NaN|\.\.|\s\s/);
    }
  });

  it('does not promise a time that has passed', () => {
    const late = { ...lost, retryAt: at(-5_000) };
    expect(
      explainSession({ state: 'backing_off', since: at(-9_000), unreachableSince: null, reason: late }, NOW).doing,
    ).toBe('Bellhop is about to try again.');
  });
});

describe('a row of the timeline', () => {
  const row = { at: at(0), version: null, attempt: 0 };

  it('tells the next attempt and its number', () => {
    expect(explainEntry({ ...row, state: 'backing_off', reason: lost, attempt: 3 })).toBe(
      'Line lost: The line went silent or broke. Tries again in 12 s, attempt 4.',
    );
  });

  it('tells the version that got in, and what a person must do', () => {
    expect(explainEntry({ ...row, state: 'connected', reason: null, version: '2.3000.1' })).toBe(
      'Connected, as version 2.3000.1.',
    );
    expect(explainEntry({ ...row, state: 'logged_out', reason: loggedOut })).toMatch(/Link it again: `bellhop link/);
  });
});

it.each([
  [-5, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [86_400_000, '1 day'],
  [10 * 86_400_000, '10 days'],
])('says %i ms as %s', (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});
