import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { engineNames } from '../mtproto/client.ts';
import { pullLever } from '../simulator/control/levers.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import { text } from './send-support.ts';
import { Bench, isEnd, isMessage } from './session-support.ts';

describe.each(engineNames)('an account that Telegram has frozen, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const benches: Bench[] = [];

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  afterEach(async () => {
    await Promise.all(benches.splice(0).map((bench) => bench.stop()));
    network.clearFaults();
  });

  const linked = async (): Promise<Bench> => {
    const desk = new Bench(network, network.createAccount(), [engine]);
    benches.push(desk);
    await desk.link();
    return desk;
  };
  const frozen = { kind: 'banned', code: 'telegram_frozen_method_invalid' };

  it('is told at once, without that a message had to be refused', async () => {
    const desk = await linked();
    await desk.session.connect();
    pullLever(network, desk.account, 'freeze', {});
    expect((await desk.event(isEnd)).cause).toMatchObject(frozen);
  });

  it('does not connect', async () => {
    const desk = await linked();
    desk.account.standing = 'frozen';
    await expect(desk.session.connect()).rejects.toMatchObject({ reason: frozen });
    desk.account.standing = 'active';
    await desk.session.connect();
  });

  it('is told by a refused message too, which surely did not go out and waits', async () => {
    const desk = await linked();
    await desk.session.connect();
    const guest = network.createGuest(desk.account);
    guest.say('hello');
    const { message } = await desk.event(isMessage);
    desk.account.standing = 'frozen'; // and nobody says so
    const sent = desk.send(text('Welcome'), message.chat.addresses[0]);
    await expect(sent).rejects.toMatchObject({ code: 'session_down', certainty: 'not_sent', retryable: true });
    expect((await desk.event(isEnd)).cause).toMatchObject(frozen);
  });

  it('is none while Telegram does not answer the question', async () => {
    const desk = await linked();
    network.levers.refuse({ method: 'help.getAppConfig' }, { code: 500, text: 'INTERNAL' }, { times: 10 });
    await desk.session.connect();
    expect(desk.events.filter(isEnd)).toEqual([]);
  });
});
