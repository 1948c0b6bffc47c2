import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAnswer, sealAnswer } from '../../../src/http/sealed-answer.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

const headers = { 'idempotency-key': 'k-1' };
const session = { id: 'front-desk', channel: 'whatsapp' };

describe('an unsafe request with an idempotency key', () => {
  it('is done once and answered alike', async () => {
    const first = await http.ask('POST', '/v1/sessions', { body: session, headers });
    const second = await http.ask('POST', '/v1/sessions', { body: session, headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(http.engine.calls).toHaveLength(1);
  });

  it('is refused with another body or on another path', async () => {
    await http.ask('POST', '/v1/sessions', { body: session, headers });
    const body = await http.ask('POST', '/v1/sessions', { body: { ...session, id: 'other' }, headers });
    const path = await http.ask('POST', '/v1/sessions/front-desk/stop', { headers });
    expect([body.status, body.json.code]).toEqual([422, 'idempotency_key_reused']);
    expect([path.status, path.json.code]).toEqual([422, 'idempotency_key_reused']);
    expect(http.engine.calls).toHaveLength(1);
  });

  it('may be repeated after it failed', async () => {
    http.engine.failure = new Error('once');
    expect((await http.ask('POST', '/v1/sessions', { body: session, headers })).status).toBe(500);
    expect((await http.ask('POST', '/v1/sessions', { body: session, headers })).status).toBe(201);
  });

  it('is told that the first is still running', async () => {
    let open = (): void => undefined;
    http.engine.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = http.ask('POST', '/v1/sessions', { body: session, headers });
    while (http.engine.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await http.ask('POST', '/v1/sessions', { body: session, headers });
    expect([second.status, second.json.code]).toEqual([409, 'idempotency_in_progress']);
    expect(second.headers['retry-after']).toBe('1');
    open();
    expect((await first).status).toBe(201);
  });

  it('belongs to its API key', async () => {
    await http.ask('POST', '/v1/sessions', { body: session, headers });
    const key = await http.makeKey(['sessions:admin']);
    const other = await http.ask('POST', '/v1/sessions', { key, body: { ...session, id: 'two' }, headers });
    expect(other.status).toBe(201);
  });

  it('repeats an empty answer', async () => {
    await http.seed();
    const first = await http.ask('DELETE', '/v1/sessions/front-desk', { headers });
    const second = await http.ask('DELETE', '/v1/sessions/front-desk', { headers });
    expect([first.status, second.status, second.text]).toEqual([204, 204, '']);
  });

  it('repeats an answer with a secret, which the store cannot read', async () => {
    const body = { name: 'pms', scopes: ['messages:send'] };
    const stored: string[] = [];
    const { completeIdempotency } = http.store;
    http.store.completeIdempotency = (claim, answer) => {
      stored.push(answer.body);
      return completeIdempotency.call(http.store, claim, answer);
    };
    const first = await http.ask('POST', '/v1/keys', { body, headers });
    const second = await http.ask('POST', '/v1/keys', { body, headers });
    expect(first.json.key).toMatch(/^bhk_/);
    expect(second.text).toBe(first.text);
    expect(stored).toHaveLength(1);
    expect(stored[0]).not.toContain(first.json.key);
    expect(stored[0]).not.toContain('pms');
  });
});

describe('a sealed answer', () => {
  const caller = { bearer: 'Bearer a', idempotencyKey: 'k' };

  it('opens for the same caller only', () => {
    const sealed = sealAnswer('{"key":"x"}', caller);
    expect(openAnswer(sealed, caller)).toBe('{"key":"x"}');
    expect(() => openAnswer(sealed, { ...caller, bearer: 'Bearer b' })).toThrow();
    expect(() => openAnswer(sealed, { ...caller, idempotencyKey: 'l' })).toThrow();
  });
});
