import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { FreezeWatch } from '../freeze-watch.ts';
import { engineNames } from '../mtproto/client.ts';
import { pullLever } from '../simulator/control/levers.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { TlObject, TlValue } from '../tl.ts';
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

describe('the configuration of the apps', () => {
  const config = (value: readonly TlValue[]): TlObject => ({
    _: 'help.appConfig',
    hash: 1,
    config: { _: 'jsonObject', value },
  });
  const entry = (key: string, value: TlObject): TlObject => ({ _: 'jsonObjectValue', key, value });

  it.each<[string, TlValue, boolean]>([
    ['since a day', config([entry('freeze_since_date', { _: 'jsonNumber', value: 1_700_000_000 })]), true],
    ['since nought', config([entry('freeze_since_date', { _: 'jsonNumber', value: 0 })]), false],
    ['since a word', config([entry('freeze_since_date', { _: 'jsonString', value: 'x' })]), false],
    ['nothing of it', config([entry('other', { _: 'jsonNumber', value: 1 })]), false],
    ['the same as before', { _: 'help.appConfigNotModified' }, false],
    ['no object', 'x', false],
  ])('says that the account is frozen: %s', async (_name, answer, isFrozen) => {
    const ends: unknown[] = [];
    const line = { invoke: async () => answer, end: (end: unknown) => void ends.push(end) };
    await new FreezeWatch({ line, log: silentLogger }).look();
    expect(ends).toHaveLength(isFrozen ? 1 : 0);
  });
});
