import { describe, expect, it } from 'vitest';
import type { TlObject } from '../tl.ts';
import { ChatServer } from './chat-server.ts';
import { rpc } from './scripted-client.ts';
import { ADA, Desk, messageOf, never, text } from './send-support.ts';

describe('a change', () => {
  const answered = { _: 'messages.affectedMessages', pts: 5, ptsCount: 1 };
  const channel = { kind: 'group', addresses: ['group:c9'] } as const;

  async function changed(
    work: (desk: ReturnType<Desk['life']>) => Promise<void>,
  ): Promise<{ desk: Desk; calls: readonly TlObject[] }> {
    const desk = new Desk();
    const server = new ChatServer(() => desk.clock.now());
    const client = server.client();
    for (const method of [
      'messages.readHistory',
      'messages.editMessage',
      'messages.sendReaction',
      'messages.deleteMessages',
      'channels.readHistory',
      'channels.deleteMessages',
    ])
      client.on(method, () => answered);
    const life = desk.life(client);
    life.peers.learn(
      [{ _: 'user', id: 77n, accessHash: 1n, username: 'ada_guest' }],
      [{ _: 'channel', id: 9n, accessHash: 2n, title: 'Team' }],
    );
    await work(life);
    return { desk, calls: client.calls };
  }

  it('reads a chat up to the newest of the messages', async () => {
    const messages = [{ networkId: '7' }, { networkId: '9' }, { networkId: '8' }] as const;
    const { calls, desk } = await changed(({ changes }) => changes.markRead(ADA, [...messages]));
    expect(calls).toMatchObject([{ _: 'messages.readHistory', maxId: 9, peer: { userId: 77n } }]);
    expect(desk.fed).toEqual([answered]);
    const group = await changed(({ changes }) => changes.markRead(channel, [...messages]));
    expect(group.calls).toMatchObject([{ _: 'channels.readHistory', maxId: 9, channel: { channelId: 9n } }]);
  });

  it('reacts with what Telegram calls a heart, and takes it back', async () => {
    const { calls } = await changed(async ({ changes }) => {
      await changes.react(ADA, { networkId: '7' }, '❤️');
      await changes.react(ADA, { networkId: '7' }, '');
    });
    expect(calls.map((call) => call['reaction'])).toEqual([[{ _: 'reactionEmoji', emoticon: '❤' }], undefined]);
  });

  it('deletes in a supergroup by its own method', async () => {
    const { calls } = await changed(({ changes }) => changes.deleteForEveryone(channel, '12'));
    expect(calls).toMatchObject([{ _: 'channels.deleteMessages', id: [12], channel: { channelId: 9n } }]);
  });

  it('takes words that are there already for changed', async () => {
    const desk = new Desk();
    const server = new ChatServer(() => desk.clock.now());
    const client = server.client().on('messages.editMessage', () => {
      throw rpc(400, 'MESSAGE_NOT_MODIFIED', 'messages.editMessage');
    });
    const life = desk.life(client);
    life.peers.learn([{ _: 'user', id: 77n, accessHash: 1n, username: 'ada_guest' }], []);
    await expect(life.changes.edit(ADA, '7', 'Same')).resolves.toBeUndefined();
  });

  it('is refused without a byte for a message that Telegram never had, or a chat that it does not know', async () => {
    const none = { code: 'send_rejected', nativeCode: 'MESSAGE_ID_INVALID' };
    const { calls } = await changed(async ({ changes }) => {
      await expect(changes.edit(ADA, 'r999', 'x')).rejects.toMatchObject(none);
      const stranger = { kind: 'direct', addresses: ['id:4'] } as const;
      await expect(changes.edit(stranger, '7', 'x')).rejects.toMatchObject({ code: 'recipient_unknown' });
    });
    expect(calls).toEqual([]);
  });

  it('finds a message that the daemon still calls by its random id', async () => {
    const desk = new Desk();
    const server = new ChatServer(() => desk.clock.now());
    await desk.life(server.client()).sender.send(messageOf(text('Hello')), never);
    const client = server.client().on('messages.editMessage', () => answered);
    await desk.life(client).changes.edit(ADA, 'r4711', 'Hello!');
    expect(client.called('messages.editMessage')).toMatchObject([{ id: 101, message: 'Hello!' }]);
  });
});
