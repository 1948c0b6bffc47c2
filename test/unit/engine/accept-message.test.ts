import { describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import type { MessageRequest } from '../../../src/engine/engine-api.ts';
import type { Message } from '../../../src/engine/model/message.ts';
import type { IdempotencyClaim, Store } from '../../../src/engine/ports/index.ts';
import { admin, BASIS, EngineFixture, GUEST, testManifest } from '../../support/engine-fixture.ts';
import { limitless } from '../../support/limitless.ts';

const HOUR_MS = 3_600_000;
const claim = (key: string, fingerprint = 'one'): IdempotencyClaim => ({ scope: admin.keyId, key, fingerprint });

async function ready(): Promise<EngineFixture> {
  const fixture = await EngineFixture.open();
  await fixture.addLinked('front-desk', 'stopped');
  return fixture;
}

async function media(fixture: EngineFixture, mimeType: string, sizeBytes = 10): Promise<string> {
  const sha256 = 'a'.repeat(64);
  const saved = await fixture.store.saveMedia({
    property: 'main',
    media: { sha256, sizeBytes, mimeType },
    filename: 'house.bin',
  });
  return saved.id;
}

const refused = async (fixture: EngineFixture, request: MessageRequest): Promise<unknown> =>
  fixture.engine.api.messages.accept(admin, request).catch((error: unknown) => error);

describe('what is accepted', () => {
  it('answers 202 with the whole message, its network id chosen already', async () => {
    const fixture = await ready();
    const request = { channel: 'fake', to: GUEST, body: 'Hello', basis: BASIS, metadata: { folio: 12 } };
    const answer = await fixture.engine.api.messages.accept(admin, request);
    expect(answer.status).toBe(202);
    const message = JSON.parse(answer.body) as Message;
    expect(message).toMatchObject({
      direction: 'outbound',
      status: 'queued',
      type: 'text',
      body: 'Hello',
      to: GUEST,
      session: 'front-desk',
      urgency: 'normal',
      purpose: 'service',
      metadata: { folio: 12 },
      estimatedSendAt: null,
    });
    expect(message.channelMessageId).toMatch(/^[0-9a-f]{18}$/);
    expect(await fixture.message(message.id)).toEqual(message);
  });

  it('takes as a reply what goes to somebody who wrote within a day, and as service what comes later', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    await fixture.clock.advance(24 * HOUR_MS - 60_000);
    const send = async (): Promise<Message> => {
      const answer = await fixture.engine.api.messages.accept(admin, { channel: 'fake', to: GUEST, body: 'Yes' });
      return JSON.parse(answer.body) as Message;
    };
    expect((await send()).purpose).toBe('reply');
    await fixture.clock.advance(120_000);
    expect((await send()).purpose).toBe('service');
  });

  it('finds the guest by conversation and by guest id too', async () => {
    const fixture = await ready();
    const first = await fixture.accept();
    const byConversation = await fixture.accept({ conversationId: first.conversationId });
    expect(byConversation.conversationId).toBe(first.conversationId);
    const answer = await fixture.engine.api.messages.accept(admin, {
      guestId: first.guestId ?? '',
      body: 'Hi',
      basis: BASIS,
    });
    expect(JSON.parse(answer.body)).toMatchObject({ conversationId: first.conversationId, to: GUEST });
  });

  it('sends a picture with the body as its caption', async () => {
    const fixture = await ready();
    const mediaId = await media(fixture, 'image/jpeg');
    const message = await fixture.accept({ body: 'The pool', attachments: [{ mediaId }] });
    expect(message).toMatchObject({ type: 'image', body: 'The pool', attachments: [{ kind: 'image', mediaId }] });
  });

  it('guesses when a message will go out', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    await fixture.online();
    const inMs = (message: Message): number => Date.parse(message.estimatedSendAt ?? '') - fixture.clock.now();
    expect(inMs(await fixture.accept({ body: 'x'.repeat(40) }))).toBe(10_000);
    expect(inMs(await fixture.accept({ body: 'x'.repeat(40), purpose: 'safety' }))).toBe(16_000);
    await fixture.clock.advance(1_000);
    const sendAt = fixture.clock.now() + HOUR_MS;
    const later = await fixture.accept({ to: '+15551230003', sendAt });
    expect(Date.parse(later.estimatedSendAt ?? '')).toBeGreaterThan(sendAt);
  });
});

