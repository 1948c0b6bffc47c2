import { describe, expect, it } from 'vitest';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { MessageBook } from '../message-book.ts';
import { PeerBook } from '../peer-book.ts';
import type { Peer } from '../peers.ts';
import { PollBook } from '../poll-book.ts';
import type { TlObject } from '../tl.ts';

const anna: Peer = { type: 'user', id: 100n };
const user = (facts: Record<string, string | bigint | boolean> = {}): TlObject => ({
  _: 'user',
  id: 100n,
  accessHash: 7n,
  firstName: 'Anna',
  ...facts,
});
const party: Peer = { type: 'channel', id: 900n };
const supergroup = { _: 'channel', id: 900n, accessHash: 8n, megagroup: true, title: 'Party', date: 1 };

function books(vault = new MemoryVault({ clock: new VirtualClock() })) {
  return {
    vault,
    peers: new PeerBook({ vault }),
    messages: new MessageBook({ vault }),
    polls: new PollBook({ vault }),
  };
}

describe('the peer book', () => {
  it('knows after a restart how to address whom it has met', () => {
    const { vault, peers } = books();
    peers.learn(
      [user({ username: 'Anna_B', phone: '4915100000100' })],
      [supergroup, { _: 'chat', id: 70n, title: 'Family' }],
    );
    const again = books(vault).peers;
    expect(again.inputPeer(anna)).toEqual({ _: 'inputPeerUser', userId: 100n, accessHash: 7n });
    expect(again.inputPeer(party)).toEqual({ _: 'inputPeerChannel', channelId: 900n, accessHash: 8n });
    expect(again.inputPeer({ type: 'chat', id: 70n })).toEqual({ _: 'inputPeerChat', chatId: 70n });
    expect(again.inputPeer({ type: 'user', id: 5n })).toBeUndefined();
    expect([again.find('@anna_b'), again.find('+4915100000100'), again.find('id:100')]).toEqual([anna, anna, anna]);
    expect(again.person(anna)).toEqual({ addresses: ['id:100', '+4915100000100', '@anna_b'], displayName: 'Anna' });
    expect(again.chat(party)).toEqual({ kind: 'group', addresses: ['group:c900'], title: 'Party' });
  });

  it('keeps an access hash when less is told later, and takes a name that has changed', () => {
    const { peers } = books();
    peers.learn([user()], []);
    peers.learn([user({ min: true, accessHash: 1n, firstName: 'A.' })], []);
    expect(peers.inputUser(100n)).toEqual({ _: 'inputUser', userId: 100n, accessHash: 7n });
    expect(peers.person(anna).displayName).toBe('Anna');
    peers.learn([{ _: 'user', id: 100n, firstName: 'Anna', lastName: 'Ring' }], []);
    expect(peers.inputUser(100n)).toMatchObject({ accessHash: 7n });
    expect(peers.person(anna).displayName).toBe('Anna Ring');
  });

  it('addresses somebody of whom only a shadow came by a message of theirs', () => {
    const { peers } = books();
    peers.learn([user({ min: true })], [supergroup]);
    expect(peers.inputPeer(anna)).toBeUndefined();
    peers.noteSeen(anna, party, 12);
    const where = { _: 'inputPeerChannel', channelId: 900n, accessHash: 8n };
    expect(peers.inputPeer(anna)).toEqual({ _: 'inputPeerUserFromMessage', peer: where, msgId: 12, userId: 100n });
    expect(peers.inputUser(100n)).toMatchObject({ _: 'inputUserFromMessage', msgId: 12 });
    peers.learn([user()], []);
    expect(peers.inputPeer(anna)).toMatchObject({ _: 'inputPeerUser' });
  });

  it('reads the names of somebody with several', () => {
    const { peers } = books();
    const names = [
      { _: 'username', username: 'Old', active: false },
      { _: 'username', username: 'New', active: true },
    ];
    peers.learn([{ ...user(), usernames: names }], []);
    expect(peers.person(anna).addresses).toEqual(['id:100', '@new']);
  });

  it('writes nothing for whom it knows already', () => {
    const { vault, peers } = books();
    peers.learn([user()], []);
    const before = vault.dump();
    let isWritten = false;
    const { set } = vault.secrets;
    Object.assign(vault.secrets, { set: (...args: Parameters<typeof set>) => ((isWritten = true), set(...args)) });
    peers.learn([user()], []);
    expect([vault.dump(), isWritten]).toEqual([before, false]);
  });

  it('believes the vault after a transaction that was undone', () => {
    const { vault, peers } = books();
    expect(() =>
      vault.transaction(() => {
        peers.learn([user()], []);
        peers.get(anna);
        throw new Error('full');
      }),
    ).toThrow('full');
    peers.forget();
    expect(peers.get(anna)).toBeUndefined();
  });

  it('holds the latest thousand in memory and finds the others all the same', () => {
    const { peers } = books();
    const crowd = Array.from({ length: 3_000 }, (_, index) => ({ _: 'user', id: BigInt(index + 1), accessHash: 1n }));
    peers.learn(crowd, []);
    expect(peers.inputUser(1n)).toBeDefined();
    expect(peers.inputUser(3_000n)).toBeDefined();
  });
});

describe('the message book', () => {
  it('knows the chat of a message that is taken back, but not of those in supergroups', () => {
    const { vault, messages } = books();
    messages.note('id:100', 63);
    messages.note('group:70', 64);
    messages.note('group:c900', 65);
    const again = books(vault).messages;
    expect([63, 64, 65, 66].map((id) => again.chatOf(id))).toEqual(['id:100', 'group:70', undefined, undefined]);
  });

  it('forgets the oldest in time', () => {
    const { messages } = books();
    messages.note('id:100', 1);
    for (let record = 900; record < 1_000; record += 1) messages.note('id:100', 64 * record);
    expect(messages.chatOf(1)).toBe('id:100');
    for (let record = 1_000; record < 1_101; record += 1) messages.note('id:100', 64 * record);
    expect(messages.chatOf(1)).toBeUndefined();
    expect(messages.chatOf(64 * 900)).toBe('id:100');
  });

  it('tells each message of the account as read once, in any chat, after a restart as well', () => {
    const { vault, messages } = books();
    for (const id of [5, 6, 9, 6]) messages.noteSent('group:c900', id);
    messages.noteSent('id:100', 7);
    const again = books(vault).messages;
    expect(again.takeRead('group:c900', 6)).toEqual([5, 6]);
    expect(again.takeRead('group:c900', 6)).toEqual([]);
    expect(again.takeRead('group:c900', 99)).toEqual([9]);
    expect(again.takeRead('id:100', 99)).toEqual([7]);
  });

  it('keeps the latest two hundred of a chat that nobody reads', () => {
    const { messages } = books();
    for (let id = 1; id <= 250; id += 1) messages.noteSent('id:100', id);
    expect(messages.takeRead('id:100', 999)).toEqual(Array.from({ length: 200 }, (_, index) => index + 51));
  });
});

describe('the poll book', () => {
  it('keeps the latest two hundred polls', () => {
    const { polls } = books();
    const asked = { chat: 'id:100', messageId: 1, options: ['MA=='] };
    for (let id = 1; id <= 201; id += 1) polls.note(BigInt(id), asked, id);
    expect(polls.get(1n)).toBeUndefined();
    expect(polls.get(2n)).toMatchObject(asked);
    expect(polls.get(201n)).toMatchObject(asked);
  });
});
