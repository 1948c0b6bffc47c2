import { describe, expect, it } from 'vitest';
import type { ConnectorEvent, InboundMessage } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import type { LogFields, Logger } from '../../../src/core/logger.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import type { LiveEvent } from '../../../src/engine/model/event.ts';
import { parseEvent } from '../../../src/engine/parse-event.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { EngineFixture, GUEST } from '../../support/engine-fixture.ts';

const chat = { kind: 'direct', addresses: [GUEST] } as const;

describe('what guests say', () => {
  it('is durable before the connector may acknowledge it, and stored once', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    await line.emit({ type: 'message', message: fixture.inbound() });
    expect((await fixture.eventTypes()).filter((type) => type === 'message.received')).toHaveLength(1);
    expect(fixture.telemetry.count('inbound:text:stored')).toBe(1);
    expect(fixture.telemetry.count('inbound:text:duplicate')).toBe(1);
  });

  it('is refused while the disk is full, and stored when it is offered again', async () => {
    let isFull = true;
    const wrapStore = (store: Store): Store =>
      new Proxy(store, {
        get(target, name, receiver) {
          if (name === 'recordInbound' && isFull) return () => Promise.reject(new BellhopError('store_full'));
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
    const fixture = await EngineFixture.open({ wrapStore });
    const line = await fixture.online();
    const event: ConnectorEvent = { type: 'message', message: fixture.inbound() };
    await expect(line.emit(event)).rejects.toMatchObject({ code: 'store_full' });
    expect(fixture.telemetry.count('inbound:message:failed')).toBe(1);
    isFull = false;
    await line.emit(event);
    expect(await fixture.eventTypes()).toContain('message.received');
  });

  it('settles our own send when its echo comes', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(() => new Promise(() => undefined));
    const { id, channelMessageId } = await fixture.accept();
    await fixture.untilStatus(id, 'sending');
    const echo: InboundMessage = {
      ...fixture.inbound(),
      networkId: channelMessageId ?? '',
      direction: 'outbound',
      sender: { addresses: ['+15550000001'] },
    };
    await line.emit({ type: 'message', message: echo });
    expect((await fixture.message(id)).status).toBe('sent');
  });

  it('keeps what staff sent from the phone as a message of the hotel', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const message: InboundMessage = { ...fixture.inbound(), direction: 'outbound', networkId: 'PHONE-1' };
    await line.emit({ type: 'message', message });
    const { data } = await fixture.store.listEvents({ property: null, types: ['message.*'], limit: 10 });
    expect(data[0]?.data.message).toMatchObject({ direction: 'outbound', body: 'Is breakfast included?' });
  });
});

describe('what networks report', () => {
  it('moves a message by receipts, reactions, edits and deletions', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { id, channelMessageId } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    const networkId = channelMessageId ?? '';
    const at = fixture.clock.now();
    await line.emit({ type: 'receipt', receipt: { chat, networkIds: [networkId], status: 'read', at } });
    expect((await fixture.message(id)).status).toBe('read');
    expect(fixture.telemetry.count('receipt:read')).toBe(1);
    await line.emit({ type: 'receipt', receipt: { chat, networkIds: [networkId], status: 'delivered', at } });
    expect(fixture.telemetry.count('receipt:delivered')).toBe(0);
    const target = { networkId };
    await line.emit({
      type: 'reaction',
      chat,
      target,
      by: { addresses: [GUEST] },
      fromAccount: false,
      emoji: '👍',
      at,
    });
    expect((await fixture.message(id)).reactions).toMatchObject([{ emoji: '👍', by: GUEST }]);
    await line.emit({ type: 'edited', chat, target, body: 'Your room 12 is ready.', at });
    expect((await fixture.message(id)).body).toBe('Your room 12 is ready.');
    await line.emit({ type: 'deleted', chat, target, at });
    expect((await fixture.message(id)).deletedAt).not.toBeNull();
  });

  it('fails a message that the network refuses afterwards', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { id, channelMessageId } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    const at = fixture.clock.now();
    await line.emit({
      type: 'send_failed',
      chat,
      networkId: channelMessageId ?? '',
      code: 'send_rejected',
      nativeCode: '463',
      at,
    });
    expect(await fixture.message(id)).toMatchObject({
      status: 'failed',
      error: { code: 'send_rejected', nativeCode: '463' },
    });
  });

  it('follows reading on the phone, chats and identities', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    const page = await fixture.store.listConversations({ property: null }, { limit: 1 });
    const id = page.data[0]?.id ?? '';
    expect(page.data[0]?.unreadCount).toBe(1);
    await line.emit({ type: 'chat_read', chat, upTo: { networkId: 'IN-1', sender: GUEST }, at: fixture.clock.now() });
    expect((await fixture.store.getConversation(id, null))?.unreadCount).toBe(0);
    await line.emit({ type: 'identity', person: { addresses: [GUEST, 'lid:123'] } });
    const guest = await fixture.store.getGuest(page.data[0]?.guests[0]?.id ?? '', null);
    expect(guest?.identities.map((identity) => identity.address)).toContain('lid:123');
  });
});

