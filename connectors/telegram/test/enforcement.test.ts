import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { enforceSchema } from '../../box/ban-model/enforce-input.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import { text } from './send-support.ts';
import { Bench, isEnd, isMessage } from './session-support.ts';

const SECOND = 1_000;
const SENDS = 8;

describe.each(engineNames)('a Telegram in a box that looks for machines, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const { enforcement } = network;
  const benches: Bench[] = [];

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  afterEach(async () => {
    await Promise.all(benches.splice(0).map((bench) => bench.stop()));
    network.clearFaults();
  });

  const talking = async () => {
    const desk = new Bench(network, network.createAccount(), [engine]);
    benches.push(desk);
    await desk.link();
    await desk.session.connect();
    const guest = network.createGuest(desk.account);
    guest.say('hello');
    const { message } = await desk.event(isMessage);
    return { desk, guest, to: message.chat.addresses[0] };
  };

  it('has who sends faster than anybody wait', async () => {
    const { desk, to } = await talking();
    enforcement.enforce(enforceSchema.parse({ model: 'speed' }));
    const burst = Array.from({ length: SENDS }, (_, index) => desk.send(text(`News ${index}`), to));
    const refused = (await Promise.allSettled(burst)).filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: 'rate_limited', scope: 'account' } });
    expect(enforcement.state()).toMatchObject({ accounts: [{ last: { kind: 'wait', sign: 'speed' } }] });
  });

  it('bans for ever who does not stop', async () => {
    const { desk, to } = await talking();
    enforcement.enforce(enforceSchema.parse({ model: 'combined' }));
    const flood = Array.from({ length: 40 }, (_, index) => desk.send(text(`News ${index}`), to));
    const outcomes = Promise.allSettled(flood);
    expect((await desk.event(isEnd)).cause).toMatchObject({ kind: 'banned' });
    await outcomes;
    expect(desk.account.standing).toBe('banned');
  });

  it('has nothing against somebody who reads and types between messages', async () => {
    const { desk, guest, to } = await talking();
    const chat = { kind: 'direct', addresses: [to] } as const;
    enforcement.enforce(enforceSchema.parse({ model: 'combined' }));
    for (let index = 0; index < SENDS; index += 1) {
      enforcement.lapse((20 + 13 * ((index * 7) % SENDS)) * SECOND);
      await desk.session.setTyping?.(chat, true);
      enforcement.lapse((4 + index) * SECOND);
      await desk.send(text(`Answer ${index}`), to);
      guest.say(`And ${index}?`);
    }
    expect(enforcement.state()).toMatchObject({ accounts: [{ penalties: {}, last: null }] });
    expect(desk.account.standing).toBe('active');
  });

  it('closes new chats to who says the same to strangers', async () => {
    const { desk } = await talking();
    enforcement.enforce(enforceSchema.parse({ model: 'same_text' }));
    const outcomes: PromiseSettledResult<unknown>[] = [];
    for (let index = 0; index < 31 && outcomes.at(-1)?.status !== 'rejected'; index += 1) {
      const guest = network.createGuest(desk.account, { username: `stranger_${engine}_${index}` });
      enforcement.lapse(100 * SECOND);
      outcomes.push(...(await Promise.allSettled([desk.send(text('Welcome!'), `@${guest.account.username}`)])));
    }
    expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'rate_limited', scope: 'new_chats' } });
    expect(outcomes.length).toBeGreaterThan(10);
  });
});
