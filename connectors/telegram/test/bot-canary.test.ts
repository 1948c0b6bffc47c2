import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../src/connector-api/index.ts';
import { refused } from './bot-server.ts';
import { BotBench, ScriptedBotApi } from './bot-support.ts';
import { isEnd, isMessage } from './session-support.ts';

let api: ScriptedBotApi;
let desk: BotBench;
beforeEach(async () => {
  api = new ScriptedBotApi();
  await api.server.start();
  desk = new BotBench(api.server.root);
  await desk.session.connect();
  await api.call('getUpdates', 2); // the long one
});
afterEach(async () => {
  await desk.stop();
  await api.server.stop();
});

const isCanary = (event: ConnectorEvent): event is Extract<ConnectorEvent, { type: 'canary' }> =>
  event.type === 'canary';
const said = (id: number) => ({
  update_id: id,
  message: {
    message_id: id,
    date: 1_700_000_000,
    chat: { id: 81, type: 'private', first_name: 'Ann' },
    from: { id: 81, is_bot: false, first_name: 'Ann' },
    text: `text ${id}`,
  },
});
const holds = (): readonly unknown[] => api.of('getUpdates').map(({ fields }) => fields['timeout']);

describe('the canary of a bot', () => {
  it('cuts the long question short, and comes back with the answer to a new one', async () => {
    await desk.session.sendCanary?.('one');
    expect(await desk.event(isCanary)).toMatchObject({ token: 'one' });
    await api.call('getUpdates', 4);
    expect(holds()).toEqual([0, 20, 0, 20]); // and is followed by a long one again
    expect(desk.events.filter(isEnd)).toEqual([]);
  });

  it('comes behind what the answer brought', async () => {
    api.answers.set('getUpdates', [{ ok: true, result: [said(7), said(8)] }]);
    await desk.session.sendCanary?.('two');
    await desk.event(isCanary);
    expect(desk.events.map(({ type }) => type)).toEqual(['message', 'message', 'canary']);
    expect((await api.call('getUpdates', 4)).fields['offset']).toBe(9);
    expect(desk.session.vitals?.()).toMatchObject({ pushes: 2, oldestPendingMs: 0 });
  });

  it('does not come where questions are not answered, however well others are', async () => {
    api.answers.set('getUpdates', 'silence');
    const sending = desk.session.sendCanary?.('three').catch((error: unknown) => error);
    await api.call('getUpdates', 3);
    await desk.session.probe?.();
    expect(desk.events.filter(isCanary)).toEqual([]);
    await desk.session.disconnect();
    expect(await sending).toMatchObject({ name: 'SendError', certainty: 'not_sent' });
  });

  it('takes no offence where the cut question is counted as another program for a moment', async () => {
    const conflict = refused(409, 'Conflict: terminated by other getUpdates request');
    api.answers.set('getUpdates', [conflict]);
    await desk.session.sendCanary?.('four');
    await desk.event(isCanary);
    expect(desk.events.filter(isEnd)).toEqual([]);
  });

  it('cannot be sent where there is no connection', async () => {
    await desk.session.disconnect();
    await expect(desk.session.sendCanary?.('five')).rejects.toMatchObject({ code: 'session_down' });
    expect(desk.session.vitals?.()).toEqual({ silentForMs: null, oldestPendingMs: 0, pushes: 0 });
    expect(desk.events.filter(isMessage)).toEqual([]);
  });
});
