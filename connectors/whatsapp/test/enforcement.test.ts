import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enforceSchema } from '../../box/ban-model/enforce-input.ts';
import { ControlServer } from '../simulator/control/control-server.ts';
import { chatWith, muteConsole, Town } from './session-support.ts';

const town = new Town();
const { enforcement, faults } = town.network;
const SECOND = 1_000;
const SENDS = 8;

beforeAll(async () => {
  muteConsole();
  await town.start();
});
afterAll(() => town.stop());
beforeEach(() => {
  muteConsole();
  faults.clear();
});

/** A linked hotel, and somebody who has written to it. */
async function talking() {
  const { phone, hotel } = await town.linked();
  const guest = town.guest(phone);
  const said = await guest.say('Is the pool open?');
  await hotel.message(said);
  return { phone, hotel, guest, chat: chatWith(guest) };
}

describe('a WhatsApp in a box that looks for machines', () => {
  it('bans for a while who sends faster than anybody', async () => {
    const { hotel, chat } = await talking();
    enforcement.enforce(enforceSchema.parse({ model: 'speed' }));
    const burst = Array.from({ length: SENDS }, (_, index) =>
      hotel.send(chat, { type: 'text', body: `News ${index}` }),
    );
    const outcomes = Promise.allSettled(burst);
    const { cause } = await hotel.event('disconnected');
    expect(cause).toMatchObject({ kind: 'restricted', native: { code: '106' } });
    expect(cause.retryAfterMs).toBeGreaterThan(44 * 86_400 * SECOND);
    expect((await outcomes).some(({ status }) => status === 'rejected')).toBe(true);
    expect(enforcement.state()).toMatchObject({
      model: 'speed',
      accounts: [{ last: { kind: 'temporary_ban', sign: 'speed', clause: 'a burst' } }],
    });
  });

  it('has nothing against somebody who reads and types between messages', async () => {
    const { hotel, guest, chat } = await talking();
    enforcement.enforce(enforceSchema.parse({ model: 'combined' }));
    for (let index = 0; index < SENDS; index += 1) {
      enforcement.lapse((20 + 13 * ((index * 7) % SENDS)) * SECOND);
      await hotel.session.setTyping(chat, true);
      enforcement.lapse((4 + index) * SECOND);
      await hotel.send(chat, { type: 'text', body: `Answer ${index}` });
      await hotel.message(await guest.say(`And ${index}?`));
    }
    expect(enforcement.state()).toMatchObject({ accounts: [{ penalties: {}, last: null }] });
    expect(hotel.events.filter(({ type }) => type === 'disconnected')).toEqual([]);
  });

  it('bans for a while who writes to more strangers than a young number may', async () => {
    const { hotel, phone } = await talking();
    enforcement.enforce(enforceSchema.parse({ model: 'strangers', ageDays: 0 }));
    const strangers = Array.from({ length: 21 }, () => town.guest(phone));
    const outcomes = [];
    for (const stranger of strangers) {
      enforcement.lapse(70 * SECOND);
      outcomes.push(...(await Promise.allSettled([hotel.send(chatWith(stranger), { type: 'text', body: 'Welcome' })])));
      if (outcomes.at(-1)?.status === 'rejected') break;
    }
    const { cause } = await hotel.event('disconnected');
    expect(cause).toMatchObject({ kind: 'restricted', native: { code: '101' } });
    expect(outcomes.length).toBeGreaterThan(10);
  });

  it('is ordered and shown from outside', async () => {
    const control = new ControlServer({
      network: town.network,
      actions: {
        state: () => ({}),
        seen: () => [],
        act: () => Promise.resolve({}),
        actOnPhone: () => Promise.resolve({}),
        scan: () => Promise.resolve(),
        enterCode: () => Promise.resolve(),
      },
    });
    await control.start();
    const order = (model: string) =>
      fetch(`${control.url}/faults/enforce`, {
        method: 'POST',
        body: JSON.stringify({ model, seed: 7, ageDays: 3 }),
        headers: { 'content-type': 'application/json' },
      });
    expect((await order('combined')).status).toBe(200);
    const state: unknown = await (await fetch(`${control.url}/state`)).json();
    expect(state).toMatchObject({ enforced: { model: 'combined', seed: 7, ageDays: 3, accounts: [] } });
    expect((await order('mercy')).status).toBe(422);
    await control.stop();
  });
});
