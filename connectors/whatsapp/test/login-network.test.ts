import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { muteConsole, phoneAddress, Town } from './session-support.ts';

const town = new Town();
beforeAll(() => town.start());
afterAll(() => town.stop());
beforeEach(() => {
  muteConsole();
  town.network.faults.clear();
  town.network.violations.clear();
});
afterEach(() => town.closeSessions());

describe('linking on the simulated network', () => {
  it('by a code that a person types into the phone', async () => {
    const phone = town.phone();
    const hotel = town.session();
    const login = hotel.session.beginLogin({ method: 'code', phone: phoneAddress(phone.pn) });
    const step = await login.next();
    if (step.type !== 'display') throw new Error('expected a code');
    expect(step.data).toMatch(/^[1-9A-HJ-NP-TV-Z]{8}$/);
    await phone.enterCode(step.data);
    expect(await login.next()).toMatchObject({ type: 'complete', account: { address: phoneAddress(phone.pn) } });
    await hotel.session.connect();
    const guest = town.guest(phone);
    await hotel.message(await guest.say('Hello'));
    expect(town.network.violations.all()).toEqual([]);
  });

  it('leaves an empty vault when it is cancelled, and can begin anew', async () => {
    const phone = town.phone();
    const hotel = town.session();
    for (const flow of [{ method: 'qr' }, { method: 'code', phone: phoneAddress(phone.pn) }]) {
      const login = hotel.session.beginLogin(flow);
      await login.next();
      await login.cancel();
      expect(hotel.session.isLinked()).toBe(false);
      expect(hotel.vault.secrets.entries('creds')).toEqual([]);
    }
    const again = hotel.session.beginLogin({ method: 'qr' });
    const step = await again.next();
    if (step.type !== 'display') throw new Error('expected a QR code');
    await phone.scan(step.data);
    expect(await again.next()).toMatchObject({ type: 'complete' });
    expect(hotel.session.isLinked()).toBe(true);
  });

  it('says that a client version is refused', async () => {
    const hotel = town.session();
    town.network.faults.acceptVersions({ oldest: [2, 3000, 2_000_000_000] });
    const login = hotel.session.beginLogin({ method: 'qr' });
    await expect(login.next()).rejects.toMatchObject({ code: 'outdated', message: expect.stringContaining('405') });
  });

  it('links anew after the phone removed the device', async () => {
    const { phone, hotel } = await town.linked();
    phone.removeCompanion(phone.companions()[0] ?? '');
    await hotel.event('disconnected');
    await hotel.session.logout();
    const login = hotel.session.beginLogin({ method: 'qr' });
    const step = await login.next();
    if (step.type !== 'display') throw new Error('expected a QR code');
    await phone.scan(step.data);
    expect(await login.next()).toMatchObject({ type: 'complete' });
    await hotel.session.connect();
    const guest = town.guest(phone);
    const { chat } = await hotel.message(await guest.say('Still there?'));
    await hotel.send(chat, { type: 'text', body: 'Again there' });
    await guest.inbox.waitForText('Again there');
  });
});
