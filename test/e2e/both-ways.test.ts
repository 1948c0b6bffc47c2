import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/engine/model/conversation.ts';
import type { EventEnvelope, EventType } from '../../src/engine/model/event.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';

const KATRIN = '+491713920010';

/** What can be said in a chat besides a text, through the built product, as the API and the guest's phone show it. */
describe('a chat, both ways', { timeout: 60_000 }, () => {
  const house = new LinkedDaemon();
  const files = createServer((_request, response) => response.end('Anreise ab 15 Uhr'));

  beforeAll(async () => {
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    await house.start('webhooks: { allowTargets: ["127.0.0.0/8"] }\n');
    await house.link('front-desk');
    await house.sandbox.say('katrin', 'Guten Tag');
    await house.until(async () => ((await house.received()).includes('Guten Tag') ? true : undefined));
  }, 60_000);

  afterAll(async () => {
    files.closeAllConnections();
    files.close();
    await house.end();
  });

  const event = (type: EventType, isWanted: (message: Message) => boolean): Promise<EventEnvelope> =>
    house.api.waitForEvent(
      ({ type: told, data }) => told === type && data.message !== undefined && isWanted(data.message),
    );

  const send = async (content: object): Promise<Message> => {
    const { status, body } = await house.api.post<Message>('/v1/messages', {
      channel: 'whatsapp',
      to: KATRIN,
      ...content,
    });
    expect(status).toBe(202);
    await event('message.delivered', ({ id }) => id === body.id);
    return body;
  };

  const shown = (content: object): Promise<true> =>
    house.until(async () => {
      const contents = (await house.sandbox.seen('katrin')).map((thing) => thing.content);
      return contents.some((one) => one !== undefined && matches(one, content)) ? true : undefined;
    });

  it('the hotel edits, reacts and deletes, and the guest sees it', async () => {
    const first = await send({ body: 'Frühstück ab 6' });
    const second = await send({ body: 'falscher Chat' });
    const edited = await house.api.call<Message>('PATCH', `/v1/messages/${first.id}`, { body: 'Frühstück ab 7' });
    expect(edited).toMatchObject({ status: 200, body: { body: 'Frühstück ab 7', editedAt: expect.any(String) } });
    await shown({ kind: 'edit', targetId: first.channelMessageId, text: 'Frühstück ab 7' });
    await house.api.post(`/v1/messages/${first.id}/reactions`, { emoji: '👍' });
    await shown({ kind: 'reaction', targetId: first.channelMessageId, emoji: '👍' });
    const deleted = await house.api.call<Message>('DELETE', `/v1/messages/${second.id}`);
    expect(deleted.body.deletedAt).toEqual(expect.any(String));
    await shown({ kind: 'delete', targetId: second.channelMessageId });
  });

  it('the guest edits, reacts and deletes, and the hotel is told', async () => {
    const id = await house.sandbox.say('katrin', 'Zimmer 12');
    await house.sandbox.call('POST', '/guests/katrin/edit', { id, text: 'Zimmer 21' });
    await event('message.edited', (message) => message.channelMessageId === id && message.body === 'Zimmer 21');
    await house.sandbox.call('POST', '/guests/katrin/react', { id, emoji: '🎉' });
    const reacted = await event('message.reaction', (message) => message.channelMessageId === id);
    expect(reacted.data.message?.reactions).toMatchObject([{ emoji: '🎉', by: KATRIN }]);
    await house.sandbox.call('POST', '/guests/katrin/delete', { id });
    await event('message.deleted', (message) => message.channelMessageId === id);
  });

  it('staff write on the phone itself, and guests send what no hotel system maps', async () => {
    await house.sandbox.call('POST', '/phone/say', { to: 'katrin', text: 'vom Handy' });
    const own = await event('message.sent', (message) => message.body === 'vom Handy');
    expect(own.data.message).toMatchObject({ direction: 'outbound', to: KATRIN, status: 'sent' });
    await house.sandbox.call('POST', '/guests/katrin/unknown', {});
    await event('message.received', (message) => message.type === 'unsupported' && message.direction === 'inbound');
  });

  it('a group is one conversation that the hotel can answer', async () => {
    const group = { subject: 'Familie Berger', members: ['jonas'] };
    const { id: to } = await house.sandbox.call<{ id: string }>('POST', '/guests/katrin/group', group);
    await house.sandbox.call('POST', '/guests/jonas/say', { to, text: 'Wann ist Check-out?' });
    const { data } = await event('message.received', (message) => message.body === 'Wann ist Check-out?');
    expect(data.conversation).toMatchObject({ kind: 'group', address: expect.stringMatching(/^group:/) });
    await house.until(async () => {
      const { body } = await house.api.get<Page<Conversation>>('/v1/conversations?q=Familie');
      return body.data[0]?.id === data.conversation?.id ? true : undefined;
    });
    await send({ channel: undefined, to: undefined, conversationId: data.conversation?.id, body: 'Um elf' });
    await shown({ kind: 'text', text: 'Um elf' });
  });

  it('a file named by URL reaches the guest', async () => {
    const { port } = files.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/anreise.txt`;
    const sent = await send({ attachments: [{ url, caption: 'Ihre Anreise' }] });
    expect(sent.attachments).toMatchObject([{ kind: 'file', filename: 'anreise.txt', status: 'stored' }]);
    await shown({ kind: 'file', caption: 'Ihre Anreise' });
    expect(await house.sandbox.violations()).toEqual([]);
  });
});

function matches(actual: object, wanted: object): boolean {
  return Object.entries(wanted).every(([name, value]) => Reflect.get(actual, name) === value);
}
