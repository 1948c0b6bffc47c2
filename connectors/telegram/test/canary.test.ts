import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import { Bench, hastyClock, isMessage } from './session-support.ts';

type Canary = Extract<ConnectorEvent, { type: 'canary' }>;

/** An idle machine needs some 10 ms; this is for one with twenty suites on it, and still far below any interval of the session. */
const SOON_MS = 15_000;

const isCanary = (event: ConnectorEvent): event is Canary => event.type === 'canary';

describe.each(engineNames)('the canary of an account, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  let bench: Bench;
  let guest: Guest;
  let serial = 0;

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  beforeEach(async () => {
    const account = network.createAccount();
    bench = new Bench(network, account, [engine], hastyClock);
    guest = network.createGuest(account);
    await bench.link();
    await bench.session.connect();
  });
  afterEach(async () => {
    await bench.stop();
    network.clearFaults();
    expect(network.violations).toEqual([]);
  });

  /** Sends one, and resolves with its event and the time that it took. */
  const ask = async (): Promise<{ canary: Canary; tookMs: number }> => {
    serial += 1;
    const token = `canary${serial}`;
    const begun = systemClock.monotonic();
    await bench.session.sendCanary?.(token);
    const canary = await bench.event((event): event is Canary => isCanary(event) && event.token === token);
    return { canary, tookMs: systemClock.monotonic() - begun };
  };
  const bodies = (): readonly string[] =>
    bench.events
      .filter(isMessage)
      .flatMap(({ message: { content } }) => (content.type === 'text' ? [content.body] : []));
  const vitals = () => bench.session.vitals?.();

  it('is back at once on a quiet line, and says that nothing is missing', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { canary, tookMs } = await ask();
      expect(tookMs).toBeLessThan(SOON_MS);
      expect(canary).toEqual({ type: 'canary', token: canary.token, at: expect.any(Number) });
    }
    expect(vitals()?.pushes).toBe(0);
  });

  it('is back soon in a stream of messages, behind those that were said before', async () => {
    const before = Array.from({ length: 25 }, (_, index) => `before ${index}`);
    const after = Array.from({ length: 25 }, (_, index) => `after ${index}`);
    for (const text of before) guest.say(text);
    const asking = ask();
    for (const text of after) guest.say(text);
    const { canary, tookMs } = await asking;
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(canary.missed).toBeUndefined();
    const place = bench.events.indexOf(canary);
    const heard = bench.events.slice(0, place).filter(isMessage).length;
    expect(heard).toBeGreaterThanOrEqual(before.length);
    await expect.poll(() => bodies()).toEqual([...before, ...after]);
  });

  it('brings what the network kept to itself, and says how much it was', async () => {
    guest.say('heard');
    await bench.event(isMessage);
    network.faults.filterPushes(() => []);
    for (const text of ['one', 'two', 'three']) guest.say(text);
    const { canary } = await ask();
    expect(canary.missed).toBe(3);
    expect(bench.events.indexOf(canary)).toBe(bench.events.length - 1);
    expect(bodies()).toEqual(['heard', 'one', 'two', 'three']);
    expect((await ask()).canary.missed).toBeUndefined(); // they are here now
  });

  it('finds it also where the network says that there is nothing new', async () => {
    network.levers.freezeState(bench.account);
    network.faults.filterPushes(() => []);
    guest.say('unheard');
    const { canary } = await ask();
    expect(canary.missed).toBe(1);
    expect(bodies()).toEqual(['unheard']);
  });

  it('has supergroups looked after as well, and calls nothing missing that is not', async () => {
    const party = guest.createSupergroup('Party', [network.createGuest(bench.account)]);
    guest.say('heard', party);
    await expect.poll(bodies).toEqual(['heard']);
    network.faults.filterPushes(() => []);
    guest.say('unheard', party);
    expect((await ask()).canary.missed).toBeUndefined();
    expect((await ask()).canary.missed).toBeUndefined(); // on a quiet line a difference is asked for too, and names the group
    await expect.poll(bodies).toEqual(['heard', 'unheard']);
  });

  it('calls nothing missing that was only under way', async () => {
    network.faults.holdPushes();
    guest.say('late');
    await bench.session.sendCanary?.('early'); // the network has told by now how far it is
    network.faults.releasePushes();
    expect((await bench.event(isCanary)).missed).toBeUndefined();
    expect(bench.events.map(({ type }) => type)).toEqual(['message', 'canary']);
  });
});
