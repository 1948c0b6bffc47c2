import type { BinaryNode, proto } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import { again, GUEST, House, ME, Peer, receive } from './durable-support.ts';

const OWN_PHONE = '4930111111@s.whatsapp.net';

let baileys: Baileys;
let house: House;
let line: ReturnType<House['open']>;
let phone: Peer;

beforeEach(async () => {
  baileys = await loadBaileys();
  house = new House(baileys);
  line = house.open();
  phone = new Peer(baileys, OWN_PHONE);
  await phone.meet(ME, line.creds);
});

const tell = (protocolMessage: proto.Message.IProtocolMessage, from = phone): Promise<BinaryNode> =>
  from.sayMessage({ protocolMessage }, { category: 'peer' });

describe('what the own phone tells beside messages', () => {
  it('keys of the app state are kept in the next life, though Baileys was killed before it took them', async () => {
    const { APP_STATE_SYNC_KEY_SHARE: type } = baileys.proto.Message.ProtocolMessage.Type;
    const keyId = Buffer.from('k1');
    const keyData = { keyData: Buffer.from('secret'), timestamp: 5 };
    await receive(line, await tell({ type, appStateSyncKeyShare: { keys: [{ keyId: { keyId }, keyData }] } }));
    await house.nextLife().replay(new AbortController().signal);
    const { auth } = house.prepare().config;
    expect(auth.creds.myAppStateKeyId).toBe(keyId.toString('base64'));
    const stored = await auth.keys.get('app-state-sync-key', [keyId.toString('base64')]);
    expect(Buffer.from(stored[keyId.toString('base64')]?.keyData ?? []).toString()).toBe('secret');
    expect(house.handed).toEqual([]);
  });

  it('the copy of an unreadable message is handed over under the envelope in which it was missed', async () => {
    const guest = new Peer(baileys, GUEST);
    await guest.meet(ME, line.creds);
    const lost = await guest.say('was garbled');
    const spoilt = again(lost);
    for (const { content } of Array.isArray(spoilt.content) ? spoilt.content : []) {
      if (content instanceof Uint8Array) content.fill(0, content.length - 8);
    }
    await expect(receive(line, spoilt)).rejects.toThrow();
    const copy = baileys.proto.WebMessageInfo.encode({
      key: { remoteJid: GUEST, id: lost.attrs['id'] ?? '', fromMe: false },
      message: { conversation: 'was garbled' },
      messageTimestamp: 1772600000,
    }).finish();
    const { PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE: type } = baileys.proto.Message.ProtocolMessage.Type;
    const peerDataOperationResult = [{ placeholderMessageResendResponse: { webMessageInfoBytes: copy } }];
    await receive(line, await tell({ type, peerDataOperationRequestResponseMessage: { peerDataOperationResult } }));
    await house.nextLife().replay(new AbortController().signal);
    await settle();
    expect(house.handed.map(({ kind, text, message }) => [kind, text, message?.pushName])).toEqual([
      ['onMessage', 'was garbled', 'Ada'],
    ]);
    expect(house.vault.secrets.entries('missing-message')).toEqual([]);
  });

  it('moved addresses wait for an open line and are learnt there', async () => {
    const { LID_MIGRATION_MAPPING_SYNC: type } = baileys.proto.Message.ProtocolMessage.Type;
    const encodedMappingPayload = baileys.proto.LIDMigrationMappingSyncPayload.encode({
      pnToLidMappings: [{ pn: 4915222222, assignedLid: 800222222 }],
    }).finish();
    await receive(line, await tell({ type, lidMigrationMappingSyncMessage: { encodedMappingPayload } }));
    house.nextLife();
    line = house.open();
    await house.inbox.replay(new AbortController().signal);
    expect(house.vault.spool.depth()).toBe(1);
    line.sock.ev.emit('connection.update', { connection: 'open' });
    await settle();
    expect(await line.repository.lidMapping.getLIDForPN(GUEST)).toBe('800222222@lid');
    expect(house.vault.spool.depth()).toBe(0);
  });

  it('of a history left by an earlier life the address mappings are learnt', async () => {
    const { HISTORY_SYNC_NOTIFICATION: type } = baileys.proto.Message.ProtocolMessage.Type;
    const history = baileys.proto.HistorySync.encode({
      syncType: baileys.proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
      phoneNumberToLidMappings: [{ pnJid: GUEST, lidJid: '800222222@lid' }],
    }).finish();
    const { deflateSync } = await import('node:zlib');
    const historySyncNotification = {
      syncType: baileys.proto.Message.HistorySyncType.INITIAL_BOOTSTRAP,
      initialHistBootstrapInlinePayload: deflateSync(history),
    };
    await receive(line, await tell({ type, historySyncNotification }));
    await house.clock.advance(1_000);
    house.nextLife();
    line = house.open();
    house.inbox.start();
    line.sock.ev.emit('connection.update', { connection: 'open' });
    while (house.vault.spool.depth() > 0) await settle(); // unpacking takes a thread of its own
    expect(await line.repository.lidMapping.getLIDForPN(GUEST)).toBe('800222222@lid');
    expect(house.vault.spool.depth()).toBe(0);
  });

  it('is ignored when a stranger says it', async () => {
    const stranger = new Peer(baileys, GUEST);
    await stranger.meet(ME, line.creds);
    const { APP_STATE_SYNC_KEY_SHARE: type } = baileys.proto.Message.ProtocolMessage.Type;
    const keys = [{ keyId: { keyId: Buffer.from('evil') }, keyData: { keyData: Buffer.from('x') } }];
    house.inbox.start();
    await receive(line, await tell({ type, appStateSyncKeyShare: { keys } }, stranger));
    await settle();
    expect(house.vault.spool.depth()).toBe(0);
    expect(house.vault.secrets.entries('key:app-state-sync-key')).toEqual([]);
  });
});
