import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { NewAccount } from '../simulator/world/town.ts';
import { readAccount } from '../stored-account.ts';
import { text } from './send-support.ts';
import { Bench, isEnd, isMessage, isReceipt } from './session-support.ts';

describe.each(engineNames)('an account on the network in a box, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const benches: Bench[] = [];

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  afterEach(async () => {
    await Promise.all(benches.splice(0).map((bench) => bench.stop()));
    network.clearFaults();
    expect(network.violations).toEqual([]);
    expect(network.server.internalErrors).toEqual([]);
  });

  const bench = (wanted: NewAccount = {}): Bench => {
    const made = new Bench(network, network.createAccount(wanted), [engine]);
    benches.push(made);
    return made;
  };
  const linked = async (wanted: NewAccount = {}): Promise<Bench> => {
    const made = bench(wanted);
    await made.link();
    await made.session.connect();
    return made;
  };
  const keyOf = (made: Bench): string => network.keysOf(made.account)[0] ?? '';

  it.each([
    ['code', {}],
    ['code', { password: 'kit secret', dcId: 2 }],
    ['qr', { dcId: 1 }],
    ['qr', { password: 'kit secret', dcId: 2 }],
  ] as const)('is linked by %s (%o) and connects without linking again', async (method, wanted) => {
    const made = bench(wanted);
    await made.link(method);
    expect(made.session.isLinked()).toBe(true);
    const connected = await made.session.connect();
    expect(connected.account).toMatchObject({ address: `+${made.account.phone}`, kind: 'user' });
    expect(connected.version).toMatch(new RegExp(`^${engine}/`));
    await made.session.disconnect();
    await expect(made.restart().connect()).resolves.toMatchObject({ version: connected.version });
    expect(network.keysOf(made.account)).toHaveLength(1);
  });

  it('says and hears, with one id for a message on both sides', async () => {
    const made = await linked();
    const guest = network.createGuest(made.account, { username: `guest_${engine}` });
    const id = guest.say('Is my room ready?');
    const heard = await made.event(isMessage);
    expect(heard.message).toMatchObject({
      networkId: String(id),
      content: { type: 'text', body: 'Is my room ready?' },
    });
    const said = await made.send(text('It is.'), heard.message.chat.addresses[0]);
    const shown = guest.seen().filter(({ type }) => type === 'message');
    expect(shown).toMatchObject([{ id: Number(said.networkId), content: { text: 'It is.' } }]);
    guest.read();
    const { receipt } = await made.event(isReceipt);
    expect(receipt).toMatchObject({ status: 'read', networkIds: [said.networkId] });
    expect(made.events.filter(isMessage)).toHaveLength(1);
  });

  it('writes first to a name and to a number, and tells that it is one person', async () => {
    const made = await linked();
    const guest = network.createGuest(made.account, { username: `new_guest_${engine}` });
    await made.send(text('Welcome'), `@new_guest_${engine}`);
    await made.send(text('Again'), `+${guest.account.phone}`);
    await made.send(text('And again'), `id:${guest.account.id}`);
    expect(guest.seen().flatMap((item) => (item.type === 'message' ? [item.content] : []))).toMatchObject([
      { text: 'Welcome' },
      { text: 'Again' },
      { text: 'And again' },
    ]);
    const people = made.events.flatMap((event) => (event.type === 'identity' ? [event.person.addresses] : []));
    expect(people).toEqual([
      [`id:${guest.account.id}`, `@new_guest_${engine}`],
      [`id:${guest.account.id}`, `+${guest.account.phone}`],
    ]);
  });

  it('knows nobody at an address that is nobody', async () => {
    const made = await linked();
    for (const address of ['@nobody_has_this', '+4915559999999', 'id:1234']) {
      await expect(made.send(text('Hello?'), address)).rejects.toMatchObject({
        code: 'recipient_unknown',
        certainty: 'not_sent',
      });
    }
  });

  it('brings what was said while it was away, and what staff wrote on a phone meanwhile', async () => {
    const made = await linked();
    const guest = network.createGuest(made.account);
    guest.say('one');
    await made.event(isMessage);
    await made.session.disconnect();
    guest.say('two');
    guest.say('three');
    await made.restart().connect();
    await made.event((event): event is never => isMessage(event) && JSON.stringify(event).includes('three'));
    const bodies = made.events.filter(isMessage).map(({ message }) => message.content);
    expect(bodies).toMatchObject([{ body: 'one' }, { body: 'two' }, { body: 'three' }]);
  });

  it('keeps its announcement for good, and only a rung changes the version of the app', async () => {
    const made = await linked();
    await made.restart(`${engine}/${engine === 'gramjs' ? 198 : 227}/1.2.0`).connect();
    const own = network.server.inits.filter(({ deviceModel }) => deviceModel === made.config.deviceModel);
    const versions = own.slice(-2).map(({ appVersion }) => appVersion);
    expect(versions).toEqual(['1.0.0', '1.2.0']);
    expect(new Set(own.map(({ systemVersion }) => systemVersion))).toEqual(new Set(['Linux']));
  });

  it('tells the end of a connection once, with its cause, and connects again', async () => {
    const made = await linked();
    network.faults.cut(keyOf(made));
    expect((await made.event(isEnd)).cause).toMatchObject({ kind: 'network' });
    await expect(made.send(text('x'), 'id:1')).rejects.toMatchObject({ code: 'session_down', certainty: 'not_sent' });
    await made.session.connect();
    expect(made.events.filter(isEnd)).toHaveLength(1);
  });

  it('says nothing of an end that it was asked for', async () => {
    const made = await linked();
    await made.session.disconnect();
    await made.session.disconnect();
    expect(made.events.filter(isEnd)).toEqual([]);
  });

  it('is not connected when the network refuses, for the reason that it gives', async () => {
    const made = bench();
    await made.link();
    for (const [text, code, kind] of [
      ['INTERNAL', 500, 'network'],
      ['AUTH_KEY_DUPLICATED', 406, 'logged_out'],
      ['USER_DEACTIVATED_BAN', 401, 'banned'],
      ['SESSION_REVOKED', 401, 'logged_out'],
    ] as const) {
      network.levers.refuse({ method: 'users.getUsers', account: made.account.id }, { code, text });
      await expect(made.session.connect()).rejects.toMatchObject({ name: 'DisconnectError', reason: { kind } });
    }
    expect(made.events).toEqual([]);
  });

  it('is told to wait, and does not ask again before the end of the wait', async () => {
    const made = bench();
    await made.link();
    network.levers.flood({ method: 'users.getUsers', account: made.account.id }, 77);
    for (const retryAfterMs of [77_000, expect.closeTo(77_000, -4)]) {
      await expect(made.session.connect()).rejects.toMatchObject({ reason: { kind: 'restricted', retryAfterMs } });
    }
  });

  it('ends when a call shows that the link was taken away', async () => {
    const made = await linked();
    const guest = network.createGuest(made.account);
    guest.say('hello');
    const { message } = await made.event(isMessage);
    network.levers.refuse({ account: made.account.id }, { code: 401, text: 'SESSION_REVOKED' }, { times: 50 });
    await expect(made.send(text('x'), message.chat.addresses[0])).rejects.toMatchObject({
      code: 'session_down',
      certainty: 'not_sent',
    });
    expect((await made.event(isEnd)).cause).toMatchObject({ kind: 'logged_out', nativeCode: 'SESSION_REVOKED' });
  });

  it('unlinks at the network and forgets everything', async () => {
    const made = await linked();
    await made.session.logout();
    expect(network.keysOf(made.account)).toEqual([]);
    expect(made.session.isLinked()).toBe(false);
    expect(made.vault.dump()).not.toContain('authKey');
    expect(made.events.filter(isEnd)).toEqual([]);
    await made.link();
    await expect(made.session.connect()).resolves.toBeDefined();
  });

  it('unlinks also when it is not connected, and forgets everything when the network cannot be reached', async () => {
    const made = await linked();
    await made.session.disconnect();
    await made.session.logout();
    expect(network.keysOf(made.account)).toEqual([]);
    const other = await linked();
    await other.session.disconnect();
    network.faults.newConnections('refuse');
    await other.session.logout();
    expect(other.session.isLinked()).toBe(false);
  });

  it('leaves nothing of a login that was cancelled', async () => {
    const made = bench({ password: 'kit secret' });
    const login = made.session.beginLogin({ method: 'code', phone: `+${made.account.phone}` });
    await login.next();
    await login.answer({ code: network.codeOf(made.account) ?? '' });
    await expect(login.next()).resolves.toMatchObject({ fields: [{ id: 'password' }] });
    await login.cancel();
    expect(made.session.isLinked()).toBe(false);
    expect(network.keysOf(made.account)).toEqual([]);
    expect(readAccount(made.vault)).toBeUndefined();
  });
});

describe('an account that changes its engine', () => {
  it('needs no new link, in either direction', async () => {
    const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
    await network.start();
    const made = new Bench(network, network.createAccount(), ['gramjs', 'mtcute']);
    try {
      await made.link();
      const seen: string[] = [];
      for (const version of ['gramjs/198/1.0.0', 'mtcute/227/1.0.0', 'gramjs/198/1.0.0']) {
        const connected = await made.restart(version).connect();
        seen.push(connected.version);
        await made.session.disconnect();
      }
      expect(seen).toEqual(['gramjs/198/1.0.0', 'mtcute/227/1.0.0', 'gramjs/198/1.0.0']);
      expect(network.keysOf(made.account)).toHaveLength(1);
    } finally {
      await made.stop();
      await network.stop();
    }
  });
});
