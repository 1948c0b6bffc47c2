import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashApiKey } from '../../../src/http/api-key.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';
import { settle } from '../../support/virtual-clock.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

const hook = { url: 'https://pms.example/hooks' };

describe('a webhook', () => {
  it('shows its secret once', async () => {
    const made = await http.ask('POST', '/v1/webhooks', { body: hook });
    expect(made.json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const read = await http.ask('GET', `/v1/webhooks/${made.json.id}`);
    expect(read.text).not.toContain('whsec_');
    expect((await http.ask('GET', '/v1/webhooks')).text).not.toContain('whsec_');
  });

  it('is refused where the guard refuses its target, also when changed later', async () => {
    const invalid = await http.ask('POST', '/v1/webhooks', { body: { url: 'pms' } });
    expect([invalid.status, invalid.json.code]).toEqual([422, 'webhook_target_invalid']);
    const inner = await http.ask('POST', '/v1/webhooks', { body: { url: 'http://10.0.0.1/x' } });
    expect([inner.status, inner.json.code]).toEqual([422, 'webhook_target_forbidden']);
    const { id } = (await http.ask('POST', '/v1/webhooks', { body: hook })).json;
    const changed = await http.ask('PATCH', `/v1/webhooks/${id}`, { body: { url: 'http://10.0.0.1/x' } });
    expect(changed.json.code).toBe('webhook_target_forbidden');
    expect((await http.store.getWebhook(id, null))?.url).toBe(hook.url);
  });

  it.each([[['message.nothing']], [['nothing.*']], [['presence.typing']], [[7]], ['message.*']])(
    'is refused with the types %j',
    async (types) => {
      const answer = await http.ask('POST', '/v1/webhooks', { body: { ...hook, types } });
      expect(answer.json.code).toBe('invalid_request');
    },
  );

  it('is changed, tested, replayed and removed', async () => {
    await http.seed();
    const { id } = (await http.ask('POST', '/v1/webhooks', { body: { ...hook, types: ['message.*'] } })).json;
    expect((await http.ask('PATCH', `/v1/webhooks/${id}`, { body: { disabled: true } })).json['disabled']).toBe(true);
    expect((await http.ask('PATCH', `/v1/webhooks/${id}`, { body: { disabled: false } })).json['disabled']).toBe(false);
    expect((await http.ask('POST', `/v1/webhooks/${id}/test`)).json['eventType']).toBe('webhook.test');
    const first = (await http.ask('GET', '/v1/events')).json.data[0];
    const replay = await http.ask('POST', `/v1/webhooks/${id}/replay`, { body: { after: first?.['cursor'] } });
    expect(replay.json['deliveries']).toBe(1);
    expect((await http.ask('DELETE', `/v1/webhooks/${id}`)).status).toBe(204);
    expect((await http.ask('GET', `/v1/webhooks/${id}`)).status).toBe(404);
  });
});

describe('an API key', () => {
  it('is shown once and kept as a hash', async () => {
    const made = await http.ask('POST', '/v1/keys', {
      body: { name: 'pms', scopes: ['messages:send'], property: 'north' },
    });
    expect(made.status).toBe(201);
    expect(made.json.key).toMatch(/^bhk_[A-Za-z0-9_-]{43}$/);
    expect((await http.ask('GET', '/v1/keys')).text).not.toContain(made.json.key);
    expect(await http.store.findApiKey(hashApiKey(made.json.key))).toMatchObject({ name: 'pms', property: 'north' });
  });

  it('cannot be given more than its maker has', async () => {
    const key = await http.makeKey(['keys:admin', 'messages:read']);
    const more = await http.ask('POST', '/v1/keys', { key, body: { name: 'x', scopes: ['messages:read', 'admin'] } });
    expect([more.status, more.json.code]).toEqual([403, 'forbidden']);
    const same = await http.ask('POST', '/v1/keys', { key, body: { name: 'x', scopes: ['messages:read'] } });
    expect(same.status).toBe(201);
  });

  it('is not found when there is none to revoke', async () => {
    expect((await http.ask('DELETE', '/v1/keys/key_00000000000000000000000000')).status).toBe(404);
  });

  it('tells when it was last used', async () => {
    const key = await http.makeKey(['sessions:read']);
    await http.ask('GET', '/v1/sessions', { key });
    // written behind the request, which does not wait for it
    await settle();
    expect((await http.store.findApiKey(hashApiKey(key)))?.lastUsedAt).toBe('2026-03-04T15:00:00.000Z');
  });
});
