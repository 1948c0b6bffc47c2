import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session } from '../../src/engine/model/session.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { TelegramHouse } from '../support/telegram-house.ts';

const SESSION = 'front-desk';
const KATRIN = 'id:7000000002';
const AMIRA = '@amira_h';
const basis = { reservation: 'R-1', consent: 'asked at booking' };
const FLOOD_SECONDS = 2;
const SENDING = 'messages.sendMessage';

/** What goes wrong on Telegram, through the built product: nothing is lost, nothing is shown twice, and people are told what to do. */
describe('a Telegram session on a bad day', { timeout: 60_000 }, () => {
  const house = new TelegramHouse();

  beforeAll(async () => {
    await house.start('log: { level: debug, format: json }\n', { engines: ['gramjs', 'mtcute'] });
    await house.link(SESSION);
    await say('Guten Tag');
  }, 60_000);

  afterEach(() => house.fault('clear'));
  afterAll(() => house.end());

  let log = '';
  const endDaemon = async (signal: NodeJS.Signals): Promise<void> => {
    log += (await house.daemon.end(signal)).stderr;
  };
  const say = async (text: string): Promise<Message> => {
    const id = await house.guest('katrin', 'say', { text });
    return house.told('message.received', ({ channelMessageId }) => channelMessageId === id);
  };
  const isIn = (state: Session['state']): Promise<Session> =>
    house.session(SESSION, (session) => session.state === state);
  const look = async ({ id }: Message): Promise<Message> => (await house.api.get<Message>(`/v1/messages/${id}`)).body;
  const metrics = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${LinkedDaemon.key}` };
    return (await fetch(`${house.api.url}/metrics`, { headers })).text();
  };
  /** How often the guest was shown each text of the hotel that begins so, in the order of the first time. */
  const counted = async (guest: string, beginning: string): Promise<readonly [string, number][]> => {
    const counts = new Map<string, number>();
    for (const text of (await house.textsSeen(guest)).filter((one) => one.startsWith(beginning)))
      counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts];
  };
  const once = (beginning: string, count: number): readonly [string, number][] =>
    Array.from({ length: count }, (_, index) => [`${beginning} ${index + 1}`, 1]);
  const receivedOf = async (beginning: string): Promise<readonly string[]> =>
    (await house.received()).filter((text): text is string => text?.startsWith(beginning) === true);

  it('holds what a flood wait forbids, says until when, and sends it by itself when that is over', async () => {
    await house.fault('flood-wait', { method: SENDING, seconds: FLOOD_SECONDS });
    const held = await house.post({ to: KATRIN, body: 'nach der Pause' });
    const { data } = await house.event('session.limited', () => true);
    expect(data.limit).toMatchObject({ scope: 'account', nativeCode: expect.stringMatching(/^FLOOD_WAIT/) });
    expect(data.remedy).toContain('goes on by itself');
    expect((await house.session(SESSION, ({ limits }) => limits.length === 1)).state).toBe('connected');
    const waiting = await look(held);
    expect(waiting).toMatchObject({ status: 'queued', heldBy: { rule: 'network_limit' }, attempts: 0 });
    expect(Date.parse(waiting.heldBy?.until ?? '')).toBeGreaterThan(Date.now());
    expect(await metrics()).toMatch(/bellhop_session_limits\{[^}]*scope="account"[^}]*\} 1/);
    await house.told('message.sent', ({ id }) => id === held.id);
    await house.event('session.limit_over', () => true);
    expect(await metrics()).toMatch(/bellhop_network_limits_total\{[^}]*code="FLOOD_WAIT_?"[^}]*\} 1/);
    expect(await counted('katrin', 'nach der Pause')).toEqual([['nach der Pause', 1]]);
    expect(await house.violations()).toEqual([]); // nobody asked again before the time
  });

  it('writes to no stranger when the network closes new chats, and still answers who wrote', async () => {
    await house.fault('peer-flood');
    const stranger = await house.post({ to: AMIRA, body: 'Willkommen', basis });
    const { data } = await house.event('session.limited', (event) => event.data.limit?.scope === 'new_chats');
    expect(data.limit).toMatchObject({ nativeCode: 'PEER_FLOOD' });
    expect(
      await house.until(async () => ((await look(stranger)).heldBy?.rule === 'new_chats_closed' ? true : undefined)),
    );
    await house.send({ to: KATRIN, body: 'für Sie immer' });
    await house.guest('amira', 'say', { text: 'Hello?' }); // who writes now is a stranger no longer
    await house.told('message.sent', ({ id }) => id === stranger.id);
    expect(await counted('amira', 'Willkommen')).toEqual([['Willkommen', 1]]);
  });

  it('says that the guest has blocked the hotel, and does not try again', async () => {
    await house.guest('katrin', 'block', { on: true });
    const { id } = await house.post({ to: KATRIN, body: 'unerwünscht' });
    const failed = await house.told('message.failed', (message) => message.id === id);
    expect(failed.error).toMatchObject({ nativeCode: 'USER_IS_BLOCKED', certainty: 'not_sent' });
    expect(failed.error?.detail).toContain('has blocked this account');
    await house.guest('katrin', 'block', { on: false });
  });

  it('receives in order and once what the line lost, turned around or held back', async () => {
    await house.fault('drop-updates');
    for (const count of [1, 2, 3]) await house.guest('katrin', 'say', { text: `verloren ${count}` });
    await house.fault('clear');
    await house.guest('katrin', 'say', { text: 'verloren 4' });
    await house.until(async () => ((await receivedOf('verloren')).length >= 4 ? true : undefined));
    await house.fault('hold-updates');
    for (const count of [1, 2, 3, 4]) await house.guest('katrin', 'say', { text: `gedreht ${count}` });
    await house.fault('release-updates', { order: 'reverse' });
    await house.until(async () => ((await receivedOf('gedreht')).length >= 4 ? true : undefined));
    for (const word of ['verloren', 'gedreht'])
      expect(await receivedOf(word)).toEqual([1, 2, 3, 4].map((count) => `${word} ${count}`));
  });

  it('comes back by itself when the line is cut, with what came and what was to go out meanwhile', async () => {
    await house.fault('connections', { state: 'refuse' });
    await house.fault('cut');
    const down = await isIn('backing_off');
    expect(down.reason).toMatchObject({
      kind: 'network',
      action: 'none',
      remedy: expect.stringContaining('by itself'),
    });
    await house.guest('katrin', 'say', { text: 'getrennt' });
    const waiting = await house.post({ to: KATRIN, body: 'verbunden' });
    expect((await look(waiting)).heldBy?.rule).toBe('session_down');
    await house.fault('connections', { state: 'open' });
    await house.told('message.sent', ({ id }) => id === waiting.id);
    await house.until(async () => ((await receivedOf('getrennt')).length > 0 ? true : undefined));
    expect(await counted('katrin', 'verbunden')).toEqual([['verbunden', 1]]);
  });

  it('shows a message once whose acknowledgement was lost', async () => {
    await house.fault('swallow-answer', { method: SENDING });
    const { id } = await house.post({ to: KATRIN, body: 'Antwort verschluckt' });
    await house.until(async () => ((await counted('katrin', 'Antwort verschluckt')).length > 0 ? true : undefined));
    await house.fault('cut');
    await house.told('message.sent', (message) => message.id === id);
    expect(await counted('katrin', 'Antwort verschluckt')).toEqual([['Antwort verschluckt', 1]]);
  });

  it.each(['connector', 'daemon'] as const)(
    'loses and doubles nothing when its %s is killed in the middle of it',
    async (whom) => {
      const count = 12;
      const traffic = Promise.all(
        Array.from({ length: count }, async (_, index) => {
          await house.guest('katrin', 'say', { text: `${whom} Gast ${index + 1}` });
          await house.post({ to: KATRIN, body: `${whom} Hotel ${index + 1}` });
        }),
      );
      await house.until(async () => ((await house.textsSeen('katrin')).includes(`${whom} Hotel 1`) ? true : undefined));
      if (whom === 'connector') house.daemon.signalConnector('SIGKILL');
      await traffic;
      if (whom === 'daemon') {
        await house.daemon.end('SIGKILL');
        await house.restart();
      }
      await house.until(async () => ((await counted('katrin', `${whom} Hotel`)).length >= count ? true : undefined));
      await house.until(async () => ((await receivedOf(`${whom} Gast`)).length >= count ? true : undefined));
      await house.until(async () => ((await isIn('connected')).pacing.queued === 0 ? true : undefined));
      expect(sorted(await counted('katrin', `${whom} Hotel`))).toEqual(sorted(once(`${whom} Hotel`, count)));
      const received = await receivedOf(`${whom} Gast`);
      expect(received).toHaveLength(count);
      expect(new Set(received).size).toBe(count);
    },
  );

  it('goes on with the other library without a new login, and misses nothing of the time between', async () => {
    expect((await isIn('connected')).version.current).toMatch(/^gramjs\//);
    const word = await say('wird geändert');
    const lost = await say('wird gelöscht');
    const own = await house.send({ to: KATRIN, body: 'wird gelesen' });
    const { linkedDevices } = await house.control<{ linkedDevices: number }>('GET', '/state');
    await endDaemon('SIGTERM');
    await house.guest('katrin', 'say', { text: 'während des Wechsels' });
    await house.guest('katrin', 'edit', { id: Number(word.channelMessageId), text: 'ist geändert' });
    await house.guest('katrin', 'delete', { id: Number(lost.channelMessageId) });
    await house.guest('katrin', 'read');
    await house.control('POST', '/phone/say', { to: 'katrin', text: 'vom Handy' });
    const to = await house.guest('katrin', 'group', { title: 'Neu hier', large: true });
    await house.guest('katrin', 'say', { to, text: 'in der neuen Gruppe' });
    await house.configure('log: { level: debug, format: json }\n', { engines: ['mtcute', 'gramjs'] });
    await house.restart();
    expect((await isIn('connected')).version.current).toMatch(/^mtcute\//);
    await house.until(async () => ((await receivedOf('während des Wechsels')).length > 0 ? true : undefined));
    await house.told('message.edited', ({ id, body }) => id === word.id && body === 'ist geändert');
    await house.told('message.deleted', ({ id }) => id === lost.id);
    await house.told('message.read', ({ id }) => id === own.id);
    await house.told('message.sent', ({ body }) => body === 'vom Handy');
    await house.told('message.received', ({ body }) => body === 'in der neuen Gruppe');
    await house.send({ to: KATRIN, body: 'mit der anderen' });
    expect(await house.control('GET', '/state')).toMatchObject({ linkedDevices });
  });

  it.each([
    ['log-out', 'telegram_auth_key_unregistered'],
    ['forget-key', 'telegram_key_unknown'],
  ])('says after %s to link again, keeps the queue, and sends it once that is done', async (lever, code) => {
    await house.fault(lever);
    const out = await isIn('logged_out');
    expect(out.reason).toMatchObject({ code, action: 'relink', remedy: expect.stringContaining('bellhop link') });
    const waiting = await house.post({ to: KATRIN, body: `nach ${lever}` });
    expect((await look(waiting)).heldBy?.rule).toBe('session_down');
    await house.link(SESSION);
    await house.told('message.sent', ({ id }) => id === waiting.id);
    expect(await counted('katrin', `nach ${lever}`)).toEqual([[`nach ${lever}`, 1]]);
  });

  it('says that the account was banned, and what its owner can do', async () => {
    await house.fault('ban');
    expect((await isIn('banned')).reason).toMatchObject({ action: 'open_app', remedy: expect.any(String) });
    expect(await house.event('session.banned', () => true)).toBeDefined();
  });

  it('wrote no words, names, numbers or keys into its log', async () => {
    await endDaemon('SIGTERM');
    expect(log).toContain('"session connected"');
    for (const secret of [
      /katrin/i,
      /amira/i,
      /Hotel \d/,
      /Gast \d/,
      /verloren/,
      /Willkommen/,
      /3023125100/,
      /7700900456/,
      /bhk_/,
    ])
      expect(log).not.toMatch(secret);
    expect(await house.violations()).toEqual([]);
  });
});

const sorted = <T>(items: readonly T[]): readonly T[] => [...items].sort((a, b) => String(a).localeCompare(String(b)));
