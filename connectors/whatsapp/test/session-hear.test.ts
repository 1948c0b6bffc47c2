import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../simulator/people/phone.ts';
import type { TestSession } from './session-support.ts';
import { chatWith, muteConsole, phoneAddress, Town } from './session-support.ts';

const town = new Town();
let phone: Phone;
let hotel: TestSession;

beforeAll(async () => {
  muteConsole();
  await town.start();
  ({ phone, hotel } = await town.linked());
});
afterAll(() => town.stop());
beforeEach(() => {
  muteConsole();
  town.network.violations.clear();
});

const violations = () => town.network.violations.all();

describe('what the hotel hears', () => {
  it.each(['lid', 'pn'] as const)('of a guest addressed by %s is one guest with both addresses', async (addressing) => {
    const guest = town.guest(phone, { addressing });
    const { chat, sender } = await hotel.message(await guest.say('Hello'));
    expect(chat.addresses).toEqual([phoneAddress(guest.pn), `lid:${guest.lid.replace('@lid', '')}`]);
    expect(sender.addresses).toEqual(chat.addresses);
    expect(violations()).toEqual([]);
  });

  it('of a guest who hides the number stays a hidden address, and can be answered', async () => {
    const guest = town.guest(phone, { hidesNumber: true });
    const { chat } = await hotel.message(await guest.say('Who am I?'));
    expect(chat.addresses).toEqual([`lid:${guest.lid.replace('@lid', '')}`]);
    await hotel.send(chat, { type: 'text', body: 'A guest' });
    await guest.inbox.waitForText('A guest');
    expect(violations()).toEqual([]);
  });

  it('includes replies, reactions, edits and deletions, each pointing at its message', async () => {
    const guest = town.guest(phone);
    const asked = await guest.say('Breakfast?');
    const { chat } = await hotel.message(asked);
    const sent = await hotel.send(chat, { type: 'text', body: 'From seven' });
    await guest.inbox.waitForText('From seven');
    const reply = await hotel.message(await guest.reply(sent.networkId, 'Thanks'));
    expect(reply.replyTo).toEqual({ networkId: sent.networkId });
    await guest.react(sent.networkId, '👍');
    const reaction = await hotel.event('reaction', ({ target }) => target.networkId === sent.networkId);
    expect(reaction).toMatchObject({ emoji: '👍', fromAccount: false, target: { networkId: sent.networkId } });
    await guest.edit(asked, 'Breakfast tomorrow?');
    const edited = await hotel.event('edited', ({ target }) => target.networkId === asked);
    expect(edited).toMatchObject({ body: 'Breakfast tomorrow?', target: { sender: phoneAddress(guest.pn) } });
    await guest.delete(asked);
    expect(await hotel.event('deleted', ({ target }) => target.networkId === asked)).toMatchObject({ chat });
    expect(violations()).toEqual([]);
  });

  it('includes places, cards, polls, and keeps what nobody knows with its raw content', async () => {
    const guest = town.guest(phone);
    const say = async (content: Parameters<typeof guest.send>[1]) =>
      hotel.message(await guest.send(guest.hotel, content));
    expect((await say({ kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Station' })).content).toEqual({
      type: 'location',
      location: { latitude: 52.5, longitude: 13.4, name: 'Station' },
    });
    expect((await say({ kind: 'poll', question: 'Sauna?', options: ['18', '19'] })).content).toMatchObject({
      type: 'poll',
      poll: { question: 'Sauna?', options: ['18', '19'] },
    });
    const unknown = await say({ kind: 'unknown' });
    expect(unknown.content).toEqual({ type: 'unsupported', nativeKind: 'paymentInviteMessage' });
    expect(unknown.raw).toContain('paymentInviteMessage');
    expect(violations()).toEqual([]);
  });

  it('in a group names the member and learns the title', async () => {
    const [mother, son] = [town.guest(phone), town.guest(phone)];
    const group = mother.createGroup('Family Berger', [son.lid, phone.lid]);
    const asked = await hotel.message(await mother.say('When is check-in?', group));
    expect(asked.chat).toMatchObject({ kind: 'group', addresses: [`group:${group.replace('@g.us', '')}`] });
    expect(asked.sender.addresses[0]).toBe(phoneAddress(mother.pn));
    const updated = await hotel.event('chat_updated', ({ chat }) => chat.title === 'Family Berger');
    expect(updated.chat.addresses).toEqual(asked.chat.addresses);
    expect((await hotel.message(await son.say('And the pool?', group))).chat.title).toBe('Family Berger');
    await hotel.send(asked.chat, { type: 'text', body: 'At three' });
    await Promise.all([mother.inbox.waitForText('At three'), son.inbox.waitForText('At three')]);
    expect(violations()).toEqual([]);
  });

  it('from its own phone is outbound, and reading there is told', async () => {
    const guest = town.guest(phone);
    const asked = await guest.say('Is anybody there?');
    await Promise.all([hotel.message(asked), phone.inbox.waitForText('Is anybody there?')]);
    const copy = await hotel.message(await phone.sayFromPhone(guest.pn, 'Yes, reception'));
    expect(copy).toMatchObject({ direction: 'outbound', content: { body: 'Yes, reception' } });
    expect(copy.chat.addresses).toContain(phoneAddress(guest.pn));
    expect(copy.sender.addresses).toContain(phoneAddress(phone.pn));
    await phone.readOnPhone();
    const read = await hotel.event('chat_read', ({ upTo }) => upTo.networkId === asked);
    expect(read.chat.addresses).toContain(phoneAddress(guest.pn));
    expect(violations()).toEqual([]);
  });

  it('tells how far its own messages came, and who types', async () => {
    const guest = town.guest(phone);
    await hotel.send(chatWith(guest), { type: 'text', body: 'Your taxi waits' }).then(async ({ networkId }) => {
      await guest.inbox.waitForText('Your taxi waits');
      await hotel.event('receipt', ({ receipt }) => isFor(receipt, networkId, 'delivered'));
      await guest.read();
      const { receipt } = await hotel.event('receipt', (event) => isFor(event.receipt, networkId, 'read'));
      expect(receipt.chat.addresses).toContain(phoneAddress(guest.pn));
    });
    await hotel.session.setTyping(chatWith(guest), true);
    await guest.inbox.waitFor((item) => item.type === 'chat_state' && item.state === 'composing');
    await guest.startTyping(guest.hotel);
    const typing = await hotel.event('typing', ({ chat }) => chat.addresses.includes(phoneAddress(guest.pn)));
    expect(typing).toMatchObject({ on: true });
    expect(violations()).toEqual([]);
  });

  it('while it was away arrives at the next connection, once', async () => {
    const guest = town.guest(phone);
    await hotel.session.disconnect();
    const said = await guest.say('Nobody home?');
    await hotel.session.connect();
    await hotel.message(said);
    expect(hotel.countOf(said)).toBe(1);
    expect(violations()).toEqual([]);
  });

  it('while it was away is not overtaken by what is said once it is back', async () => {
    const guest = town.guest(phone);
    await hotel.session.disconnect();
    const said: string[] = [];
    for (let n = 1; n <= 40; n += 1) said.push(await guest.say(`Waiting, ${n}`));
    const back = hotel.session.connect();
    await hotel.message(said[0] ?? '');
    for (let n = 1; n <= 5; n += 1) said.push(await guest.say(`Still there? ${n}`));
    await Promise.all([back, ...said.map((id) => hotel.message(id))]);
    const heard = hotel.events.flatMap((event) => (event.type === 'message' ? [event.message.networkId] : []));
    expect(heard.filter((id) => said.includes(id))).toEqual(said);
    expect(violations()).toEqual([]);
  });
});

const isFor = (receipt: { networkIds: readonly string[]; status: string }, id: string, status: string): boolean =>
  receipt.networkIds.includes(id) && receipt.status === status;
