import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import { Bench, isMessage } from './session-support.ts';

const STEP_MS = 10_000;
const HOUR_MS = 3_600_000;
const MESSAGES = 40;

/** Server and client on one clock that stands still unless it is moved; sockets run by themselves. */
describe.each(engineNames)('the duties of a client, by %s', (engine) => {
  // A minute before an hour is full, and with it the time of a salt. mtcute keeps time by a clock of its own, so that a test has five minutes.
  const clock = new VirtualClock(Math.ceil(systemClock.now() / HOUR_MS) * HOUR_MS + HOUR_MS - 60_000);
  const network = new TelegramNetwork({ clock, random: systemRandom });
  let bench: Bench;
  let guest: Guest;

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  beforeEach(async () => {
    const account = network.createAccount();
    bench = new Bench(network, account, [engine], clock);
    guest = network.createGuest(account);
    await bench.link();
    await bench.session.connect();
  });
  afterEach(() => bench.stop());

  /** Lets time pass in steps, in each of which the line has time to carry what is due. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await clock.advance(STEP_MS);
      await bench.session.probe?.();
    }
  };
  const late = (): readonly string[] => network.owed.filter(({ isLate }) => isLate).map(({ kind }) => kind);

  it('are done when the hour of a salt is over: the next one is known by then', async () => {
    await pass(HOUR_MS - (clock.now() % HOUR_MS) + 120_000);
    expect(late()).toEqual([]);
    expect(network.owed.map(({ kind }) => kind)).not.toContain('change_salt');
    expect(bench.events).toEqual([]);
  });

  it('are done while the daemon takes half a minute over a message, and for minutes after', async () => {
    let store: () => void = () => undefined;
    const isStored = new Promise<void>((resolve) => {
      store = resolve;
    });
    bench.onEmit = () => isStored;
    for (let count = 0; count < MESSAGES; count += 1) guest.say(`number ${count}`);
    await expect.poll(() => bench.session.vitals?.().pushes).toBe(MESSAGES);
    await pass(30_000);
    expect(late()).toEqual([]);
    expect(network.owed.filter(({ kind }) => kind === 'acknowledge')).toEqual([]);
    bench.onEmit = () => undefined;
    store();
    await expect.poll(() => bench.events.filter(isMessage).length).toBe(MESSAGES);
    await pass(120_000);
    expect(late()).toEqual([]);
    expect(network.violations).toEqual([]);
  });

  it('are done after a cut, and where the server says that something is missing', async () => {
    await bench.session.disconnect();
    guest.say('missed');
    await bench.session.connect();
    await bench.event(isMessage);
    expect(network.owed.filter(({ kind }) => kind === 'difference')).toEqual([]);
    network.world.parts.pushes.tooLong(bench.account);
    await pass(20_000);
    expect(network.owed.filter(({ kind }) => kind === 'difference')).toEqual([]);
    expect(late()).toEqual([]);
  });

  it('are not overdone: nothing is read that nobody asked for, and nobody is online who does not type', async () => {
    guest.say('unread');
    await bench.event(isMessage);
    await pass(60_000);
    expect(guest.seen().map(({ type }) => type)).not.toContain('read');
    expect(bench.account.isOnline).toBe(false);
    await bench.session.setTyping?.({ kind: 'direct', addresses: [`id:${guest.account.id}`] }, true);
    expect(bench.account.isOnline).toBe(true);
    await pass(40_000);
    expect(bench.account.isOnline).toBe(false);
    expect(network.owed.filter(({ kind }) => kind === 'go_offline')).toEqual([]);
  });
});
