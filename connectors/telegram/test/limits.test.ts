import { describe, expect, it } from 'vitest';
import type { SendError } from '../../../src/connector-api/index.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { FloodGate } from '../flood-gate.ts';
import { toSendError } from '../limits.ts';
import { CallLost, RpcFailure } from '../mtproto/client.ts';

const SEND = 'messages.sendMessage';
const refused = (code: number, text: string, method = SEND): SendError =>
  toSendError(new RpcFailure({ code, text, method }), method);

describe('a refused message', () => {
  it.each([
    [420, 'FLOOD_WAIT_42', { code: 'rate_limited', scope: 'account', retryAfterMs: 42_000, retryable: true }],
    [420, 'FLOOD_PREMIUM_WAIT_7', { code: 'rate_limited', scope: 'account', retryAfterMs: 7_000, retryable: true }],
    [420, 'SLOWMODE_WAIT_30', { code: 'rate_limited', scope: 'chat', retryAfterMs: 30_000, retryable: true }],
    [400, 'PEER_FLOOD', { code: 'rate_limited', scope: 'new_chats', retryAfterMs: undefined, retryable: true }],
    [403, 'USER_PRIVACY_RESTRICTED', { code: 'send_rejected', retryable: false }],
    [403, 'USER_IS_BLOCKED', { code: 'send_rejected', retryable: false }],
    [400, 'YOU_BLOCKED_USER', { code: 'send_rejected', retryable: false }],
    [400, 'INPUT_USER_DEACTIVATED', { code: 'recipient_unknown', retryable: false }],
    [400, 'PEER_ID_INVALID', { code: 'recipient_unknown', retryable: false }],
    [403, 'CHAT_WRITE_FORBIDDEN', { code: 'send_rejected', retryable: false }],
    [403, 'CHAT_SEND_MEDIA_FORBIDDEN', { code: 'send_rejected', retryable: false }],
    [400, 'MESSAGE_TOO_LONG', { code: 'unsupported_content', retryable: false }],
    [400, 'MEDIA_CAPTION_TOO_LONG', { code: 'unsupported_content', retryable: false }],
    [400, 'MEDIA_INVALID', { code: 'unsupported_content', retryable: false }],
    [400, 'FILE_PART_3_MISSING', { code: 'media_transfer_failed', retryable: true }],
    [401, 'AUTH_KEY_UNREGISTERED', { code: 'session_down', retryable: true }],
    [406, 'AUTH_KEY_DUPLICATED', { code: 'session_down', retryable: true }],
    [400, 'SOMETHING_NEW', { code: 'send_rejected', retryable: false }],
  ])('%d %s was surely not sent: %j', (code, text, expected) => {
    expect(refused(code, text)).toMatchObject({ ...expected, certainty: 'not_sent', nativeCode: text });
  });

  it.each([
    [500, 'INTERNAL'],
    [500, 'RPC_CALL_FAIL'],
    [500, 'RANDOM_ID_DUPLICATE'],
    [-503, 'Timeout'],
  ])('%d %s may have been sent, and is tried again', (code, text) => {
    expect(refused(code, text)).toMatchObject({ certainty: 'maybe_sent', retryable: true, nativeCode: text });
  });
});

describe('a call without an answer', () => {
  it.each([
    ['ended', true, 'maybe_sent', 'session_down'],
    ['ended', false, 'not_sent', 'session_down'],
    ['deadline', true, 'maybe_sent', 'send_timeout'],
    ['aborted', true, 'maybe_sent', 'send_timeout'],
    ['aborted', false, 'not_sent', 'send_timeout'],
    ['unreadable', true, 'maybe_sent', 'send_timeout'],
  ] as const)('%s, written: %s is %s', (reason, isWritten, certainty, code) => {
    const error = toSendError(new CallLost({ isWritten, reason }), SEND);
    expect(error).toMatchObject({ code, certainty, retryable: true });
  });

  it('leaves no doubt where the call carries no message', () => {
    const lost = new CallLost({ isWritten: true, reason: 'ended' });
    expect(toSendError(lost, 'upload.saveFilePart').certainty).toBe('not_sent');
    expect(refused(500, 'INTERNAL', 'contacts.resolveUsername').certainty).toBe('not_sent');
  });
});

describe('a flood wait', () => {
  it('closes new chats where people are looked up, and only its own method elsewhere', () => {
    expect(refused(420, 'FLOOD_WAIT_9', 'contacts.resolveUsername').scope).toBe('new_chats');
    expect(refused(420, 'FLOOD_WAIT_9', 'messages.setTyping').scope).toBe('message');
  });

  it('keeps its method from being called until the end, and tells what is left', async () => {
    const clock = new VirtualClock();
    const gate = new FloodGate({ clock });
    gate.note(new RpcFailure({ code: 420, text: 'FLOOD_WAIT_60', method: SEND }));
    await clock.advance(20_000);
    const left = { code: 'rate_limited', retryAfterMs: 40_000, nativeCode: 'FLOOD_WAIT_60' };
    expect(() => gate.check(SEND)).toThrow(expect.objectContaining(left));
    expect(() => gate.check('messages.setTyping')).not.toThrow();
    await clock.advance(40_000);
    expect(() => gate.check(SEND)).not.toThrow();
  });

  it('takes the slow mode of one chat for no wait of the method', () => {
    const gate = new FloodGate({ clock: new VirtualClock() });
    gate.note(new RpcFailure({ code: 420, text: 'SLOWMODE_WAIT_60', method: SEND }));
    gate.note(new RpcFailure({ code: 400, text: 'PEER_FLOOD', method: SEND }));
    expect(() => gate.check(SEND)).not.toThrow();
  });
});