describe('typing and presence', () => {
  it('goes to who listens now, for guests that are known', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const heard: LiveEvent[] = [];
    const leave = fixture.engine.api.live.subscribe((event) => heard.push(event));
    await line.emit({ type: 'typing', chat, by: GUEST, on: true });
    expect(heard).toEqual([]);
    await line.emit({ type: 'message', message: fixture.inbound() });
    await line.emit({ type: 'typing', chat, by: GUEST, on: true });
    await line.emit({ type: 'presence', by: GUEST, online: false, lastSeenAt: fixture.clock.now() });
    expect(heard).toMatchObject([
      { type: 'presence.typing', property: 'main', data: { session: 'front-desk', by: GUEST, on: true } },
      { type: 'presence.updated', data: { online: false, lastSeenAt: '2026-03-04T15:00:00.050Z' } },
    ]);
    expect(heard[0]?.data['conversationId']).toMatch(/^cnv_/);
    leave();
    await line.emit({ type: 'typing', chat, by: GUEST, on: false });
    expect(heard).toHaveLength(2);
  });

  it('a listener that throws harms nobody', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    let heard = 0;
    fixture.engine.api.live.subscribe(() => {
      throw new Error('listener');
    });
    fixture.engine.api.live.subscribe(() => {
      heard += 1;
    });
    await line.emit({ type: 'typing', chat, by: GUEST, on: true });
    expect(heard).toBe(1);
  });
});

describe('poison', () => {
  const secret = '+4915112345678 is in room 12';
  const lines: { text: string; fields: LogFields | undefined }[] = [];
  const log: Logger = {
    ...silentLogger,
    error: (text, fields) => void lines.push({ text, fields }),
    child: () => log,
  };

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'message'],
    ['an unknown kind', { type: 'telegram_dance' }],
    ['a message without an id', { type: 'message', message: { body: secret } }],
    ['a receipt of no message', { type: 'receipt', receipt: { chat, networkIds: [], status: 'read', at: 1 } }],
    ['a time that is none', { type: 'deleted', chat, target: { networkId: 'x' }, at: Number.NaN }],
    ['a chat without an address', { type: 'typing', chat: { kind: 'direct', addresses: [] }, by: GUEST, on: true }],
    ['a path that leads far', { type: 'identity', person: { addresses: [{ deep: [secret] }] } }],
  ])('%s is refused, counted, and logged without its content', async (_name, event) => {
    lines.length = 0;
    const fixture = await EngineFixture.open({ log });
    const line = await fixture.online();
    await expect(line.emitRaw(event)).rejects.toMatchObject({ code: 'internal_error' });
    expect(fixture.telemetry.count('inbound:malformed:failed')).toBe(1);
    expect(lines).toHaveLength(1);
    const error = lines[0]?.fields?.['error'];
    expect(`${JSON.stringify(lines)} ${String(error)}`).not.toContain(secret);
    await line.emit({ type: 'message', message: fixture.inbound() });
    expect(await fixture.eventTypes()).toContain('message.received');
  });

  it('every event of the contract passes unchanged', () => {
    const media = { sha256: 'a'.repeat(64), sizeBytes: 1, mimeType: 'image/jpeg' };
    const base = { networkId: '1', chat, sender: { addresses: [GUEST] }, direction: 'inbound', sentAt: 1 } as const;
    const messages: InboundMessage[] = [
      { ...base, content: { type: 'text', body: 'x' }, replyTo: { networkId: '0', sender: GUEST }, raw: '{}' },
      {
        ...base,
        content: {
          type: 'media',
          body: 'x',
          attachments: [
            { kind: 'image', status: 'stored', media, width: 1, height: 1, filename: 'a.jpg' },
            { kind: 'voice', status: 'unavailable', mimeType: 'audio/ogg', reason: 'gone', durationMs: 1_500 },
          ],
        },
      },
      { ...base, content: { type: 'location', location: { latitude: 1, longitude: 2, name: 'x' } } },
      { ...base, content: { type: 'contacts', contacts: [{ name: 'x', phones: [] }] } },
      { ...base, content: { type: 'poll', poll: { question: '', options: [], multiple: true } } },
      { ...base, content: { type: 'unsupported', nativeKind: 'x' } },
    ];
    const events: ConnectorEvent[] = [
      ...messages.map((message) => ({ type: 'message', message }) as const),
      { type: 'receipt', receipt: { chat, networkIds: ['1', '2'], status: 'sent', by: GUEST, at: 1 } },
      { type: 'chat_updated', chat: { kind: 'group', addresses: ['group:1'], title: 'x' } },
      { type: 'presence', by: GUEST, online: true },
      {
        type: 'disconnected',
        cause: { kind: 'unknown', code: 'x', nativeCode: '1', retryAfterMs: 1, detail: 'x', native: { a: [1, null] } },
      },
    ];
    for (const event of events) expect(parseEvent(structuredClone(event))).toEqual(event);
  });

  it('a field that is spelled out as absent is absent', () => {
    const typing = { type: 'typing', chat: { ...chat, addresses: [GUEST], title: undefined }, by: GUEST, on: true };
    expect(parseEvent(typing)).toEqual({ type: 'typing', chat, by: GUEST, on: true });
  });

  it('the end of a connection is not missed because of its cause', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emitRaw({ type: 'disconnected', cause: { kind: 'gremlins', code: 7 } });
    await fixture.untilState('backing_off');
    expect((await fixture.session()).reason).toMatchObject({ kind: 'unknown', code: 'unknown' });
    await fixture.untilState('connected');
  });

  it('makes whole numbers of fractions, which the store could not hold', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: { ...fixture.inbound(), sentAt: fixture.clock.now() + 0.4 } });
    expect(await fixture.eventTypes()).toContain('message.received');
  });
});
