import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/engine/model/message.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';

const SESSION = 'front-desk';
const GUEST = '+491713920010';
const STOP_LIMIT_MS = 10_000;
const message = (body: string): unknown => ({
  channel: 'whatsapp',
  to: GUEST,
  session: SESSION,
  body,
  basis: { reservation: 'R-1', consent: 'asked at booking' },
});

/** One session has all of these days, one after the other; each begins with it connected. */
describe('a linked session on a bad day', { timeout: 60_000 }, () => {
  const house = new LinkedDaemon();

  const lossesOfProcess = async (): Promise<number> =>
    (await house.timeline(SESSION)).filter(({ reason }) => reason?.code === 'connector_lost').length;

  beforeAll(async () => {
    await house.start();
    await house.link(SESSION);
  }, 60_000);
  afterAll(() => house.end());

  it('shows pacing and versions as configured', async () => {
    const session = await house.session(SESSION, () => true);
    expect(session.pacing.mode).toBe('off');
    expect(session.version.ladder[0]).toBe(session.version.current);
  });

  it('ends within its time on SIGTERM in the middle of traffic, and goes on afterwards', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((count) => house.sandbox.say('katrin', `guest ${count}`)));
    const posted = await Promise.all(
      [1, 2, 3, 4, 5].map((count) => house.api.post<Message>('/v1/messages', message(`hotel ${count}`))),
    );
    expect(posted.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const begunAt = performance.now();
    expect(await house.daemon.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(performance.now() - begunAt).toBeLessThan(STOP_LIMIT_MS);
    await house.restart();
    await house.until(async () => ((await house.sandbox.textsSeen('katrin')).length >= 5 ? true : undefined));
    await house.until(async () => ((await house.received()).length >= 5 ? true : undefined));
    const shown = (await house.sandbox.textsSeen('katrin')).map(({ text }) => text);
    expect(shown).toHaveLength(5);
    expect(new Set(shown)).toEqual(new Set([1, 2, 3, 4, 5].map((count) => `hotel ${count}`)));
    const received = await house.received();
    expect(received).toHaveLength(5);
    expect(new Set(received)).toEqual(new Set([1, 2, 3, 4, 5].map((count) => `guest ${count}`)));
  });

  it('comes back by itself when its process was killed, and says so meanwhile', async () => {
    house.daemon.signalConnector('SIGKILL');
    await house.until(async () => ((await lossesOfProcess()) === 1 ? true : undefined));
    await house.session(SESSION, ({ state }) => state === 'connected');
    const lost = (await house.timeline(SESSION)).find(({ reason }) => reason?.code === 'connector_lost');
    expect(lost).toMatchObject({ state: 'backing_off', reason: { kind: 'network', action: 'none' } });
  });

  it('comes back by itself when its process hangs, and loses nothing of what came meanwhile', async () => {
    const before = await lossesOfProcess();
    const hung = house.daemon.signalConnector('SIGSTOP');
    await house.sandbox.say('katrin', 'is anybody there?');
    await house.until(async () => ((await house.received()).includes('is anybody there?') ? true : undefined));
    expect(house.daemon.connectorPid).not.toBe(hung);
    expect(await lossesOfProcess()).toBe(before + 1);
    const { body } = await house.api.post<Message>('/v1/messages', message('yes'));
    await house.api.waitForEvent(({ type, data }) => type === 'message.delivered' && data.message?.id === body.id);
  }, 90_000);

  it('goes on with a network that was killed and came back', async () => {
    await house.sandbox.say('katrin', 'before');
    await house.until(async () => ((await house.received()).includes('before') ? true : undefined));
    await house.restartSandbox('SIGKILL');
    await house.session(SESSION, ({ state }) => state === 'connected');
    await house.sandbox.say('katrin', 'after');
    await house.until(async () => ((await house.received()).includes('after') ? true : undefined));
    const { body } = await house.api.post<Message>('/v1/messages', message('good to see you again'));
    await house.api.waitForEvent(({ type, data }) => type === 'message.delivered' && data.message?.id === body.id);
  });

  it('tells that the network is away, until it is back', async () => {
    await house.sandbox.end('SIGKILL');
    const away = await house.session(SESSION, ({ state }) => state === 'backing_off');
    expect(away.reason).toMatchObject({
      kind: 'network',
      action: 'none',
      remedy: expect.stringContaining('by itself'),
    });
    expect(away.reason?.retryAt).not.toBeNull();
    await house.restartSandbox('SIGKILL');
    await house.session(SESSION, ({ state }) => state === 'connected');
  });

  it('says of a damaged vault what to do, holds the queue with that reason, and erases it on request', async () => {
    await house.daemon.end('SIGTERM');
    const vault = join(house.dir.path, 'sessions', `${SESSION}.vault`);
    const bytes = readFileSync(vault);
    bytes.fill(0x5a, 0, 4_096);
    writeFileSync(vault, bytes);
    await house.restart();
    const session = await house.session(SESSION, ({ reason }) => reason?.code === 'vault_corrupt');
    expect(session).toMatchObject({
      state: 'stopped',
      reason: { remedy: expect.stringContaining('link the session') },
    });
    expect((await house.timeline(SESSION))[0]?.reason?.code).toBe('vault_corrupt');
    const { body } = await house.api.post<Message>('/v1/messages', message('later'));
    const shown = await house.api.get<Message>(`/v1/messages/${body.id}`);
    expect(shown.body.heldBy).toMatchObject({ rule: 'session_down', detail: expect.stringContaining('vault') });
    expect((await house.api.call('DELETE', `/v1/sessions/${SESSION}`)).status).toBeLessThan(300);
    expect(existsSync(vault)).toBe(false);
  });
});