describe('what is refused, and why', () => {
  it.each<[string, MessageRequest, string, string | undefined]>([
    ['no target', { body: 'x' }, 'invalid_request', 'to'],
    ['two targets', { channel: 'fake', to: GUEST, conversationId: 'cnv_1', body: 'x' }, 'invalid_request', undefined],
    ['an address without a channel', { to: GUEST, body: 'x' }, 'invalid_request', 'channel'],
    ['an unknown channel', { channel: 'pigeon', to: GUEST, body: 'x' }, 'unknown_channel', 'channel'],
    ['what is no address', { channel: 'fake', to: '0171', body: 'x' }, 'invalid_address', 'to'],
    ['an unknown conversation', { conversationId: 'cnv_nope', body: 'x' }, 'not_found', 'conversationId'],
    ['an unknown guest', { guestId: 'gst_nope', body: 'x' }, 'not_found', 'guestId'],
    ['nothing to say', { channel: 'fake', to: GUEST, body: ' ', basis: BASIS }, 'empty_message', 'body'],
    [
      'a text beyond the limit',
      { channel: 'fake', to: GUEST, body: 'x'.repeat(1_001), basis: BASIS },
      'body_too_long',
      'body',
    ],
    [
      'an attachment that does not exist',
      { channel: 'fake', to: GUEST, attachments: [{ mediaId: 'med_nope' }], basis: BASIS },
      'media_not_found',
      'attachments[0].mediaId',
    ],
    [
      'several attachments',
      { channel: 'fake', to: GUEST, attachments: [{ mediaId: 'a' }, { mediaId: 'b' }], basis: BASIS },
      'unsupported_content',
      'attachments[1]',
    ],
    [
      'two kinds of content',
      {
        channel: 'fake',
        to: GUEST,
        attachments: [{ mediaId: 'a' }],
        location: { latitude: 1, longitude: 2 },
        basis: BASIS,
      },
      'invalid_request',
      undefined,
    ],
    [
      'a poll where the channel has none',
      { channel: 'fake', to: GUEST, poll: { question: '?', options: ['a', 'b'], multiple: false }, basis: BASIS },
      'unsupported_content',
      'poll',
    ],
    [
      'a text beside a location',
      { channel: 'fake', to: GUEST, body: 'here', location: { latitude: 1, longitude: 2 }, basis: BASIS },
      'invalid_request',
      'body',
    ],
    [
      'a reply to nothing',
      { channel: 'fake', to: GUEST, body: 'x', replyTo: 'msg_nope', basis: BASIS },
      'reply_target_not_found',
      'replyTo',
    ],
    ['an unknown session', { channel: 'fake', to: GUEST, body: 'x', session: 'spa' }, 'no_session', 'session'],
    [
      'too many facts',
      { channel: 'fake', to: GUEST, body: 'x', metadata: { a: 'x'.repeat(4_096) } },
      'invalid_request',
      'metadata',
    ],
    ['what has expired', { channel: 'fake', to: GUEST, body: 'x', expiresAt: 1 }, 'message_expired', 'expiresAt'],
    [
      'what expires before it is due',
      { channel: 'fake', to: GUEST, body: 'x', sendAt: 4_000_000_000_000, expiresAt: 3_000_000_000_000 },
      'invalid_request',
      'sendAt',
    ],
    ['a stranger without a basis', { channel: 'fake', to: GUEST, body: 'x' }, 'no_basis', 'basis'],
    [
      'a stranger with half a basis',
      { channel: 'fake', to: GUEST, body: 'x', basis: { reservation: 'R-1' } },
      'no_basis',
      'basis',
    ],
    [
      'a stranger with an empty basis',
      { channel: 'fake', to: GUEST, body: 'x', basis: { reservation: 'R-1', consent: ' ' } },
      'no_basis',
      'basis',
    ],
  ])('%s', async (_name, request, code, pointer) => {
    const fixture = await ready();
    const error = await refused(fixture, request);
    expect(error).toBeInstanceOf(BellhopError);
    expect(error).toMatchObject({ code, ...(pointer === undefined ? {} : { pointer }) });
    expect((error as BellhopError).status).toBeLessThan(500);
    expect((await fixture.eventTypes()).filter((type) => type.startsWith('message.'))).toEqual([]);
  });

  it.each([
    ['image/jpeg', false, 2_000, 'media_too_large'],
    ['application/pdf', false, 10, 'unsupported_content'],
    ['image/jpeg', true, 10, 'unsupported_content'],
  ])('a file of %s, voice %s, %i bytes: %s', async (mimeType, voice, sizeBytes, code) => {
    const fixture = await ready();
    const mediaId = await media(fixture, mimeType, sizeBytes);
    const request = { channel: 'fake', to: GUEST, attachments: [{ mediaId, voice }], basis: BASIS };
    expect(await refused(fixture, request)).toMatchObject({ code });
  });

  it('a caption that is longer than the channel allows', async () => {
    const fixture = await ready();
    const mediaId = await media(fixture, 'image/png');
    const request = { channel: 'fake', to: GUEST, body: 'x'.repeat(101), attachments: [{ mediaId }], basis: BASIS };
    expect(await refused(fixture, request)).toMatchObject({ code: 'body_too_long', pointer: 'body' });
  });

  it("a file of another property's", async () => {
    const fixture = await ready();
    const mediaId = await media(fixture, 'image/png');
    await fixture.store.createSession({ id: 'sister', property: 'other', channel: 'fake', settings: {} });
    const account = { address: '+15550000002' };
    await fixture.store.recordSessionChange({ sessionId: 'sister', state: 'stopped', reason: null, at: 0, account });
    const request = { channel: 'fake', to: GUEST, attachments: [{ mediaId }], basis: BASIS };
    const stranger = { ...admin, property: 'other' };
    await expect(fixture.engine.api.messages.accept(stranger, request)).rejects.toMatchObject({
      code: 'media_not_found',
    });
  });
});

