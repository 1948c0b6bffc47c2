import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session } from '../../src/engine/model/session.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { TelegramHouse } from '../support/telegram-house.ts';

const SESSION = 'front-desk';
const BAN_SECONDS = 3;
/** Too many strangers, by the codes of WhatsApp's bans. */
const STRANGERS = 101;
/** Longer than it takes to ban. */
const SOON_MS = 3_000;

/** A ban stops everything, and when it is over nothing goes out before a person has said so. The daemon is killed in the middle. */
describe('a ban for a while by WhatsApp, on the built product', { timeout: 90_000 }, () => {
  const house = new LinkedDaemon({ BELLHOP_PACING__MODE: 'human' });

  beforeAll(async () => {
    await house.start();
    await house.link(SESSION);
  }, 60_000);
  afterAll(() => house.end());

  const isUp = ({ state }: Session): boolean => state === 'connected';
  const look = async ({ id }: Message): Promise<Message> => (await house.api.get<Message>(`/v1/messages/${id}`)).body;
  const heldBy = (message: Message, rule: string): Promise<true> =>
    house.until(async () => ((await look(message)).heldBy?.rule === rule ? true : undefined));
  const hear = async (text: string): Promise<void> => {
    await house.sandbox.say('katrin', text);
    await house.until(async () => ((await house.received()).includes(text) ? true : undefined));
  };
  const reply = async (to: string, body: string): Promise<Message> => {
    const message = { channel: 'whatsapp', to, body, purpose: 'reply', urgency: 'high' };
    return (await house.api.post<Message>('/v1/messages', message)).body;
  };
  const killAndRestart = async (): Promise<void> => {
    await house.daemon.end('SIGKILL');
    await house.restart();
  };

  it('is kept over kills, hears guests when it is over, and sends when a person has started the session', async () => {
    const number = (await house.sandbox.state()).people.guests.find(({ key }) => key === 'katrin')?.pn ?? '';
    const to = `+${number.replace(/@.*$/, '')}`;
    await hear('Is my room ready?');
    await house.sandbox.call('POST', '/faults/temp-ban', { code: STRANGERS, expireSeconds: BAN_SECONDS });
    const banned = await house.session(SESSION, ({ reason }) => reason?.kind === 'restricted');
    expect(banned).toMatchObject({
      state: 'backing_off',
      reason: { action: 'wait', code: expect.stringMatching(/temporary_ban$/) },
    });
    const answer = await reply(to, 'Yes.');
    expect(answer.status).toBe('queued');
    await killAndRestart();
    await house.session(SESSION, isUp); // by itself, when the network lets it
    await heldBy(answer, 'temporary_ban');
    await hear('Hello?');
    const second = await reply(to, 'One moment.');
    await heldBy(second, 'temporary_ban');
    await killAndRestart();
    await house.session(SESSION, isUp);
    const { pacing } = await house.session(SESSION, ({ pacing: told }) => told.waiting.length === 2);
    expect(pacing.nextSendAt).toBeNull();
    for (const held of [answer, second])
      expect(await look(held)).toMatchObject({ status: 'queued', attempts: 0, estimatedSendAt: null });
    expect(await house.sandbox.textsSeen('katrin')).toEqual([]);
    expect((await house.api.post(`/v1/sessions/${SESSION}/start`, {})).status).toBe(200);
    const seen = await house.until(async () => {
      const texts = (await house.sandbox.textsSeen('katrin')).map(({ text }) => text);
      return texts.length === 2 ? texts : undefined;
    });
    expect(seen).toEqual(['Yes.', 'One moment.']);
    expect(await house.sandbox.violations()).toEqual([]);
  });
});

describe('a ban by Telegram, on the built product', { timeout: 90_000 }, () => {
  const house = new TelegramHouse();

  beforeAll(async () => {
    await house.start();
    await house.link(SESSION);
  }, 60_000);
  afterAll(() => house.end());

  it.each([
    ['that closes the account', 'ban'],
    ['that freezes it', 'freeze'],
  ])('%s stops everything; when it is lifted, a person starts the session again', async (_name, lever) => {
    const id = await house.guest('katrin', 'say', { text: 'Guten Tag' });
    await house.told('message.received', ({ channelMessageId }) => channelMessageId === id);
    const sendAt = new Date(Date.now() + SOON_MS).toISOString();
    const answer = await house.post({ to: 'id:7000000002', body: `nach ${lever}`, sendAt });
    await house.fault(lever);
    await house.session(SESSION, ({ state }) => state === 'banned');
    await house.fault('clear');
    await house.daemon.end('SIGKILL');
    await house.restart();
    const { body: session } = await house.api.get<Session>(`/v1/sessions/${SESSION}`);
    expect(session).toMatchObject({ state: 'banned', reason: { action: 'open_app' } });
    await house.until(async () => (Date.now() > Date.parse(sendAt) ? true : undefined));
    expect((await house.api.get<Message>(`/v1/messages/${answer.id}`)).body.status).toBe('queued');
    expect(await house.textsSeen('katrin')).not.toContain(`nach ${lever}`);
    expect((await house.api.post(`/v1/sessions/${SESSION}/start`, {})).status).toBe(200);
    await house.told('message.sent', (message) => message.id === answer.id);
    expect(await house.violations()).toEqual([]);
  });
});
