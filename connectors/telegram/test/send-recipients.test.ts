import { describe, expect, it } from 'vitest';
import { ChatServer } from './chat-server.ts';
import { rpc } from './scripted-client.ts';
import { Desk, messageOf, never, text } from './send-support.ts';

describe('a recipient', () => {
  const stranger = { _: 'user', id: 78n, accessHash: 5n, firstName: 'Bo' };
  const found = { _: 'contacts.resolvedPeer', peer: { _: 'peerUser', userId: 78n }, users: [stranger], chats: [] };

  it('is looked up by number once, never imported, and told to be one person with the number', async () => {
    const desk = new Desk();
    const server = new ChatServer(() => desk.clock.now());
    const client = server.client().on('contacts.resolvePhone', () => found);
    const chat = { kind: 'direct', addresses: ['+4915550009'] } as const;
    await desk.life(client).sender.send(messageOf(text('One'), { chat }), never);
    await desk.life(client).sender.send(messageOf(text('Two'), { chat, networkId: 'r2' }), never);
    expect(client.called('contacts.resolvePhone')).toEqual([{ _: 'contacts.resolvePhone', phone: '4915550009' }]);
    expect(client.called('contacts.importContacts')).toEqual([]);
    expect(desk.told).toEqual([
      { events: [{ type: 'identity', person: { addresses: ['id:78', '+4915550009'] } }], files: [] },
    ]);
  });

  it('is found by the next of the addresses when the first is nobody', async () => {
    const desk = new Desk();
    const client = new ChatServer(() => desk.clock.now()).client().on('contacts.resolvePhone', () => {
      throw rpc(400, 'PHONE_NOT_OCCUPIED', 'contacts.resolvePhone');
    });
    const chat = { kind: 'direct', addresses: ['id:77', '+4915550009', '@ada_guest'] } as const;
    await expect(desk.life(client).sender.send(messageOf(text('x'), { chat }), never)).resolves.toBeDefined();
    const nobody = { kind: 'direct', addresses: ['id:4', '+4915550009'] } as const;
    const other = messageOf(text('x'), { chat: nobody, networkId: 'r2' });
    await expect(desk.life(client).sender.send(other, never)).rejects.toMatchObject({
      code: 'recipient_unknown',
      certainty: 'not_sent',
      retryable: false,
    });
  });

  it('is no group that happens to have the name', async () => {
    const desk = new Desk();
    const answer = { ...found, peer: { _: 'peerChannel', channelId: 3n } };
    const client = new ChatServer(() => desk.clock.now()).client().on('contacts.resolveUsername', () => answer);
    await expect(desk.life(client).sender.send(messageOf(text('x')), never)).rejects.toMatchObject({
      code: 'recipient_unknown',
    });
    expect(desk.told).toEqual([]);
  });
});
