import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, withDeadline } from '../../../src/core/clock.ts';
import { connector } from '../connector.ts';
import type { Phone } from '../simulator/people/phone.ts';
import type { TestSession } from './session-support.ts';
import { muteConsole, Town } from './session-support.ts';

/** An idle machine needs 15 ms, and 300 ms in the middle of fifty messages; this is for one with twenty suites on it. */
const PROMPT_MS = 15_000;

const town = new Town();
let phone: Phone;
let hotel: TestSession;
let device: string;

beforeAll(async () => {
  muteConsole();
  await town.start();
  ({ phone, hotel } = await town.linked());
  device = phone.companions()[0] ?? '';
  await send('first'); // begins the Signal session with the phone where the phone has not
});
afterAll(() => town.stop());
beforeEach(() => muteConsole());
afterEach(() => {
  town.network.faults.clear();
  phone.goOnline();
});

const violations = () => town.network.violations.all();
const back = (token: string) => hotel.event('canary', (event) => event.token === token);
const isBack = (token: string): boolean =>
  hotel.events.some((event) => event.type === 'canary' && event.token === token);

/** Sends one and waits for it; the time it took. */
async function send(token: string): Promise<number> {
  const startedAt = systemClock.monotonic();
  const round = hotel.session.sendCanary(token).then(() => back(token));
  await withDeadline(systemClock, 2 * PROMPT_MS, round, () => new Error(`never came back: ${token}`));
  return systemClock.monotonic() - startedAt;
}

describe('a canary', () => {
  it('is answered by the phone, and comes back promptly', async () => {
    expect(connector.manifest.canaryAnsweredBy).toBe('phone');
    const before = systemClock.now();
    expect(await send('quick')).toBeLessThan(PROMPT_MS);
    expect((await back('quick')).at).toBeGreaterThanOrEqual(before);
    expect(violations()).toEqual([]);
  });

  it('comes back promptly while fifty messages stream in', async () => {
    const guests = [town.guest(phone), town.guest(phone), town.guest(phone)];
    const said = Promise.all(
      Array.from({ length: 50 }, async (_, n) => (guests[n % guests.length] ?? guests[0])?.say(`Number ${n}`)),
    );
    expect(await send('busy')).toBeLessThan(PROMPT_MS);
    for (const id of await said) await hotel.message(id ?? '');
    expect(violations()).toEqual([]);
  });

  it('leaves no row in the vault, no message to ask for and nothing for people to see', async () => {
    const seen = phone.inbox.messages().length;
    const rows = () => hotel.vault.dump().split('\n').length;
    await send('before');
    await everythingSaid();
    const before = rows();
    for (const token of ['one', 'two', 'three']) await send(token);
    await everythingSaid();
    expect(rows()).toBe(before);
    expect(hotel.vault.dump()).not.toContain('missing-message');
    expect(phone.inbox.messages()).toHaveLength(seen);
    expect(violations()).toEqual([]);
  });

  it('stays away while the server withholds what it has for us, though it answers every question', async () => {
    const guest = town.guest(phone);
    town.network.faults.withhold(device);
    const { pushes } = hotel.session.vitals();
    const said = await guest.say('Is anybody there?');
    await hotel.session.sendCanary('withheld');
    await everythingSaid();
    expect(isBack('withheld')).toBe(false);
    expect(hotel.countOf(said)).toBe(0);
    expect(await hotel.session.probe()).toBeLessThan(PROMPT_MS);
    expect(hotel.session.vitals().pushes).toBe(pushes);
    expect(hotel.session.vitals().silentForMs).toBeLessThan(PROMPT_MS);

    town.network.faults.speak(device);
    await Promise.all([back('withheld'), hotel.message(said)]);
    expect(hotel.session.vitals().pushes).toBeGreaterThan(pushes);
    expect(violations()).toEqual([]);
  });

  it('and what was withheld come with a new login', async () => {
    const guest = town.guest(phone);
    town.network.faults.withhold(device);
    const said = await guest.say('Hello? Hello?');
    await hotel.session.sendCanary('relogin');
    await hotel.session.disconnect();
    await hotel.session.connect();
    await Promise.all([back('relogin'), hotel.message(said)]);
    expect(hotel.countOf(said)).toBe(1);
    expect(violations()).toEqual([]);
  });

  it('waits for a phone that is switched off, while guests are heard', async () => {
    const guest = town.guest(phone);
    phone.goOffline();
    await hotel.session.sendCanary('off');
    await hotel.message(await guest.say('The phone is in a drawer'));
    await everythingSaid();
    expect(isBack('off')).toBe(false);
    phone.goOnline();
    await back('off');
    expect(violations()).toEqual([]);
  });

  it('cannot be sent without a connection', async () => {
    const idle = town.session();
    await expect(idle.session.sendCanary('nowhere')).rejects.toMatchObject({ code: 'session_down' });
    expect(idle.session.vitals()).toEqual({ silentForMs: null, oldestPendingMs: 0, pushes: 0 });
  });

  it('that the server does not take rejects with its word', async () => {
    town.network.faults.onNextMessage(device, { error: 479 });
    await expect(hotel.session.sendCanary('refused')).rejects.toMatchObject({ nativeCode: '479' });
  });
});

/** Until the server has heard all that we and the phone had to say, and we have heard its answers. */
async function everythingSaid(): Promise<void> {
  await hotel.session.probe();
  await phone.handset.settle();
  await hotel.session.probe();
}
