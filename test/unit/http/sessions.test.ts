import { createRequire } from 'node:module';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoginStep } from '../../../src/connector-api/index.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

const require = createRequire(import.meta.url);
// jsqr is CommonJS whose types and exports disagree about `default`
const { default: readQr } = require('jsqr') as {
  default: (pixels: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
};

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
  await http.seed();
});
afterEach(() => http.close());

const link = '/v1/sessions/front-desk/link';
const ask = (step: LoginStep): void => {
  http.engine.link = { sessionId: 'front-desk', step };
};
const qr = (data = '2@hello,world=='): LoginStep => ({
  type: 'display',
  display: 'qr',
  data,
  expiresAt: Date.UTC(2026, 2, 4, 15, 0, 20),
});

describe('a session', () => {
  it.each(['../etc', 'Front Desk', '', '-a', 'a'.repeat(41), 'con/aux', 'a%2fb', 'ä', 'a\u0000b'])(
    'cannot be named %j',
    async (id) => {
      const answer = await http.ask('POST', '/v1/sessions', { body: { id, channel: 'whatsapp' } });
      expect([answer.status, answer.json.code]).toEqual([422, 'invalid_session_id']);
      expect(http.engine.calls).toHaveLength(0);
    },
  );

  it('is made once', async () => {
    const body = { id: 'front-desk', channel: 'whatsapp' };
    const answer = await http.ask('POST', '/v1/sessions', { body });
    expect([answer.status, answer.json.code]).toEqual([409, 'session_exists']);
  });

  it('is not found when it does not exist, whatever is asked of it', async () => {
    for (const path of ['start', 'stop', 'restart', 'link']) {
      expect((await http.ask('POST', `/v1/sessions/none/${path}`)).json.code).toBe('not_found');
    }
    expect(http.engine.calls).toHaveLength(0);
  });
});

describe('linking', () => {
  it.each<[string, LoginStep, object]>([
    ['a QR code', qr(), { step: 'scan_qr', qr: '2@hello,world==', expiresAt: '2026-03-04T15:00:20.000Z' }],
    [
      'a code for the phone',
      { type: 'display', display: 'code', data: 'ABCD-EFGH', expiresAt: 0 },
      { step: 'show_code', code: 'ABCD-EFGH' },
    ],
    ['a code', { type: 'input', fields: [{ id: 'code', label: 'Code' }] }, { step: 'enter_code', fields: ['code'] }],
    ['a token', { type: 'input', fields: [{ id: 'token', label: 'T' }] }, { step: 'enter_token', fields: ['token'] }],
    ['an address', { type: 'input', fields: [{ id: 'address', label: 'A' }] }, { step: 'enter_address' }],
    ['a phone number', { type: 'input', fields: [{ id: 'phone', label: 'P' }] }, { step: 'enter_phone' }],
    ['a password', { type: 'input', fields: [{ id: 'password', label: 'P' }] }, { step: 'enter_password' }],
    [
      'its end',
      { type: 'complete', account: { address: '+15550000000' } },
      { step: 'done', account: { address: '+15550000000', displayName: null } },
    ],
  ])('shows %s as the contract names it', async (_name, step, expected) => {
    ask(step);
    expect((await http.ask('POST', link, { body: { method: 'qr' } })).json).toMatchObject(expected);
    expect((await http.ask('GET', link)).json).toMatchObject({ sessionId: 'front-desk', ...expected });
  });

  it('draws the QR code as a PNG that a phone can read', async () => {
    ask(qr());
    const answer = await http.ask('GET', link, { headers: { accept: 'image/png' } });
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'no-store', vary: 'accept' });
    const image = PNG.sync.read(answer.bytes);
    expect(readQr(new Uint8ClampedArray(image.data), image.width, image.height)?.data).toBe('2@hello,world==');
  });

  it('draws it as SVG', async () => {
    ask(qr());
    const answer = await http.ask('GET', link, { headers: { accept: 'image/svg+xml' } });
    expect(answer.headers['content-type']).toBe('image/svg+xml');
    expect(answer.text).toMatch(/^<svg /);
  });

  it.each([
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['text/html, application/json;q=0.9', 'application/json'],
    ['image/png;q=0.1, application/json', 'application/json'],
    ['text/html,image/avif,image/webp,image/*,*/*;q=0.8', 'image/png'],
    ['image/svg+xml, image/png;q=0.5', 'image/svg+xml'],
  ])('chooses by Accept: %s', async (accept, type) => {
    ask(qr());
    const answer = await http.ask('GET', link, { headers: { accept } });
    expect(String(answer.headers['content-type'])).toContain(type);
  });

  it.each(['text/html', 'image/jpeg', 'application/json;q=0'])('does not know %s', async (accept) => {
    ask(qr());
    const answer = await http.ask('GET', link, { headers: { accept } });
    expect([answer.status, answer.json.code]).toEqual([406, 'not_acceptable']);
  });

  it('has no picture of a step that is no QR code', async () => {
    ask({ type: 'input', fields: [{ id: 'code', label: 'Code' }] });
    expect((await http.ask('GET', link, { headers: { accept: 'image/png' } })).json.code).toBe('not_acceptable');
  });

  it('says when none is under way', async () => {
    expect((await http.ask('GET', link)).json.code).toBe('no_link_in_progress');
  });

  it('hands in what was typed, and nothing empty', async () => {
    ask({ type: 'input', fields: [{ id: 'code', label: 'Code' }] });
    await http.ask('POST', `${link}/answer`, { body: { code: '12345' } });
    expect(http.engine.calls.at(-1)?.input).toEqual({ id: 'front-desk', input: { code: '12345' } });
    expect((await http.ask('POST', `${link}/answer`, { body: {} })).json.code).toBe('invalid_request');
    for (const input of [{ token: '123:abc' }, { address: 'desk@chat.example' }, { phone: '+15551234567' }]) {
      await http.ask('POST', `${link}/answer`, { body: input });
      expect(http.engine.calls.at(-1)?.input).toEqual({ id: 'front-desk', input });
    }
  });
});