describe('which session speaks', () => {
  async function two(): Promise<EngineFixture> {
    const fixture = await ready();
    await fixture.addLinked('concierge', 'stopped');
    return fixture;
  }

  it('asks when several could', async () => {
    const fixture = await two();
    const error = await refused(fixture, { channel: 'fake', to: GUEST, body: 'x', basis: BASIS });
    expect(error).toMatchObject({ code: 'ambiguous_session', pointer: 'session' });
    expect((error as BellhopError).detail).toContain('concierge');
  });

  it('takes the one that is named, and later the one that spoke last', async () => {
    const fixture = await two();
    expect((await fixture.accept({ session: 'concierge' })).session).toBe('concierge');
    expect((await fixture.accept()).session).toBe('concierge');
  });

  it('tries nobody from the next number who has not answered the first', async () => {
    const fixture = await two();
    const account = { address: '+15550000002' };
    const at = fixture.clock.now();
    await fixture.store.recordSessionChange({ sessionId: 'concierge', state: 'connected', reason: null, at, account });
    await fixture.accept({ session: 'concierge' });
    const request = { channel: 'fake', to: GUEST, session: 'front-desk', body: 'x', basis: BASIS };
    expect(await refused(fixture, request)).toMatchObject({ code: 'number_rotation', pointer: 'session' });
    const record = { property: 'main', sessionId: 'concierge', channel: 'fake', receivedAt: fixture.clock.now() };
    await fixture.store.recordInbound({ ...record, message: fixture.inbound() });
    expect((await fixture.accept({ session: 'front-desk' })).session).toBe('front-desk');
  });

  it('never moves a conversation to another account', async () => {
    const fixture = await two();
    const { conversationId } = await fixture.accept({ session: 'concierge' });
    expect((await fixture.accept({ conversationId })).session).toBe('concierge');
    const request = { conversationId, session: 'front-desk', body: 'x', basis: BASIS };
    expect(await refused(fixture, request)).toMatchObject({ code: 'invalid_request', pointer: 'session' });
  });

  it('does not take another account for a conversation whose own was removed', async () => {
    const fixture = await two();
    const { conversationId } = await fixture.accept({ session: 'concierge' });
    await fixture.engine.start();
    await fixture.engine.api.sessions.remove(admin, 'concierge');
    expect(await refused(fixture, { conversationId, body: 'x', basis: BASIS })).toMatchObject({ code: 'no_session' });
  });

  it('has none while no account is linked', async () => {
    const fixture = await EngineFixture.open();
    await fixture.store.createSession({ id: 'front-desk', property: 'main', channel: 'fake', settings: {} });
    const request = { channel: 'fake', to: GUEST, body: 'x', basis: BASIS };
    expect(await refused(fixture, request)).toMatchObject({ code: 'no_session' });
    expect(await refused(fixture, { ...request, session: 'front-desk' })).toMatchObject({ code: 'session_not_linked' });
  });

  it('keeps messages for an account that was logged out, but not for one that is banned', async () => {
    const fixture = await EngineFixture.open();
    await fixture.addLinked('front-desk', 'logged_out');
    expect((await fixture.accept()).status).toBe('queued');
    const banned = await EngineFixture.open();
    await banned.addLinked('front-desk', 'banned');
    expect(await refused(banned, { channel: 'fake', to: GUEST, body: 'x', basis: BASIS })).toMatchObject({
      code: 'no_session',
    });
  });
});

