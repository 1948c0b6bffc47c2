import { describe, expect, it } from 'vitest';
import { channelKey, groupKey } from '../simulator/world/peers.ts';
import type { TlObject } from '../tl.ts';
import { Stage } from './simulator-world-support.ts';

describe('messages in the network in a box', () => {
  it('reach the client with an id and a pts of its own account', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    stage.guest(account).say('somebody else first');
    const id = anna.say('is there a pool?');
    expect(id).toBe(2);
    expect(client.updates().at(-1)).toMatchObject({
      _: 'updateNewMessage',
      pts: 3,
      ptsCount: 1,
      message: { id: 2, message: 'is there a pool?', peerId: { _: 'peerUser', userId: anna.account.id } },
    });
    anna.say('hello?');
    expect(client.pushed.at(-1)).toMatchObject({ _: 'updateShortMessage', id: 3, userId: anna.account.id, pts: 4 });
    stage.expectNoViolations();
  });

  it('of the client are answered in the short form, and reach the guest and the other devices of the account', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const phone = stage.login(account, 'bb00');
    const anna = stage.guest(account);
    const question = anna.say('pool?');
    const answer = client.call('messages.sendMessage', {
      peer: stage.inputUser(account, anna.account),
      message: 'until eight',
      randomId: 77n,
      replyTo: { _: 'inputReplyToMessage', replyToMsgId: question },
      entities: [{ _: 'messageEntityBold', offset: 0, length: 5 }],
    });
    expect(answer).toMatchObject({ _: 'updateShortSentMessage', out: true, id: 2, pts: 3, ptsCount: 1 });
    expect(anna.seen().at(-1)).toMatchObject({
      type: 'message',
      id: 2,
      replyTo: question,
      content: { type: 'text', text: 'until eight' },
      entities: [{ _: 'messageEntityBold', offset: 0, length: 5 }],
    });
    expect(phone.pushed.at(-1)).toMatchObject({ _: 'updateShortMessage', out: true, id: 2, pts: 3 });
    expect(client.pushed).toHaveLength(1);
    stage.expectNoViolations();
  });

  it('with a random id that was used are refused, and shown once', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    const call = { peer: stage.inputUser(account, anna.account), message: 'once', randomId: 5n };
    client.call('messages.sendMessage', call);
    expect(client.refusal('messages.sendMessage', call)).toBe('500 RANDOM_ID_DUPLICATE');
    expect(anna.screen.texts()).toEqual(['once']);
  });

  it('in a basic group have an id for each account, in a supergroup one for all', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const [anna, bert] = [stage.guest(account), stage.guest(account)];
    bert.say('before');
    const family = anna.createGroup('Family', [bert]);
    const inGroup = anna.say('breakfast?', family);
    const party = anna.createSupergroup('Party', [bert]);
    const inParty = anna.say('dinner?', party);
    expect([inGroup, inParty]).toEqual([3, 2]);
    const messages = client.updates().map(({ _: kind, pts }) => [kind, pts]);
    expect(messages.slice(-2)).toEqual([
      ['updateNewChannelMessage', 2],
      ['updateNewChannelMessage', 3],
    ]);
    const answer = client.call('messages.sendMessage', {
      peer: { _: 'inputPeerChat', chatId: BigInt(family.slice(1)) },
      message: 'from seven',
      randomId: 9n,
    });
    expect(answer['updates']).toMatchObject([
      { _: 'updateMessageID', randomId: 9n },
      { _: 'updateNewMessage', message: { fromId: { userId: account.id } } },
    ]);
    for (const guest of [anna, bert]) expect(guest.screen.texts().at(-1)).toBe('from seven');
    expect(bert.seen().at(-1)).toMatchObject({ chat: BigInt(family.slice(1)), by: account.id });
    stage.expectNoViolations();
  });

  it('can be changed, deleted and reacted to, both ways', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    const said = anna.say('til eigth?');
    const peer = stage.inputUser(account, anna.account);
    anna.edit(said, 'till eight?');
    expect(client.updates().at(-1)).toMatchObject({
      _: 'updateEditMessage',
      message: { id: said, message: 'till eight?' },
    });
    client.call('messages.sendReaction', { peer, msgId: said, reaction: [{ _: 'reactionEmoji', emoticon: '👍' }] });
    expect(anna.seen().at(-1)).toMatchObject({ type: 'reaction', id: said, emoji: '👍' });
    const { id } = client.call('messages.sendMessage', { peer, message: 'yess', randomId: 1n });
    client.call('messages.editMessage', { peer, id: Number(id), message: 'yes' });
    expect(anna.seen().at(-1)).toMatchObject({ type: 'edited', id, text: 'yes' });
    anna.react(Number(id), '🔥');
    expect(client.updates().at(-1)).toMatchObject({
      _: 'updateMessageReactions',
      msgId: id,
      reactions: { recentReactions: [{ peerId: { userId: anna.account.id }, reaction: { emoticon: '🔥' } }] },
    });
    expect(client.call('messages.deleteMessages', { revoke: true, id: [Number(id)] })).toMatchObject({ ptsCount: 1 });
    expect(anna.seen().at(-1)).toMatchObject({ type: 'deleted', id });
    anna.erase(said);
    expect(client.updates().at(-1)).toMatchObject({ _: 'updateDeleteMessages', messages: [said], ptsCount: 1 });
    expect(client.refusal('messages.editMessage', { peer, id: Number(id), message: 'no' })).toBe(
      '400 MESSAGE_ID_INVALID',
    );
    const own = { peer, msgId: anna.say('?'), reaction: [{ _: 'reactionEmoji', emoticon: '🏊' }] };
    expect(client.refusal('messages.sendReaction', own)).toBe('400 REACTION_INVALID');
    stage.expectNoViolations();
  });

  it('are marked as read both ways, and typing shows', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const phone = stage.login(account, 'bb00');
    const anna = stage.guest(account);
    const peer = stage.inputUser(account, anna.account);
    const [first, second] = [anna.say('one'), anna.say('two')];
    expect(client.call('messages.readHistory', { peer, maxId: second })).toMatchObject({ ptsCount: 1 });
    expect(anna.seen().at(-1)).toMatchObject({ type: 'read', id: second });
    expect(phone.updates().at(-1)).toMatchObject({
      _: 'updateReadHistoryInbox',
      maxId: second,
      stillUnreadCount: 0,
    });
    const { id } = client.call('messages.sendMessage', { peer, message: 'three', randomId: 1n });
    anna.read();
    expect(client.updates().at(-1)).toMatchObject({ _: 'updateReadHistoryOutbox', maxId: id, ptsCount: 1 });
    client.value('messages.setTyping', { peer, action: { _: 'sendMessageTypingAction' } });
    client.value('messages.setTyping', { peer, action: { _: 'sendMessageCancelAction' } });
    expect(anna.seen().slice(-2)).toMatchObject([
      { type: 'typing', on: true },
      { type: 'typing', on: false },
    ]);
    anna.startTyping();
    expect(client.pushed.at(-1)).toMatchObject({ _: 'updateShort', update: { _: 'updateUserTyping' } });
    stage.expectNoViolations();
    client.call('messages.readHistory', { peer, maxId: first });
    expect(stage.world.parts.violations.all()).toMatchObject([{ code: 'read_backwards' }]);
    const dialogs = client.call('messages.getDialogs', { offsetDate: 0, offsetId: 0, limit: 1 });
    expect(dialogs).toMatchObject({ dialogs: [{ readInboxMaxId: second, unreadCount: 0 }] });
  });

  it('in supergroups are marked as read without moving a pts', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    const party = anna.createSupergroup('Party', []);
    const id = anna.say('dinner?', party);
    const accessHash = stage.world.parts.peers.accessHash(account.id, party);
    const channel = { _: 'inputChannel', channelId: BigInt(party.slice(1)), accessHash };
    expect(client.value('channels.readHistory', { channel, maxId: id })).toBe(true);
    expect(anna.seen().at(-1)).toMatchObject({ type: 'read', id, by: account.id });
    const peer = { _: 'inputPeerChannel', channelId: BigInt(party.slice(1)), accessHash };
    client.call('messages.sendMessage', { peer, message: 'at nine', randomId: 1n });
    anna.read(party);
    expect(client.updates().at(-1)).toEqual({
      _: 'updateReadChannelOutbox',
      channelId: BigInt(party.slice(1)),
      maxId: 3,
    });
    stage.expectNoViolations();
  });

  it('carry places, cards and, in groups, polls, whose votes come back', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    const family = anna.createGroup('Family', []);
    const peer = { _: 'inputPeerChat', chatId: BigInt(family.slice(1)) };
    const geoPoint = { _: 'inputGeoPoint', lat: 52.5, long: 13.375 };
    const venue = { title: 'Kit', address: '', provider: '', venueId: '', venueType: '' };
    const card = { phoneNumber: '+49301', firstName: 'Taxi', lastName: 'Kit', vcard: '' };
    const answers = ['18', '19'].map((text) => ({
      _: 'inputPollAnswer',
      text: { _: 'textWithEntities', text, entities: [] },
    }));
    const poll = {
      _: 'poll',
      id: 0n,
      publicVoters: true,
      question: { _: 'textWithEntities', text: 'Sauna?' },
      answers,
    };
    const media: readonly TlObject[] = [
      { _: 'inputMediaVenue', geoPoint, ...venue },
      { _: 'inputMediaContact', ...card },
      { _: 'inputMediaPoll', poll },
    ];
    const ids = media.map((one, index) => {
      const sent = client.call('messages.sendMedia', { peer, media: one, message: '', randomId: BigInt(index + 1) });
      return (sent['updates'] as readonly TlObject[])[0]?.['id'];
    });
    expect(anna.seen().slice(-3)).toMatchObject([
      { content: { type: 'place', latitude: 52.5, longitude: 13.375, title: 'Kit' } },
      { content: { type: 'contact', name: 'Taxi Kit', phone: '+49301' } },
      { content: { type: 'poll', question: 'Sauna?', options: ['18', '19'] } },
    ]);
    client.pushed.length = 0;
    anna.vote(Number(ids[2]), [1], family);
    expect(client.updates()).toMatchObject([
      { _: 'updateMessagePoll', results: { totalVoters: 1, recentVoters: [{ userId: anna.account.id }] } },
    ]);
    const own = anna.sendPoll({ question: 'Late?', options: ['yes', 'no'] }, family);
    client.call('messages.sendVote', { peer, msgId: own, options: [Uint8Array.of(0)] });
    expect(anna.seen().at(-1)).toMatchObject({ type: 'vote', id: own, options: ['yes'] });
    const direct = { peer: stage.inputUser(account, anna.account), media: { _: 'inputMediaPoll', poll }, message: '' };
    expect(client.refusal('messages.sendMedia', { ...direct, randomId: 9n })).toBe('400 MEDIA_INVALID');
    stage.expectNoViolations();
  });

  it('are history that can be paged through', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    for (let index = 1; index <= 7; index += 1) anna.say(`number ${index}`);
    const peer = stage.inputUser(account, anna.account);
    const page = (fields: Record<string, number>): readonly unknown[] =>
      (client.call('messages.getHistory', { peer, offsetId: 0, limit: 3, ...fields })['messages'] as TlObject[]).map(
        ({ id }) => id,
      );
    expect(page({})).toEqual([7, 6, 5]);
    expect(page({ offsetId: 5 })).toEqual([4, 3, 2]);
    expect(page({ offsetId: 4, addOffset: -3 })).toEqual([6, 5, 4]);
    expect(page({ limit: 100, minId: 5 })).toEqual([7, 6]);
    expect(page({ limit: 100, maxId: 3 })).toEqual([2, 1]);
    expect(client.call('messages.getDialogs', { offsetDate: 0, offsetId: 0, limit: 10 })).toMatchObject({
      dialogs: [{ peer: { userId: anna.account.id }, topMessage: 7, unreadCount: 7 }],
      users: [{ id: anna.account.id, accessHash: peer['accessHash'] }],
    });
  });
});

