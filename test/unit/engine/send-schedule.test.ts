import { describe, expect, it } from 'vitest';
import { SendError } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import type { Random } from '../../../src/core/random.ts';
import { settleFailure } from '../../../src/engine/send-schedule.ts';

const NOW = Date.UTC(2026, 2, 4, 15);
const draw = (value: number): Random => ({ next: () => value, bytes: (length) => new Uint8Array(length) });
const settle = (error: unknown, attempt = 1, random = draw(0.999_999)) =>
  settleFailure({ error, attempt, now: NOW, random });
const maybe = new SendError('send_timeout', { certainty: 'maybe_sent', retryable: false });
const surely = new SendError('encryption_failed', { certainty: 'not_sent', retryable: true });
const final = new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false, nativeCode: '404' });
const down = new SendError('session_down', { certainty: 'not_sent', retryable: true });

describe('after an attempt that failed', () => {
  it.each([
    ['an open outcome is always tried again', maybe, 50, 'retry'],
    ['an open outcome ends after a hundred attempts, not as not sent', maybe, 100, 'failed'],
    ['what was not sent is tried again', surely, 11, 'retry'],
    ['what was not sent ends after twelve attempts', surely, 12, 'failed'],
    ['what cannot work is not tried again', final, 1, 'failed'],
    ['a session that is down says nothing against the message', down, 5_000, 'retry'],
    ['a process that died leaves the outcome open', new BellhopError('session_down'), 1, 'retry'],
    ['a defect leaves the outcome open', new TypeError('x is not a function'), 1, 'retry'],
    ['a feature that is missing is final', new BellhopError('capability_missing'), 1, 'failed'],
  ] as const)('%s', (_name, error, attempt, type) => {
    const outcome = settle(error, attempt);
    expect(outcome.type).toBe(type);
    if (outcome.type === 'sent' || outcome.type === 'limited') throw new Error('impossible');
    const isOpen = error === maybe || error instanceof TypeError || (error as BellhopError).code === 'session_down';
    if (error !== down) expect(outcome.failure.certainty).toBe(isOpen ? 'maybe_sent' : 'not_sent');
  });

  it('keeps the native code', () => {
    expect(settle(final)).toEqual({
      type: 'failed',
      at: NOW,
      failure: { code: 'recipient_unknown', certainty: 'not_sent', nativeCode: '404' },
    });
  });

  it.each([
    [1, 0.5, 1_000],
    [1, 0, 500],
    [4, 0.5, 8_000],
    [11, 0.5, 150_000],
    [11, 0, 500],
  ])('waits with full jitter: attempt %i, draw %f', (attempt, value, waitMs) => {
    expect(settle(surely, attempt, draw(value))).toMatchObject({ type: 'retry', notBefore: NOW + waitMs });
  });

  it('waits at least as long as the network asks', () => {
    const error = new SendError('send_rejected', { certainty: 'not_sent', retryable: true, retryAfterMs: 600_000 });
    expect(settle(error, 1, draw(0))).toMatchObject({ notBefore: NOW + 600_000, heldBy: { rule: 'retry' } });
  });
});

describe('a limit of the network', () => {
  const facts = { certainty: 'not_sent', retryable: true, nativeCode: 'FLOOD_WAIT_30' } as const;
  const limited = (more: Partial<ConstructorParameters<typeof SendError>[1]>) =>
    settle(new SendError('rate_limited', { ...facts, ...more }), 500);

  it.each(['account', 'chat', 'new_chats'] as const)(
    'of the scope %s counts against no message and names its end',
    (scope) => {
      expect(limited({ scope, retryAfterMs: 30_000 })).toEqual({
        type: 'limited',
        at: NOW,
        limit: { scope, code: 'rate_limited', nativeCode: 'FLOOD_WAIT_30', until: NOW + 30_000, isAssumed: false },
      });
    },
  );

  it.each([
    ['account', 5 * 60_000],
    ['chat', 60_000],
    ['new_chats', 24 * 3_600_000],
  ] as const)('of the scope %s without an end has one assumed', (scope, waitMs) => {
    expect(limited({ scope })).toMatchObject({ limit: { until: NOW + waitMs, isAssumed: true } });
  });

  it('ends at a time that can be written down, whatever the network says', () => {
    expect(limited({ scope: 'account', retryAfterMs: Number.MAX_VALUE })).toMatchObject({
      limit: { until: NOW + 365 * 24 * 3_600_000 },
    });
  });

  it('of one message alone is waited out, however often the network asks for it', () => {
    expect(limited({ scope: 'message', retryAfterMs: 60_000 })).toMatchObject({
      type: 'retry',
      notBefore: expect.any(Number),
      heldBy: { rule: 'retry' },
    });
  });

  it('of one message alone, without an end, is an ordinary failure', () => {
    expect(limited({ scope: 'message' }).type).toBe('failed');
    expect(limited({}).type).toBe('failed');
  });

  it('does not settle an open outcome', () => {
    expect(limited({ scope: 'account', certainty: 'maybe_sent' }).type).toBe('failed');
    const error = new SendError('rate_limited', { ...facts, scope: 'account', certainty: 'maybe_sent' });
    expect(settle(error, 1)).toMatchObject({ type: 'retry', heldBy: { rule: 'unsettled' } });
  });
});
