import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../simulator/people/phone.ts';
import { neglectedDuties } from './duties-support.ts';
import type { TestSession } from './session-support.ts';
import { chatWith, muteConsole, Town } from './session-support.ts';

const town = new Town();
let phone: Phone;
let hotel: TestSession;
let device: string;

beforeAll(async () => {
  muteConsole();
  await town.start();
  ({ phone, hotel } = await town.linked());
  device = phone.companions()[0] ?? '';
});
afterAll(() => town.stop());
beforeEach(() => muteConsole());
afterEach(() => {
  hotel.beforeStore = async () => undefined;
  town.network.faults.clear();
});

const { duties, questions, traffic, violations } = town.network;
const kinds = () => duties.owed(device).map(({ kind }) => kind);
const done = async () => expect(await neglectedDuties(town.network)).toEqual([]);

describe('a session', () => {
  it('acknowledges, receipts and answers all that it is sent', async () => {
    const guest = town.guest(phone);
    const said = [await guest.say('One'), await guest.say('Two')];
    for (const id of said) await hotel.message(id);
    await hotel.send(chatWith(guest), { type: 'text', body: 'Three' });
    await guest.inbox.waitForText('Three');
    await guest.read();
    guest.createGroup('Family', [phone.lid]);
    questions.ring(phone.lid, guest.lid);
    expect(kinds()).toContain('acknowledgement');
    await done();
    for (const id of said) await guest.inbox.waitForMark(id, 'delivered');
    expect(violations.all()).toEqual([]);
  });

  it('fetches shared settings that have changed', async () => {
    questions.announceSettings(phone.lid, 'regular_low');
    expect(kinds()).toContain('app_state');
    await done();
    expect(violations.all()).toEqual([]);
  });

  it('says that it has dealt with what was out of date, the first time and the next, now and after a login', async () => {
    for (const type of ['account_sync', 'groups', 'account_sync']) {
      questions.markDirty(phone.lid, type);
      expect(kinds()).toContain('clean');
      await done();
    }
    await hotel.session.disconnect();
    questions.markDirty(phone.lid, 'account_sync');
    await hotel.session.connect();
    await done();
    expect(violations.all()).toEqual([]);
  });

  it('brings new one-time keys when the server tells that few are left', async () => {
    const before = town.network.oneTimeKeysOf(device);
    expect(before).toBeGreaterThan(5);
    for (let left = before; left >= 4; left -= 1) town.network.fetchBundle(device);
    expect(kinds()).toContain('pre_keys');
    await done();
    expect(town.network.oneTimeKeysOf(device)).toBeGreaterThan(4);
    expect(violations.all()).toEqual([]);
  });

  it('seals again what a guest could not read', async () => {
    const guest = town.guest(phone);
    await hotel.message(await guest.say('Hello'));
    await hotel.send(chatWith(guest), { type: 'text', body: 'Readable' });
    await guest.inbox.waitForText('Readable');
    guest.handset.loseSessions();
    await hotel.send(chatWith(guest), { type: 'text', body: 'Not readable at first' });
    await guest.inbox.waitForText('Not readable at first');
    await done();
    violations.clear(); // the guest's request is on record there
  });

  it('is away unless somebody types, so that the phone gets its pushes', async () => {
    const guest = town.guest(phone);
    await phone.sayFromPhone(guest.pn, 'Welcome');
    await traffic.seen({ kind: 'presence', account: device }); // it has learnt the account's name, without which it is never online
    expect(traffic.count({ kind: 'presence', account: device, type: 'available' })).toBe(0);
    await hotel.session.setTyping(chatWith(guest), true);
    await traffic.seen({ kind: 'presence', account: device, type: 'available' });
    const away = traffic.next({ kind: 'presence', account: device, type: 'unavailable' });
    await hotel.session.setPresence(false);
    await away;
  });

  it('does its duties while the host does not store what it is told', async () => {
    const guest = town.guest(phone);
    await hotel.message(await guest.say('The host is quick'));
    let store = (): void => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    hotel.beforeStore = () => stored;
    const said: string[] = [];
    for (let n = 0; n < 20; n += 1) said.push(await guest.say(`The host is slow ${n}`));
    questions.markDirty(phone.lid, 'account_sync');
    await done(); // each message is in the vault, and its receipt out
    for (const id of said) await guest.inbox.waitForMark(id, 'delivered');
    expect(await hotel.session.probe()).toBeLessThan(15_000); // some milliseconds, unless the machine is very busy
    expect(said.map((id) => hotel.countOf(id))).toEqual(said.map(() => 0));
    store();
    for (const id of said) await hotel.message(id);
    expect(said.map((id) => hotel.countOf(id))).toEqual(said.map(() => 1));
    expect(violations.all()).toEqual([]);
  });

  it('whose wish to be active was refused says it again, and then hears everything', async () => {
    const guest = town.guest(phone);
    await hotel.session.disconnect();
    town.network.faults.refuseNextActive(device);
    await hotel.session.connect();
    const said = await guest.say('Is this line passive?');
    expect(duties.isAtWork(device)).toBe(false);
    await hotel.message(said);
    expect(duties.isAtWork(device)).toBe(true);
    expect(violations.all()).toEqual([]);
  });
});