describe('people in the network in a box', () => {
  it('are found by number and name, where they let themselves be found', () => {
    const stage = new Stage();
    const { client } = stage.desk();
    const anna = stage.world.town.createAccount({ phone: '+4915112345678', username: 'AnnaB' });
    stage.world.town.createAccount({ phone: '+4915112345679', foundByPhone: false });
    const found = client.call('contacts.resolvePhone', { phone: '4915112345678' });
    expect(found).toMatchObject({ peer: { userId: anna.id }, users: [{ id: anna.id, username: 'AnnaB' }] });
    expect((found['users'] as TlObject[])[0]).not.toHaveProperty('phone');
    expect(client.call('contacts.resolveUsername', { username: 'annab' })).toMatchObject({
      peer: { userId: anna.id },
    });
    expect(client.refusal('contacts.resolvePhone', { phone: '4915112345679' })).toBe('400 PHONE_NOT_OCCUPIED');
    expect(client.refusal('contacts.resolveUsername', { username: 'nobodyHere' })).toBe('400 USERNAME_NOT_OCCUPIED');
    stage.expectNoViolations();
  });

  it('cannot be named by a hash that is another account’s, and groups not by strangers', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const other = stage.desk({}, 'cc00');
    const anna = stage.guest(account);
    const send = (peer: TlObject): string =>
      client.refusal('messages.sendMessage', { peer, message: 'x', randomId: 1n });
    expect(send(stage.inputUser(other.account, anna.account))).toBe('400 PEER_ID_INVALID');
    const closed = stage.world.town.createGroup({ account: anna.account }, 'Closed', []);
    expect(send({ _: 'inputPeerChat', chatId: closed.id })).toBe('400 PEER_ID_INVALID');
    const channel = stage.world.town.createSupergroup({ account: anna.account }, 'Closed', []);
    const accessHash = stage.world.parts.peers.accessHash(account.id, channelKey(channel.id));
    expect(send({ _: 'inputPeerChannel', channelId: channel.id, accessHash })).toBe('400 CHANNEL_PRIVATE');
    expect(send({ _: 'inputPeerChannel', channelId: channel.id, accessHash: 1n })).toBe('400 CHANNEL_INVALID');
    expect(stage.world.parts.violations.all().map(({ code }) => code)).toEqual([
      'wrong_access_hash',
      'wrong_access_hash',
    ]);
    expect(groupKey(closed.id)).toBe(`g${closed.id}`);
  });

  it('may refuse strangers, block, and be gone', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    let random = 0n;
    const send = (guest: ReturnType<Stage['guest']>): string => {
      random += 1n;
      const peer = stage.inputUser(account, guest.account);
      return client.refusal('messages.sendMessage', { peer, message: 'hello', randomId: random });
    };
    const shy = stage.guest(account, { writableBy: 'contacts' });
    expect(send(shy)).toBe('403 USER_PRIVACY_RESTRICTED');
    shy.say('well, hello');
    expect(send(shy)).toBe('none');
    shy.block();
    expect(send(shy)).toBe('400 USER_IS_BLOCKED');
    const stranger = stage.guest(account);
    stage.world.parts.levers.spammers.add(account.id);
    expect(send(stranger)).toBe('400 PEER_FLOOD');
    stranger.say('I write first');
    expect(send(stranger)).toBe('none');
    stranger.account.standing = 'deleted';
    expect(send(stranger)).toBe('400 INPUT_USER_DEACTIVATED');
    stage.expectNoViolations();
  });
});
