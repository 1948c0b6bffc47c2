import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import type { ClientOptions, MtprotoClient, RpcFailure } from '../mtproto/client.ts';
import { engineNames } from '../mtproto/client.ts';
import { loadEngine } from '../mtproto/engines.ts';
import { SANDBOX_API, TelegramNetwork } from '../simulator/network.ts';
import { makePuzzle } from '../simulator/wire/small-primes.ts';
import type { AccountRecord } from '../simulator/world/state.ts';
import type { TlObject, TlValue } from '../tl.ts';

const announcement = {
  deviceModel: 'Desk',
  systemVersion: 'Linux',
  appVersion: '1',
  langCode: 'en',
  systemLangCode: 'en',
};
const options = { timeoutMs: 10_000 };
const application = { ...SANDBOX_API };

describe.each(engineNames)('the whole network, seen by %s', (name) => {
  let network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const clients: MtprotoClient[] = [];
  const pushed: TlObject[] = [];
  let wake = (): void => undefined;

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    pushed.length = 0;
    network.clearFaults();
    expect(network.violations).toEqual([]);
    expect(network.server.internalErrors).toEqual([]);
  });

  const open = async (more: Partial<ClientOptions> = {}): Promise<MtprotoClient> => {
    const { endpoint, serverKeys } = network.config;
    const engine = await loadEngine(name);
    const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
    const client = engine.createClient({ ...application, announcement, endpoint, serverKeys, ...ports, ...more });
    client.onUpdates((updates) => {
      pushed.push(updates);
      wake();
    });
    clients.push(client);
    await client.open();
    return client;
  };

  const call = async (client: MtprotoClient, method: string, fields: Record<string, TlValue> = {}): Promise<TlObject> =>
    (await client.invoke({ _: method, ...fields }, options)) as TlObject;

  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => (error as RpcFailure).text,
    );

  /** Resolves with the first push that `matches`. */
  const push = async (matches: (updates: TlObject) => boolean): Promise<TlObject> => {
    for (;;) {
      const found = pushed.find((updates) => matches(updates));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const signIn = async (account: AccountRecord): Promise<MtprotoClient> => {
    const client = await open({ dcId: account.dcId });
    const phoneNumber = `+${account.phone}`;
    const sent = await call(client, 'auth.sendCode', { phoneNumber, ...application, settings: { _: 'codeSettings' } });
    const facts = { phoneNumber, phoneCodeHash: sent['phoneCodeHash'] ?? '', phoneCode: network.codeOf(account) ?? '' };
    await call(client, 'auth.signIn', facts);
    return client;
  };

  const inputPeer = (account: AccountRecord, other: AccountRecord): TlObject => ({
    _: 'inputPeerUser',
    userId: other.id,
    accessHash: network.world.parts.peers.accessHash(account.id, `u${other.id}`),
  });

  it('logs in by code and password, and comes back by the key, also to a network that was saved', async () => {
    const account = network.createAccount({ password: 'kit secret', dcId: 1 });
    const client = await open();
    const phoneNumber = `+${account.phone}`;
    const sent = await call(client, 'auth.sendCode', { phoneNumber, ...application, settings: { _: 'codeSettings' } });
    const facts = { phoneNumber, phoneCodeHash: sent['phoneCodeHash'] ?? '' };
    const type = (phoneCode: string): Promise<string> => refusal(call(client, 'auth.signIn', { ...facts, phoneCode }));
    expect(await type('x')).toBe('PHONE_CODE_INVALID');
    expect(await type(network.codeOf(account) ?? '')).toBe('SESSION_PASSWORD_NEEDED');
    const prove = async (typed: string): Promise<string> => {
      const password = await client.provePassword(await call(client, 'account.getPassword'), typed);
      return refusal(call(client, 'auth.checkPassword', { password }));
    };
    expect(await prove('guessed')).toBe('PASSWORD_HASH_INVALID');
    expect(await prove('kit secret')).toBe('none');
    const key = client.key();
    await client.close();
    const state = network.exportState();
    await network.stop();
    network = new TelegramNetwork({ clock: systemClock, random: systemRandom, state });
    await network.start();
    const later = await open({ key });
    const [self] = (await later.invoke({ _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] }, options)) as TlObject[];
    expect(self).toMatchObject({ _: 'user', id: account.id, self: true, phone: account.phone });
  });

  it('logs in by a scanned token, on the data centre of the account', async () => {
    const account = network.createAccount({ dcId: 2 });
    const client = await open();
    const exported = await call(client, 'auth.exportLoginToken', { ...application, exceptIds: [] });
    const token = Buffer.from(exported['token'] as Uint8Array).toString('base64url');
    network.scan(account, `tg://login?token=${token}`);
    expect(await push(({ update }) => (update as TlObject | undefined)?._ === 'updateLoginToken')).toBeDefined();
    const moved = await call(client, 'auth.exportLoginToken', { ...application, exceptIds: [] });
    expect(moved).toMatchObject({ _: 'auth.loginTokenMigrateTo', dcId: 2 });
    const there = await open({ dcId: 2 });
    const done = await call(there, 'auth.importLoginToken', { token: moved['token'] ?? '' });
    expect(done).toMatchObject({ _: 'auth.loginTokenSuccess', authorization: { user: { id: account.id } } });
  });

  it('carries words, formatting, edits, reactions and marks both ways', async () => {
    const account = network.createAccount();
    const client = await signIn(account);
    const anna = network.createGuest(account);
    const id = anna.say('pool 🏊?');
    const came = await push(({ _: kind }) => kind === 'updates');
    expect(came).toMatchObject({
      updates: [{ _: 'updateNewMessage', ptsCount: 1, message: { id, message: 'pool 🏊?' } }],
      users: [{ id: anna.account.id }],
    });
    const peer = inputPeer(account, anna.account);
    const sent = await call(client, 'messages.sendMessage', {
      peer,
      message: 'until eight',
      randomId: -5n,
      replyTo: { _: 'inputReplyToMessage', replyToMsgId: id },
      entities: [{ _: 'messageEntityBold', offset: 6, length: 5 }],
    });
    expect(sent).toMatchObject({ _: 'updateShortSentMessage', out: true, id: id + 1 });
    expect(anna.seen()).toMatchObject([{ id: id + 1, replyTo: id, entities: [{ _: 'messageEntityBold', offset: 6 }] }]);
    anna.react(id + 1, '👍');
    await push(({ updates }) => (updates as TlObject[] | undefined)?.[0]?._ === 'updateMessageReactions');
    anna.read();
    await push(({ updates }) => (updates as TlObject[] | undefined)?.[0]?._ === 'updateReadHistoryOutbox');
    anna.startTyping();
    const typing = await push(({ update }) => (update as TlObject | undefined)?._ === 'updateUserTyping');
    expect(typing['update']).toMatchObject({ userId: anna.account.id, action: { _: 'sendMessageTypingAction' } });
    await call(client, 'messages.editMessage', { peer, id: id + 1, message: 'until nine' });
    expect(anna.seen().at(-1)).toMatchObject({ type: 'edited', text: 'until nine' });
    const state = await call(client, 'updates.getState');
    const difference = { pts: 1, date: Number(state['date']), qts: 0 };
    expect(await call(client, 'updates.getDifference', difference)).toMatchObject({
      _: 'updates.difference',
      newMessages: [{ id }, { id: id + 1, message: 'until nine', reactions: { results: [{ count: 1 }] } }],
      state: { pts: state['pts'] ?? 0 },
    });
  });

  it('carries groups, supergroups, places, cards and polls', async () => {
    const account = network.createAccount();
    const client = await signIn(account);
    const anna = network.createGuest(account);
    const family = anna.createGroup('Family', []);
    const party = anna.createSupergroup('Party', []);
    for (const chat of [undefined, family, party]) {
      anna.sendLocation({ latitude: 52.5, longitude: 13.375, name: 'Kit' }, chat);
      anna.sendContact({ name: 'Kit Taxi', phones: ['+4930555'] }, chat);
      anna.sendPoll({ question: 'Sauna?', options: ['18', '19'] }, chat);
    }
    const kinds = ['messageMediaVenue', 'messageMediaContact', 'messageMediaPoll'];
    const difference = await call(client, 'updates.getDifference', { pts: 1, date: 1, qts: 0 });
    const messages = (difference['newMessages'] as TlObject[]).filter(({ media }) => media !== undefined);
    expect(messages.map(({ media }) => (media as TlObject)._)).toEqual([...kinds, ...kinds]);
    expect(messages[0]?.['media']).toMatchObject({ geo: { lat: 52.5, long: 13.375 }, title: 'Kit' });
    expect(messages[2]?.['media']).toMatchObject({ poll: { question: { text: 'Sauna?' } } });
    const accessHash = network.world.parts.peers.accessHash(account.id, party);
    const channel = { _: 'inputChannel', channelId: BigInt(party.slice(1)), accessHash };
    const filter = { _: 'channelMessagesFilterEmpty' };
    const inParty = await call(client, 'updates.getChannelDifference', { channel, filter, pts: 1, limit: 100 });
    expect(inParty).toMatchObject({ final: true, newMessages: [{ _: 'messageService' }, {}, {}, {}] });
    const dialogs = { offsetDate: 0, offsetId: 0, offsetPeer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n };
    expect((await call(client, 'messages.getDialogs', dialogs))['dialogs']).toHaveLength(3);
    const full = await call(client, 'messages.getFullChat', { chatId: BigInt(family.slice(1)) });
    expect(full).toMatchObject({ fullChat: { participants: { participants: [{}, {}] } }, users: [{}, {}] });
    expect(await call(client, 'channels.getFullChannel', { channel })).toMatchObject({
      fullChat: { participantsCount: 2 },
    });
  });

  it('carries files both ways, also from another data centre', async () => {
    const account = network.createAccount();
    const client = await signIn(account);
    const anna = network.createGuest(account, { dcId: 2 });
    const bytes = Uint8Array.from({ length: 5_003 }, (_, index) => (index * 7) % 256);
    anna.sendFile({ kind: 'file', bytes, mimeType: 'application/pdf', filename: 'bill.pdf' });
    const came = await push(({ _: kind }) => kind === 'updates');
    const [update] = came['updates'] as [TlObject];
    const { document } = (update['message'] as TlObject)['media'] as Record<string, TlObject>;
    if (document === undefined) throw new Error('no document');
    const { id, accessHash, fileReference } = document;
    const location = { _: 'inputDocumentFileLocation', id, accessHash, fileReference, thumbSize: '' } as TlObject;
    const read = { _: 'upload.getFile', location, offset: 0n, limit: 8_192 };
    expect(await refusal(client.invoke(read, options))).toBe('FILE_MIGRATE_2');
    const file = (await client.invoke(read, { ...options, dcId: 2 })) as TlObject;
    expect(Uint8Array.from(file['bytes'] as Uint8Array)).toEqual(bytes);
    await client.invoke({ _: 'upload.saveFilePart', fileId: 9n, filePart: 0, bytes }, options);
    const md5Checksum = createHash('md5').update(bytes).digest('hex');
    const media = {
      _: 'inputMediaUploadedDocument',
      file: { _: 'inputFile', id: 9n, parts: 1, name: 'voice.ogg', md5Checksum },
      mimeType: 'audio/ogg',
      attributes: [{ _: 'documentAttributeAudio', voice: true, duration: 3 }],
    };
    const peer = inputPeer(account, anna.account);
    await call(client, 'messages.sendMedia', { peer, media, message: '', randomId: 1n });
    const seen = anna.seen().at(-1);
    expect(seen).toMatchObject({ content: { type: 'file', kind: 'voice', filename: 'voice.ogg' } });
    if (seen?.type === 'message' && seen.content.type === 'file') expect(seen.content.bytes).toEqual(bytes);
  });
});

describe('the number that a client must factor', () => {
  it('is never one that a reader of signed numbers takes for negative', () => {
    const ends = [0, 0.000_01, 0.03, 0.5, 0.999_999];
    for (const first of ends) {
      for (const second of ends) {
        const draws = [first, second];
        const random = { next: () => draws.shift() ?? 0, bytes: (length: number) => new Uint8Array(length) };
        expect(makePuzzle(random).pq[0]).toBeLessThan(0x80);
      }
    }
  });
});
