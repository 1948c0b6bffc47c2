import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../src/engine/model/alert.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

const at = '2026-03-04T15:00:00.000Z';
const idOf = (digit: string): string => `alr_${digit.repeat(26)}`;

async function save(digit: string, more: Partial<Alert> = {}): Promise<void> {
  const alert: Alert = {
    id: idOf(digit),
    property: 'main',
    kind: 'line',
    code: 'fake_lost',
    name: 'front-desk (WhatsApp)',
    title: 'front-desk (WhatsApp) is down',
    text: 'The connection broke off.',
    action: 'none',
    remedy: 'Nothing to do.',
    channel: 'whatsapp',
    sessions: ['front-desk'],
    webhookId: null,
    since: at,
    openedAt: at,
    updatedAt: at,
    endedAt: null,
    closedAt: null,
    resolution: null,
    ...more,
  };
  const rest = { members: [digit], told: [], toldAt: 0, lastDropAt: null };
  await http.store.saveAlert({ key: digit, alert, ...rest });
}

describe('alerts', () => {
  it('are listed newest first, page by page, and by whether they are open', async () => {
    await save('1');
    await save('2', { endedAt: at, closedAt: at, resolution: 'recovered' });
    await save('3');
    const ids = async (query: string): Promise<readonly string[]> =>
      (await http.ask('GET', `/v1/alerts${query}`)).json.data.map(({ id }) => id);
    expect(await ids('')).toEqual([idOf('3'), idOf('2'), idOf('1')]);
    expect(await ids('?open=true')).toEqual([idOf('3'), idOf('1')]);
    expect(await ids('?open=false')).toEqual([idOf('2')]);
    const { nextCursor } = (await http.ask('GET', '/v1/alerts?limit=2')).json;
    expect(await ids(`?limit=2&cursor=${nextCursor}`)).toEqual([idOf('1')]);
    expect((await http.ask('GET', '/v1/alerts?open=perhaps')).status).toBe(400);
    expect((await http.ask('GET', '/v1/alerts?cursor=x')).json.code).toBe('invalid_cursor');
  });

  it('of another property are not shown', async () => {
    await save('1');
    await save('2', { property: 'annex' });
    const key = await http.makeKey(['sessions:read'], 'annex');
    expect((await http.ask('GET', '/v1/alerts', { key })).json.data.map(({ id }) => id)).toEqual([idOf('2')]);
  });

  it('are tested on every way, and the answer says how it went', async () => {
    expect(await http.ask('POST', '/v1/alerts/test')).toMatchObject({
      status: 200,
      json: { data: [{ way: 'e-mail', delivered: false, reason: 'connection refused' }], nextCursor: null },
    });
  });

  it('tell whether people can be told, but not to those of one property', async () => {
    expect(await http.ask('GET', '/v1/alerts/ways')).toMatchObject({
      status: 200,
      json: {
        data: [
          {
            way: 'e-mail',
            kind: 'email',
            waiting: 2,
            failingSince: '2026-03-04T15:00:00.000Z',
            reason: 'connection refused',
          },
        ],
        nextCursor: null,
      },
    });
    const annex = await http.makeKey(['sessions:admin'], 'annex');
    expect((await http.ask('GET', '/v1/alerts/ways', { key: annex })).status).toBe(403);
  });

  it('are tested by the administrators of the whole house only', async () => {
    const reader = await http.makeKey(['sessions:read']);
    const annex = await http.makeKey(['sessions:admin'], 'annex');
    for (const key of [reader, annex]) expect((await http.ask('POST', '/v1/alerts/test', { key })).status).toBe(403);
    expect(http.engine.calls).toEqual([]);
  });
});
