import { xml } from '@xmpp/client';
import { describe, expect, it } from 'vitest';
import { endOfError, toDisconnectCause } from '../disconnect.ts';
import { bareAddress } from '../ids.ts';
import { readBounce } from '../map-bounce.ts';
import { readCanary } from '../map-canary.ts';
import { readMessage } from '../map-inbound.ts';
import { CHAT_MARKERS, CHAT_STATES, DELAY, RECEIPTS, Stanzas } from '../map-outbound.ts';

const GUEST = 'guest@chat.example';
const facts = { ownAddress: 'desk@chat.example', now: 1_000, fallbackId: 'fallback' };
const chat = { kind: 'direct', addresses: [GUEST] } as const;
const from = `${GUEST}/phone`;
const read = (attrs: Record<string, string>, ...children: ReturnType<typeof xml>[]) =>
  readMessage(xml('message', { type: 'chat', from, ...attrs }, ...children), facts);

describe('what a guest says', () => {
  it('is a message that is confirmed to the guest only where that was asked', () => {
    const plain = read({ id: 'm1' }, xml('body', {}, 'Hello'));
    expect(plain).toMatchObject({ durable: [{ type: 'message', message: { networkId: 'm1', sentAt: 1_000 } }] });
    expect(plain.confirm).toBeUndefined();
    const asking = read({ id: 'm1' }, xml('body', {}, 'Hello'), xml('request', { xmlns: RECEIPTS }));
    expect(asking.confirm).toEqual({ to: GUEST, id: 'm1' });
  });

  it('has the time at which it was said, and an id in any case', () => {
    const stamp = '2026-03-04T10:00:00Z';
    const late = read({}, xml('body', {}, 'Hello'), xml('delay', { xmlns: DELAY, stamp }));
    expect(late).toMatchObject({ durable: [{ message: { networkId: 'fallback', sentAt: Date.parse(stamp) } }] });
  });

  it('tells how far our messages came', () => {
    expect(read({}, xml('received', { xmlns: RECEIPTS, id: 'o1' })).durable).toMatchObject([
      { type: 'receipt', receipt: { networkIds: ['o1'], status: 'delivered', chat } },
    ]);
    expect(read({}, xml('displayed', { xmlns: CHAT_MARKERS, id: 'o1' })).durable).toMatchObject([
      { type: 'receipt', receipt: { networkIds: ['o1'], status: 'read' } },
    ]);
  });

  it('shows typing while it is news', () => {
    const composing = xml('composing', { xmlns: CHAT_STATES });
    expect(read({}, composing).live).toEqual([{ type: 'typing', chat, by: GUEST, on: true }]);
    const stamp = '2026-03-04T10:00:00Z';
    expect(read({}, composing, xml('delay', { xmlns: DELAY, stamp })).live).toEqual([]);
  });

  it('is nothing where it comes from a room, from a server or from the account itself', () => {
    const body = xml('body', {}, 'Hello');
    const nothing = { durable: [], live: [] };
    expect(read({ type: 'groupchat' }, body)).toEqual(nothing);
    expect(read({ from: 'chat.example' }, body)).toEqual(nothing);
    expect(read({ from: 'desk@chat.example/other' }, body)).toEqual(nothing);
  });

  it('comes from a bare address in small letters', () => {
    expect(bareAddress('Guest@Chat.Example/Phone')).toBe(GUEST);
    expect(bareAddress(undefined)).toBeUndefined();
  });
});

describe('what comes back', () => {
  const bounce = (condition: string, type: string) =>
    readBounce(
      xml(
        'message',
        { type: 'error', from: GUEST, id: 'o1' },
        xml('error', { type }, xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
      ),
      { ownAddress: facts.ownAddress, now: 7 },
    );

  it.each([
    ['service-unavailable', 'cancel', 'recipient_unknown', false],
    ['remote-server-not-found', 'cancel', 'recipient_unknown', false],
    ['resource-constraint', 'wait', 'send_rejected', true],
    ['forbidden', 'auth', 'send_rejected', false],
  ])('as %s (%s) is %s', (condition, type, code, retryable) => {
    const found = bounce(condition, type);
    expect(found?.error).toMatchObject({ code, retryable, certainty: 'not_sent', nativeCode: condition });
    expect(found?.event).toEqual({ type: 'send_failed', chat, networkId: 'o1', code, nativeCode: condition, at: 7 });
  });

  it('is no bounce when somebody merely says something', () => {
    expect(
      readBounce(xml('message', { type: 'chat', from, id: 'o1' }), { ownAddress: facts.ownAddress, now: 7 }),
    ).toBeUndefined();
  });
});

describe('a canary', () => {
  const sent = new Stanzas({ xml }).canary('desk@chat.example/bellhop', 'c1');
  const back = (sender: string, type = 'headline') =>
    xml('message', { type, from: sender, id: 'c1' }, ...sent.getChildElements());

  it('is back when it comes from the account itself', () => {
    const own = 'desk@chat.example/bellhop';
    expect(readCanary(back(own), facts)).toEqual({ type: 'canary', token: 'c1', at: 1_000 });
    expect(readMessage(back(own), facts)).toEqual({ durable: [], live: [] });
  });

  it('is nothing where somebody else made it, or where it could not be delivered', () => {
    expect(readCanary(back(from), facts)).toBeUndefined();
    const bounced = back('desk@chat.example/gone', 'error');
    expect(readCanary(bounced, facts)).toBeUndefined();
    expect(readBounce(bounced, facts)).toBeUndefined();
  });
});

describe('the end of a line', () => {
  it.each([
    ['SASLError', 'not-authorized', 'logged_out', 'xmpp_login_not_authorized'],
    ['SASLError', 'account-disabled', 'banned', 'xmpp_login_account_disabled'],
    ['SASLError', 'temporary-auth-failure', 'network', 'xmpp_login_temporary_auth_failure'],
    ['StreamError', 'conflict', 'replaced', 'xmpp_stream_conflict'],
    ['StreamError', 'policy-violation', 'restricted', 'xmpp_stream_policy_violation'],
    ['StreamError', 'system-shutdown', 'network', 'xmpp_stream_system_shutdown'],
    ['StreamError', 'reset', 'restart_required', 'xmpp_stream_reset'],
    ['StreamError', 'bad-format', 'unknown', 'xmpp_stream_bad_format'],
  ])('by %s %s is %s', (name, condition, kind, code) => {
    expect(toDisconnectCause(endOfError({ name, condition }))).toEqual({ kind, code, nativeCode: condition });
  });

  it('by the system keeps the code of the system, and by anything else nothing that could be a secret', () => {
    expect(toDisconnectCause(endOfError({ code: 'ECONNREFUSED' }))).toMatchObject({ nativeCode: 'ECONNREFUSED' });
    expect(toDisconnectCause(endOfError({ name: 'StreamError', condition: 'guest@chat.example said' }))).toMatchObject({
      kind: 'network',
      code: 'xmpp_connection_lost',
    });
  });
});

describe('what the hotel says', () => {
  it('is refused where it is more than text', () => {
    const stanzas = new Stanzas({ xml });
    const place = { type: 'location', location: { latitude: 1, longitude: 2 } } as const;
    expect(() => stanzas.message({ networkId: 'o1', chat, content: place, attempt: 1 })).toThrow(
      expect.objectContaining({ code: 'unsupported_content', certainty: 'not_sent' }),
    );
  });
});
