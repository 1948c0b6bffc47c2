import type { WAMessage } from '@whiskeysockets/baileys';
import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { AddressBook } from '../chats.ts';
import fixtures from '../fixtures/inbound.json' with { type: 'json' };
import { mapInbound } from '../map-inbound.ts';

interface Case {
  readonly name: string;
  readonly key: object;
  readonly stanza?: Record<string, string>;
  readonly pushName?: string;
  readonly message?: object;
  readonly messageStubType?: number;
  readonly said?: object;
  readonly content?: object;
  readonly event?: object;
  readonly skipped?: string;
}

const cases: readonly Case[] = fixtures.cases;
const book: AddressBook = {
  me: fixtures.book.me,
  aliases: new Map(Object.entries(fixtures.book.aliases)),
  titles: new Map(Object.entries(fixtures.book.titles)),
};

/** Through the wire format and back, so that the mapper sees what a real stanza decodes to. */
const overTheWire = (message: object): proto.IMessage =>
  proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());

function received(entry: Pick<Case, 'key' | 'message' | 'pushName' | 'messageStubType'>): WAMessage {
  return {
    key: entry.key,
    messageTimestamp: 1_700_000_000,
    ...(entry.pushName === undefined ? {} : { pushName: entry.pushName }),
    ...(entry.message === undefined ? {} : { message: overTheWire(entry.message) }),
    ...(entry.messageStubType === undefined ? {} : { messageStubType: proto.WebMessageInfo.StubType.CIPHERTEXT }),
  };
}

describe('an inbound stanza', () => {
  it.each(cases)('is read: $name', (entry) => {
    const mapped = mapInbound(received(entry), entry.stanza ?? {}, book);
    if (entry.skipped !== undefined) expect(mapped).toEqual({ type: 'skipped', reason: entry.skipped });
    if (entry.event !== undefined) expect(mapped).toEqual({ type: 'event', event: entry.event });
    if (entry.said !== undefined) {
      expect(mapped).toEqual({ type: 'event', event: { type: 'message', message: entry.said } });
    }
    if (entry.content !== undefined) {
      expect(mapped).toMatchObject({ event: { message: { content: entry.content, raw: expect.any(String) } } });
    }
  });

  it.each(fixtures.media)('names where the file lies: $name', ({ message, body, source }) => {
    const key = { remoteJid: '200000000000002@lid', fromMe: false, id: 'M1' };
    const mapped = mapInbound(received({ key, message }), {}, book);
    expect(mapped).toMatchObject({ type: 'media', source, message: { networkId: 'M1' } });
    expect(mapped).toHaveProperty('rawIfUnavailable');
    if (body === undefined) expect(mapped).not.toHaveProperty('body');
    else expect(mapped).toMatchObject({ body });
  });

  it.each([
    ['of an album, by the message that announced it', 1, 'ALBUM-1'],
    ['of an event, which is no album', 3, undefined],
  ])('tells where a picture belongs: %s', (_name, associationType, albumId) => {
    const messageAssociation = { associationType, parentMessageKey: { id: 'ALBUM-1' } };
    const message = { imageMessage: { mimetype: 'image/png' }, messageContextInfo: { messageAssociation } };
    const key = { remoteJid: '200000000000002@lid', fromMe: false, id: 'M1' };
    for (const sent of [message, { associatedChildMessage: { message } }]) {
      const mapped = mapInbound(received({ key, message: sent }), {}, book);
      expect(mapped.type === 'media' && mapped.message.albumId).toBe(albumId);
    }
  });

  it('gives events that survive a process border', () => {
    for (const entry of cases) {
      const mapped = mapInbound(received(entry), entry.stanza ?? {}, book);
      expect(structuredClone(mapped)).toEqual(mapped);
    }
  });

  it('never takes the account for the guest when only its own address came along', () => {
    const key = { remoteJid: '200000000000002@lid', remoteJidAlt: '4930111111@s.whatsapp.net', fromMe: true, id: 'S1' };
    const mapped = mapInbound(received({ key, message: { conversation: 'x' } }), {}, book);
    expect(mapped).toMatchObject({ event: { message: { chat: { addresses: ['lid:200000000000002'] } } } });
  });

  it('is refused without an id or an address', () => {
    const message = { conversation: 'x' };
    expect(mapInbound(received({ key: { remoteJid: '1@bot', id: 'x' }, message }), {}, book)).toMatchObject({
      reason: 'no_address',
    });
  });
});
