import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chatWith, link, muteConsole, phoneAddress, Town } from './session-support.ts';

const town = new Town();
beforeAll(() => town.start());
afterAll(() => town.stop());
beforeEach(() => {
  muteConsole();
  town.network.faults.clear();
  town.network.violations.clear();
});
afterEach(() => town.closeSessions());

const violations = () => town.network.violations.all();

describe('a WhatsApp session on the simulated network', () => {
  it('links by QR, connects, and comes back without linking', async () => {
    const phone = town.phone();
    const hotel = town.session();
    expect(hotel.session.isLinked()).toBe(false);
    await link(hotel, phone);
    expect(hotel.session.isLinked()).toBe(true);
    const connected = await hotel.session.connect();
    expect(connected.account.address).toBe(phoneAddress(phone.pn));
    expect(connected.version).toMatch(/^2\.3000\.\d+$/);
    await hotel.restart();
    expect(hotel.session.isLinked()).toBe(true);
    expect((await hotel.session.connect()).account.address).toBe(phoneAddress(phone.pn));
    expect(violations()).toEqual([]);
  });

  it('hears and answers a guest', async () => {
    const { phone, hotel } = await town.linked();
    const guest = town.guest(phone);
    const asked = await guest.say('Guten Tag');
    const message = await hotel.message(asked);
    expect(message).toMatchObject({
      direction: 'inbound',
      content: { type: 'text', body: 'Guten Tag' },
      sender: { displayName: 'Guest' },
    });
    expect(message.chat.addresses).toEqual([phoneAddress(guest.pn), `lid:${guest.lid.replace('@lid', '')}`]);
    const sent = await hotel.send(message.chat, { type: 'text', body: 'Willkommen' });
    expect(await guest.inbox.waitForText('Willkommen')).toMatchObject({ id: sent.networkId });
    expect(violations()).toEqual([]);
  });

  it('writes first to a guest who is only a number', async () => {
    const { phone, hotel } = await town.linked();
    const guest = town.guest(phone);
    const sent = await hotel.send(chatWith(guest), { type: 'text', body: 'Your room is ready' });
    expect(await guest.inbox.waitForText('Your room is ready')).toMatchObject({ id: sent.networkId });
    expect(violations()).toEqual([]);
  });
});
