import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
  await http.seed();
});
afterEach(() => http.close());

const rung = '/v1/versions/telegram/gramjs%2F198%2F1.0.0';
const commands = (): unknown[] => http.engine.calls.map(({ command, input }) => [command, input]);

describe('client versions', () => {
  it('are listed, for one channel if that is asked', async () => {
    const answer = await http.ask('GET', '/v1/versions?channel=telegram');
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ data: [{ channel: 'telegram', current: true }], nextCursor: null });
    expect((await http.ask('GET', '/v1/versions?channel=A%20B')).status).toBe(400);
  });

  it('are pinned, unpinned and forgotten, also those with a slash in their name', async () => {
    const input = { channel: 'telegram', name: 'gramjs/198/1.0.0' };
    expect(await http.ask('PATCH', rung, { body: { pinned: true } })).toMatchObject({
      status: 200,
      json: { version: 'gramjs/198/1.0.0', pinned: true },
    });
    expect((await http.ask('PATCH', rung, { body: { pinned: false } })).json['pinned']).toBe(false);
    expect((await http.ask('DELETE', rung)).status).toBe(204);
    expect(commands()).toEqual([
      ['pin', input],
      ['unpin', input],
      ['forget', input],
    ]);
  });

  it('that nobody knows are not found', async () => {
    http.engine.failure = new BellhopError('not_found');
    expect((await http.ask('DELETE', rung)).status).toBe(404);
  });

  it.each([{}, { pinned: 'yes' }, { pinned: true, more: 1 }])('are not changed by %j', async (body) => {
    expect((await http.ask('PATCH', rung, { body })).status).toBe(400);
    expect(commands()).toEqual([]);
  });

  it('belong to the whole house: a key of one property may look and not change', async () => {
    const made = await http.ask('POST', '/v1/keys', {
      body: { name: 'spa', scopes: ['sessions:admin', 'sessions:read'], property: 'spa' },
    });
    const { key } = made.json;
    expect((await http.ask('GET', '/v1/versions', { key })).status).toBe(200);
    expect((await http.ask('PATCH', rung, { key, body: { pinned: true } })).json.code).toBe('forbidden');
    expect((await http.ask('DELETE', rung, { key })).json.code).toBe('forbidden');
    expect(commands()).toEqual([]);
  });
});
