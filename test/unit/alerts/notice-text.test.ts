import { describe, expect, it } from 'vitest';
import { headline, lasted, plainText } from '../../../src/alerts/notice-text.ts';
import { noticeOf, SINCE } from './notices.ts';

describe('the text of an alert', () => {
  it.each([
    ['opened', 'front-desk (WhatsApp) needs you: link it again'],
    ['updated', 'front-desk (WhatsApp) needs you: link it again'],
    ['reminder', 'Still: front-desk (WhatsApp) needs you: link it again'],
    ['closed', 'All clear: front-desk (WhatsApp), after 12 minutes'],
    ['passed', 'Was, and is over: front-desk (WhatsApp) needs you: link it again'],
  ] as const)('when it is %s begins with: %s', (kind, line) => {
    expect(headline(noticeOf(kind))).toBe(line);
    expect(plainText(noticeOf(kind)).startsWith(`${line}\n`)).toBe(true);
  });

  it('says what happened, since when, and what to do', () => {
    const text = plainText(noticeOf('opened'));
    expect(text).toMatch(/What happened: +It was unlinked on the phone\./);
    expect(text).toMatch(/Since: +2026-03-04 15:00 UTC/);
    expect(text).toMatch(/What to do: +Link it again\. Queued messages wait\./);
    expect(text).not.toContain('Until:');
  });

  it('says how long it lasted when it is over, and asks for nothing any more', () => {
    const text = plainText(noticeOf('closed'));
    expect(text).toMatch(/Until: +2026-03-04 15:12 UTC \(12 minutes\)/);
    expect(text).toContain('It works again');
    expect(text).not.toContain('What to do');
    expect(plainText(noticeOf('passed'))).toContain('could not be told before');
  });

  it('does not say that what was stopped works again', () => {
    const ended = noticeOf('closed', { resolution: 'ended' });
    expect(headline(ended)).toBe('Ended: front-desk (WhatsApp)');
    expect(plainText(ended)).not.toContain('works again');
  });

  it('names the sessions of a group, not all of a fleet', () => {
    const sessions = Array.from({ length: 25 }, (_, index) => `desk-${index}`);
    expect(plainText(noticeOf('opened', { sessions }))).toMatch(/Sessions: +desk-0, .*desk-19 and 5 more/);
  });

  it.each([
    [20_000, '20 seconds'],
    [60_000, '1 minute'],
    [59 * 60_000, '59 minutes'],
    [65 * 60_000, '1 hour 5 minutes'],
    [49 * 3_600_000, '2 days 1 hour'],
  ])('writes %d ms as %s', (ms, words) => {
    expect(lasted({ since: SINCE, endedAt: new Date(Date.parse(SINCE) + ms).toISOString() })).toBe(words);
  });
});