describe('the same request twice', () => {
  it('gets the same answer and makes one message', async () => {
    const fixture = await ready();
    const request = { channel: 'fake', to: GUEST, body: 'x', basis: BASIS, expiresAt: fixture.clock.now() + 1_000 };
    const first = await fixture.engine.api.messages.accept(admin, request, claim('k'));
    expect(await fixture.engine.api.messages.accept(admin, request, claim('k'))).toEqual(first);
    // Refused by now if it were new: the first answer stands all the same.
    await fixture.clock.advance(5_000);
    expect(await fixture.engine.api.messages.accept(admin, request, claim('k'))).toEqual(first);
    expect((await fixture.eventTypes()).filter((type) => type === 'message.queued')).toHaveLength(1);
  });

  it('is refused with another body, and a refused request leaves its key free', async () => {
    const fixture = await ready();
    const request = { channel: 'fake', to: GUEST, body: 'x', basis: BASIS };
    await expect(
      fixture.engine.api.messages.accept(admin, { ...request, body: '' }, claim('k', 'empty')),
    ).rejects.toMatchObject({ code: 'empty_message' });
    await fixture.engine.api.messages.accept(admin, request, claim('k', 'full'));
    await expect(fixture.engine.api.messages.accept(admin, request, claim('k', 'other'))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});

describe('a batch', () => {
  it('answers each item in order, with a problem where one is wrong', async () => {
    const fixture = await ready();
    const good = { channel: 'fake', to: GUEST, body: 'one', basis: BASIS };
    const answer = await fixture.engine.api.messages.acceptBatch(admin, [
      good,
      { ...good, to: 'nobody' },
      new BellhopError('invalid_request', { pointer: 'messages[2].body' }),
      { ...good, body: 'two' },
    ]);
    expect(answer.status).toBe(202);
    const { results } = JSON.parse(answer.body) as { results: unknown[] };
    expect(results).toMatchObject([
      { body: 'one', status: 'queued' },
      { code: 'invalid_address', status: 422, type: 'urn:bellhop:error:invalid_address' },
      { code: 'invalid_request', pointer: 'messages[2].body' },
      { body: 'two', status: 'queued' },
    ]);
  });

  it('is refused as a whole while the store does not answer', async () => {
    const wrapStore = (store: Store): Store =>
      new Proxy(store, {
        get: (target, name, receiver) =>
          name === 'findRoute'
            ? () => Promise.reject(new BellhopError('store_unavailable'))
            : (Reflect.get(target, name, receiver) as unknown),
      });
    const fixture = await EngineFixture.open({ wrapStore });
    const items = [{ channel: 'fake', to: GUEST, body: 'x', basis: BASIS }];
    await expect(fixture.engine.api.messages.acceptBatch(admin, items)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('holds at most fifty', async () => {
    const fixture = await ready();
    const items = Array.from({ length: 51 }, () => ({ channel: 'fake', to: GUEST, body: 'x', basis: BASIS }));
    await expect(fixture.engine.api.messages.acceptBatch(admin, items)).rejects.toMatchObject({
      code: 'batch_too_large',
    });
    const answer = await fixture.engine.api.messages.acceptBatch(admin, items.slice(1));
    expect((JSON.parse(answer.body) as { results: unknown[] }).results).toHaveLength(50);
  });

  it('gives the same answer to a repeated batch, also when nothing in it was valid', async () => {
    const fixture = await ready();
    const items = [{ channel: 'fake', to: 'nobody', body: 'x' }];
    const first = await fixture.engine.api.messages.acceptBatch(admin, items, claim('b'));
    expect(await fixture.engine.api.messages.acceptBatch(admin, items, claim('b'))).toEqual(first);
  });
});

describe('a guest on several channels', () => {
  it('needs the channel to be named', async () => {
    const fixture = await EngineFixture.open({ manifests: [testManifest('fake'), testManifest('pager')] });
    await fixture.addLinked('front-desk', 'stopped');
    await fixture.addLinked('pagers', 'stopped', 'pager');
    const one = await fixture.accept();
    const two = await fixture.accept({ channel: 'pager', to: '+15551239999' });
    await fixture.store.mergeGuests(one.guestId ?? '', two.guestId ?? '', null, fixture.clock.now());
    const guestId = one.guestId ?? '';
    expect(await refused(fixture, { guestId, body: 'x', basis: BASIS })).toMatchObject({
      code: 'invalid_request',
      pointer: 'channel',
    });
    const answer = await fixture.engine.api.messages.accept(admin, {
      guestId,
      channel: 'pager',
      body: 'x',
      basis: BASIS,
    });
    expect(JSON.parse(answer.body)).toMatchObject({ session: 'pagers', to: '+15551239999' });
  });
});
