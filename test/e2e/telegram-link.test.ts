import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, ProductProcess, runCommand } from '../support/daemon-process.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { TelegramHouse } from '../support/telegram-house.ts';

const SESSION = 'front-desk';
const PASSWORD = 'Seeblick im Sommer';
const NOBODYS_NUMBER = '+4915555000111';

interface Step {
  readonly step: string;
  readonly qr?: string;
  readonly label?: string;
  readonly detail?: string;
  readonly code?: string;
}

/** How an account of Telegram is linked, from the command line and over the API of the built product. */
describe('linking a Telegram account', { timeout: 60_000 }, () => {
  const house = new TelegramHouse();
  const command = (...args: readonly string[]): Promise<CommandResult> => runCommand(args, { cwd: house.dir.path });
  const linking = (...args: readonly string[]): ProductProcess =>
    new ProductProcess({ cwd: house.dir.path, args: ['link', 'telegram', '--session', SESSION, ...args] });
  const stepOf = async (process: ProductProcess, name: string): Promise<Step> =>
    JSON.parse((await process.find(new RegExp(`^\\{.*"step":"${name}".*\\}$`, 'm')))[0]) as Step; // as the API documents it
  const answer = (given: object) => house.api.post<Step>(`/v1/sessions/${SESSION}/link/answer`, given);
  const begin = async (request: object) => {
    await house.api.post('/v1/sessions', { id: SESSION, channel: 'telegram' });
    return house.api.post<Step>(`/v1/sessions/${SESSION}/link`, request);
  };
  const codeOnPhone = async (): Promise<string> => (await house.control<{ code: string }>('GET', '/phone/code')).code;
  const devices = async (): Promise<number> =>
    (await house.control<{ linkedDevices: number }>('GET', '/state')).linkedDevices;

  beforeAll(() => house.start('log: { level: debug, format: json }\n'), 60_000);

  afterEach(async () => {
    await house.api.call('DELETE', `/v1/sessions/${SESSION}`);
    await house.control('POST', '/phone/password', { password: null });
    expect(await devices()).toBe(0);
  });

  afterAll(async () => {
    const violations = await house.violations();
    await house.end();
    expect(violations).toEqual([]);
  });

  it('shows a QR code, waits for the phone, and says who is linked', async () => {
    const link = linking('--json');
    const step = await stepOf(link, 'scan_qr');
    expect(step).toMatchObject({
      qr: expect.stringMatching(/^tg:\/\/login\?token=/),
      label: expect.stringContaining('Devices'),
    });
    await house.control('POST', '/phone/scan', { qr: step.qr });
    expect(await link.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('"step":"done"') });
    expect(await devices()).toBe(1);
    const { stdout } = await command('sessions');
    expect(stdout).toMatch(new RegExp(`${SESSION}\\s+telegram\\s+connected.*Hotel Seeblick`));
    const again = await command('link', 'telegram', '--session', SESSION);
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('session_not_linkable') });
    expect(await command('doctor')).toMatchObject({ code: 0, stdout: expect.stringContaining(`session ${SESSION}`) });
  });

  it("draws the code for a terminal, with the words of Telegram's own app", async () => {
    const link = linking();
    await link.find(/▄▄▄▄▄▄▄/);
    await link.find(/Settings › Devices › Link Desktop Device/);
    await link.end('SIGTERM');
  });

  it('leaves nothing behind when whoever links gives up', async () => {
    const link = linking('--json');
    const { qr } = await stepOf(link, 'scan_qr');
    expect(await link.end('SIGINT')).toMatchObject({ code: 1, stdout: expect.stringContaining('cancelled') });
    expect((await house.session(SESSION, () => true)).state).toBe('unlinked');
    await house.control('POST', '/phone/scan', { qr }).catch(() => undefined); // a code that still lies on a screen
    expect((await house.session(SESSION, () => true)).account).toBeNull();
    expect(await house.api.post(`/v1/sessions/${SESSION}/start`)).toMatchObject({
      body: { code: 'session_not_linked' },
    });
  });

  it('takes the code that Telegram sends, after a wrong one as well', async () => {
    const link = linking('--json', '--method', 'code', '--phone', TelegramHouse.phone);
    const step = await stepOf(link, 'enter_code');
    expect(step.label).toContain('the app on your other devices');
    const wrong = await answer({ code: '00x00' });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'link_rejected', detail: 'The code is not right.' } });
    expect(await answer({ code: await codeOnPhone() })).toMatchObject({ status: 200, body: { step: 'done' } });
    expect(await link.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Hotel Seeblick') });
  });

  it('says where to answer when nobody sits at the keyboard, and waits there', async () => {
    const link = await command(
      'link',
      'telegram',
      '--session',
      SESSION,
      '--method',
      'code',
      '--phone',
      TelegramHouse.phone,
    );
    expect(link).toMatchObject({ code: 2, stderr: expect.stringContaining('/link/answer') });
    expect(await answer({ code: await codeOnPhone() })).toMatchObject({ body: { step: 'done' } });
  });

  it.each(['qr', 'code'])('asks for the two-step password after a %s, and again where it is wrong', async (method) => {
    await house.control('POST', '/phone/password', { password: PASSWORD });
    const first = await begin(method === 'qr' ? { method } : { method, phone: TelegramHouse.phone });
    if (method === 'qr') await house.control('POST', '/phone/scan', { qr: first.body.qr });
    else await answer({ code: await codeOnPhone() });
    const asked = await house.until(async () => {
      const { body } = await house.api.get<Step>(`/v1/sessions/${SESSION}/link`);
      return body.step === 'enter_password' ? body : undefined;
    });
    expect(asked.label).toContain('Two-step password');
    const wrong = await answer({ password: 'Bergblick' });
    expect(wrong).toMatchObject({ status: 422, body: { detail: 'The two-step password is not right.' } });
    expect(await answer({ password: PASSWORD })).toMatchObject({ status: 200, body: { step: 'done' } });
    await house.session(SESSION, ({ state }) => state === 'connected');
  });

  it('opens no account for a number that has none', async () => {
    const { body } = await begin({ method: 'code', phone: NOBODYS_NUMBER });
    expect(body.step).toBe('enter_code');
    const { code } = await house.control<{ code: string }>('GET', `/phone/code/${NOBODYS_NUMBER.slice(1)}`);
    const refused = await answer({ code });
    expect(refused).toMatchObject({ status: 422, body: { code: 'link_rejected' } });
    expect(refused.body.detail).toContain('There is no Telegram account with this number');
    const session = await house.session(SESSION, ({ state }) => state === 'unlinked');
    expect(session.reason?.text).toContain('There is no Telegram account with this number');
  });

  it('gives the code as a picture', async () => {
    await begin({ method: 'qr' });
    for (const [type, beginning] of [
      ['image/png', '\u{fffd}PNG'],
      ['image/svg+xml', '<svg'],
    ] as const) {
      const headers = { authorization: `Bearer ${LinkedDaemon.key}`, accept: type };
      const picture = await fetch(`${house.api.url}/v1/sessions/${SESSION}/link`, { headers });
      expect(picture.headers.get('content-type')).toContain(type);
      expect((await picture.text()).startsWith(beginning)).toBe(true);
    }
  });

  it.each([
    [{ method: 'pigeon' }, 'link_method_unsupported', 'qr, code'],
    [{ method: 'code', phone: '0171' }, 'invalid_address', 'E.164'],
  ])('refuses to begin with %o', async (request, code, words) => {
    const { status, body } = await begin(request);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code, detail: expect.stringContaining(words) });
  });

  it('names the keys that are missing and where to get them, before and after an account was linked', async () => {
    await house.link(SESSION);
    await house.daemon.end('SIGTERM');
    await house.configure('', { apiId: undefined, apiHash: undefined });
    await house.restart();
    const stuck = await house.session(SESSION, ({ reason }) => reason?.code === 'telegram_no_api_id');
    expect(stuck.reason?.text).toMatch(/channels\.telegram\.apiId.*my\.telegram\.org/s);
    const refused = await command('link', 'telegram', '--session', 'other');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/channels\.telegram\.apiId.*channels\.telegram\.apiHash.*my\.telegram\.org/s);
    await house.daemon.end('SIGTERM');
    await house.configure();
    await house.restart();
    await house.session(SESSION, ({ state }) => state === 'connected');
  });
});
