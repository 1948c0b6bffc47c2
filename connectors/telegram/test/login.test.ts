import { describe, expect, it } from 'vitest';
import { LoginError } from '../../../src/connector-api/index.ts';
import { settle } from '../../../test/support/virtual-clock.ts';
import { OpenFailure } from '../mtproto/client.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { SHIPPED_ENGINES } from '../versions.ts';
import { AUTHORIZATION, LoginBench, SENT_CODE } from './login-support.ts';
import { lost, rpc } from './scripted-client.ts';

/** Answers one after the other; the last one for good. Errors are thrown. */
const inTurn = (...answers: (TlValue | Error)[]): (() => TlValue) => {
  let index = 0;
  return () => {
    const answer = answers[Math.min(index, answers.length - 1)];
    index += 1;
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error('no answer');
    return answer;
  };
};

const PASSWORD: TlObject = { _: 'account.password', hasPassword: true, hint: 'the usual' };

function codeBench(signIn: () => TlValue, more: Record<string, () => TlValue> = {}): LoginBench {
  return new LoginBench((client) => {
    client
      .on('auth.sendCode', () => SENT_CODE)
      .on('auth.signIn', signIn)
      .on('auth.logOut', () => true);
    for (const [method, answer] of Object.entries(more)) client.on(method, answer);
  });
}

const CODE = { method: 'code', phone: '+4915550001' };

describe('linking by code', () => {
  it('asks for the code that Telegram has sent and keeps the account before it says done', async () => {
    const bench = codeBench(() => AUTHORIZATION);
    const login = bench.begin(CODE);
    await expect(login.next()).resolves.toMatchObject({ type: 'input', fields: [{ id: 'code' }] });
    await login.answer({ code: ' 123 45 ' });
    expect(bench.kept).toMatchObject([{ kind: 'user', id: '55', phone: '4915550001', dcId: 2 }]);
    await expect(login.next()).resolves.toEqual({
      type: 'complete',
      account: { address: '+4915550001', displayName: 'Grand Hotel', kind: 'user' },
    });
    expect(bench.called('auth.signIn')).toMatchObject([{ phoneCode: '12345', phoneCodeHash: 'hash' }]);
    expect(bench.called('auth.logOut')).toEqual([]);
    expect(bench.opened.every(({ client }) => client.isClosed)).toBe(true);
  });

  it('asks for the number where none was given, and once more where it is none', async () => {
    const bench = codeBench(() => AUTHORIZATION);
    const login = bench.begin({ method: 'code' });
    await expect(login.next()).resolves.toMatchObject({ fields: [{ id: 'phone' }] });
    await expect(login.answer({ phone: '0151 123' })).rejects.toMatchObject({ code: 'rejected' });
    await login.answer({ phone: '+4915550001' });
    await expect(login.next()).resolves.toMatchObject({ fields: [{ id: 'code' }] });
    expect(bench.called('auth.sendCode')).toHaveLength(1);
  });

  it('lets a mistyped code be typed again: the step stays', async () => {
    const bench = codeBench(inTurn(rpc(400, 'PHONE_CODE_INVALID'), AUTHORIZATION));
    const login = bench.begin(CODE);
    await login.next();
    const done = login.next();
    await expect(login.answer({ code: '00000' })).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/not right/),
    });
    await login.answer({ code: '12345' });
    await expect(done).resolves.toMatchObject({ type: 'complete' });
    expect(bench.called('auth.sendCode')).toHaveLength(1);
  });

  it('asks for the two-step password, as often as Telegram allows, with a fresh proof each time', async () => {
    const bench = codeBench(inTurn(rpc(401, 'SESSION_PASSWORD_NEEDED')), {
      'account.getPassword': () => PASSWORD,
      'auth.checkPassword': inTurn(rpc(400, 'PASSWORD_HASH_INVALID'), rpc(400, 'SRP_ID_INVALID'), AUTHORIZATION),
    });
    const login = bench.begin(CODE);
    await login.next();
    await login.answer({ code: '12345' });
    await expect(login.next()).resolves.toMatchObject({
      fields: [{ id: 'password', label: expect.stringContaining('the usual') }],
    });
    await expect(login.answer({ password: 'wrong' })).rejects.toMatchObject({ code: 'rejected' });
    await login.answer({ password: 'kit secret' });
    await expect(login.next()).resolves.toMatchObject({ type: 'complete' });
    expect(bench.called('account.getPassword')).toHaveLength(3);
  });

  it.each([
    ['PHONE_NUMBER_INVALID', 400, 'rejected', /E\.164/],
    ['PHONE_NUMBER_BANNED', 400, 'rejected', /banned/],
    ['PHONE_NUMBER_FLOOD', 400, 'rejected', /a day/],
    ['API_ID_INVALID', 400, 'rejected', /my\.telegram\.org/],
    ['FLOOD_WAIT_301', 420, 'rejected', /6 min/],
    ['SOMETHING_NEW', 400, 'rejected', /SOMETHING_NEW/],
    ['INTERNAL', 500, 'network', /trouble/],
  ])('says in words why no code was sent: %s', async (word, code, expected, words) => {
    const bench = new LoginBench((client) => client.on('auth.sendCode', inTurn(rpc(code, word))));
    await expect(bench.begin(CODE).next()).rejects.toMatchObject({
      name: 'LoginError',
      code: expected,
      message: expect.stringMatching(words),
    });
    expect(bench.kept).toEqual([]);
    expect(bench.opened.every(({ client }) => client.isClosed)).toBe(true);
  });

  it('ends with `expired` when the code is too old, so that a new one is sent', async () => {
    const login = codeBench(inTurn(rpc(400, 'PHONE_CODE_EXPIRED'))).begin(CODE);
    await login.next();
    const next = login.next();
    await expect(login.answer({ code: '12345' })).rejects.toMatchObject({ code: 'expired' });
    await expect(next).rejects.toMatchObject({ code: 'expired' });
  });

  it('opens no account where there is none', async () => {
    const bench = codeBench(() => ({ _: 'auth.authorizationSignUpRequired' }));
    const login = bench.begin(CODE);
    await login.next();
    await expect(login.answer({ code: '12345' })).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/no Telegram account/),
    });
    expect(bench.called('auth.signUp')).toEqual([]);
  });

  it('says so when the code comes in a way that cannot be typed', async () => {
    const type = { _: 'auth.sentCodeTypeSetUpEmailRequired' };
    const bench = new LoginBench((client) => client.on('auth.sendCode', () => ({ ...SENT_CODE, type })));
    await expect(bench.begin(CODE).next()).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/QR code/),
    });
  });
});

describe('where Telegram sends a login', () => {
  it.each(['PHONE_MIGRATE_4', 'USER_MIGRATE_4', 'NETWORK_MIGRATE_4'])('goes to the data centre of %s', async (word) => {
    const bench = new LoginBench((client, { dcId }) => {
      client.on('auth.sendCode', dcId === 4 ? () => SENT_CODE : inTurn(rpc(303, word)));
      client.on('auth.signIn', () => AUTHORIZATION);
    });
    const login = bench.begin(CODE);
    await login.next();
    await login.answer({ code: '12345' });
    expect(bench.opened.map(({ options }) => options.dcId)).toEqual([undefined, 4]);
    expect(bench.opened[0]?.client.isClosed).toBe(true);
    expect(bench.kept).toMatchObject([{ dcId: 4 }]);
  });

  it('does not run in circles', async () => {
    const bench = new LoginBench((client) => client.on('auth.sendCode', inTurn(rpc(303, 'PHONE_MIGRATE_4'))));
    await expect(bench.begin(CODE).next()).rejects.toMatchObject({ code: 'rejected' });
    expect(bench.opened.length).toBeLessThan(10);
  });

  it('tries the next engine when a newer client is wanted, under the same key', async () => {
    const bench = new LoginBench((client, _options, engine) => {
      const refused = engine === SHIPPED_ENGINES[0];
      client.on('auth.sendCode', refused ? inTurn(rpc(406, 'UPDATE_APP_TO_LOGIN')) : () => SENT_CODE);
      client.on('auth.signIn', () => AUTHORIZATION);
    });
    const login = bench.begin(CODE);
    await login.next();
    await login.answer({ code: '12345' });
    expect(bench.opened.map(({ engine }) => engine)).toEqual(SHIPPED_ENGINES);
    expect(bench.opened[1]?.options.key).toBeDefined();
    expect(bench.kept).toHaveLength(1);
  });

  it('gives up in words when no engine is new enough', async () => {
    const bench = new LoginBench((client) => client.on('auth.sendCode', inTurn(rpc(406, 'UPDATE_APP_TO_LOGIN'))));
    await expect(bench.begin(CODE).next()).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/Upgrade Bellhop/),
    });
  });

  it('exchanges keys once more when that failed, and not for ever', async () => {
    const broken = new OpenFailure({ type: 'protocol', detail: 'nonce hash' });
    const bench = new LoginBench((client) => {
      if (bench.opened.length === 0) client.openFailure = broken;
      client.on('auth.sendCode', () => SENT_CODE);
    });
    await expect(bench.begin(CODE).next()).resolves.toMatchObject({ type: 'input' });
    const hopeless = new LoginBench((client) => {
      client.openFailure = broken;
    });
    await expect(hopeless.begin(CODE).next()).rejects.toMatchObject({ code: 'network' });
    expect(hopeless.opened).toHaveLength(3);
  });

  it('comes back under the same key when the line broke while the person looked for the code', async () => {
    const bench = codeBench(() => AUTHORIZATION);
    const login = bench.begin(CODE);
    await login.next();
    bench.opened[0]?.client.end();
    await settle();
    await login.answer({ code: '12345' });
    expect(bench.opened).toHaveLength(2);
    expect(bench.opened[1]?.options.key).toEqual(bench.opened[0]?.client.ownKey);
    expect(bench.called('auth.sendCode')).toHaveLength(1);
    expect(bench.kept).toHaveLength(1);
  });
});

describe('linking by QR code', () => {
  const token = (seed: number, expires: number): TlObject => ({
    _: 'auth.loginToken',
    token: new Uint8Array([0xfb, 0xff, seed]),
    expires,
  });
  const UPDATE: TlObject = { _: 'updateShort', update: { _: 'updateLoginToken' }, date: 1 };
  const nowSeconds = Math.floor(new LoginBench(() => undefined).clock.now() / 1000);

  it('shows a code that a phone understands, and the next one when it has expired', async () => {
    const bench = new LoginBench((client) =>
      client.on('auth.exportLoginToken', inTurn(token(1, nowSeconds + 30), token(2, nowSeconds + 60))),
    );
    const login = bench.begin({ method: 'qr' });
    await expect(login.next()).resolves.toMatchObject({
      type: 'display',
      display: 'qr',
      data: 'tg://login?token=-_8B',
      expiresAt: (nowSeconds + 30) * 1000,
      label: expect.stringContaining('Link Desktop Device'),
    });
    const second = login.next();
    await bench.clock.advance(30_000);
    await expect(second).resolves.toMatchObject({ data: 'tg://login?token=-_8C' });
    await login.cancel();
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('is linked as soon as the phone has scanned', async () => {
    const success = { _: 'auth.loginTokenSuccess', authorization: AUTHORIZATION };
    const bench = new LoginBench((client) =>
      client.on('auth.exportLoginToken', inTurn(token(1, nowSeconds + 30), success)),
    );
    const login = bench.begin({ method: 'qr' });
    await login.next();
    bench.opened[0]?.client.push(UPDATE);
    await expect(login.next()).resolves.toMatchObject({ type: 'complete' });
    expect(bench.kept).toHaveLength(1);
  });

  it('follows the account to its data centre, and asks for the password there', async () => {
    const bench = new LoginBench((client, { dcId }) => {
      const away = { _: 'auth.loginTokenMigrateTo', dcId: 5, token: new Uint8Array([9]) };
      if (dcId !== 5) client.on('auth.exportLoginToken', inTurn(token(1, nowSeconds + 30), away));
      client.on('auth.importLoginToken', inTurn(rpc(401, 'SESSION_PASSWORD_NEEDED')));
      client.on('account.getPassword', () => PASSWORD).on('auth.checkPassword', () => AUTHORIZATION);
    });
    const login = bench.begin({ method: 'qr' });
    await login.next();
    bench.opened[0]?.client.push(UPDATE);
    await expect(login.next()).resolves.toMatchObject({ fields: [{ id: 'password' }] });
    await login.answer({ password: 'kit secret' });
    expect(bench.kept).toMatchObject([{ dcId: 5 }]);
  });

  it('keeps a wrong clock of this machine from showing a code too briefly or too long', async () => {
    const bench = new LoginBench((client) =>
      client.on('auth.exportLoginToken', inTurn(token(1, 1), token(2, 4_000_000_000))),
    );
    const login = bench.begin({ method: 'qr' });
    await expect(login.next()).resolves.toMatchObject({ expiresAt: bench.clock.now() + 5_000 });
    const second = login.next();
    await bench.clock.advance(5_000);
    await expect(second).resolves.toMatchObject({ expiresAt: bench.clock.now() + 60_000 });
    await login.cancel();
  });
});

describe('linking a bot', () => {
  it('asks for the token, and again where it is not right', async () => {
    const bench = new LoginBench(() => undefined);
    bench.verifyToken = async (token) => {
      if (token !== '1:good') throw new LoginError('rejected', 'The token is not right.');
      return { kind: 'bot', id: '1', username: 'desk_bot', token };
    };
    const login = bench.begin({ method: 'bot' });
    await expect(login.next()).resolves.toMatchObject({ fields: [{ id: 'token' }] });
    await expect(login.answer({ token: '1:bad' })).rejects.toMatchObject({ code: 'rejected' });
    await login.answer({ token: ' 1:good ' });
    await expect(login.next()).resolves.toMatchObject({ account: { address: '@desk_bot', kind: 'bot' } });
    expect(bench.opened).toEqual([]);
  });
});

describe('a login that comes to nothing', () => {
  it('keeps nothing and takes back what it may have authorised when it is cancelled', async () => {
    let arrived: () => void = () => undefined;
    const isSigning = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const bench = new LoginBench((client) => {
      client.on('auth.sendCode', () => SENT_CODE).on('auth.logOut', () => true);
      client.on('auth.signIn', (_call, { signal }) => {
        arrived();
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(lost(true)), { once: true });
        });
      });
    });
    const login = bench.begin(CODE);
    await login.next();
    const answered = login.answer({ code: '12345' });
    const next = login.next();
    await isSigning;
    await login.cancel();
    await expect(answered).rejects.toMatchObject({ code: 'cancelled' });
    await expect(next).rejects.toMatchObject({ code: 'cancelled' });
    expect(bench.called('auth.logOut')).toHaveLength(1);
    expect(bench.kept).toEqual([]);
    expect(bench.opened[0]?.client.isClosed).toBe(true);
    await login.cancel();
  });

  it('takes back the authorization when the vault cannot keep it', async () => {
    const bench = codeBench(() => AUTHORIZATION);
    bench.keep = () => {
      throw new Error('disk full');
    };
    const login = bench.begin(CODE);
    await login.next();
    await expect(login.answer({ code: '12345' })).rejects.toMatchObject({ name: 'LoginError' });
    await settle();
    expect(bench.called('auth.logOut')).toHaveLength(1);
  });

  it('is cancelled when the session is closed under it', async () => {
    const bench = codeBench(() => AUTHORIZATION);
    const login = bench.begin(CODE);
    await login.next();
    const next = login.next();
    bench.life.abort();
    await expect(next).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('has no other ways, and no answers where nothing was asked', async () => {
    const bench = codeBench(() => AUTHORIZATION);
    await expect(bench.begin({ method: 'smoke' }).next()).rejects.toMatchObject({ code: 'unsupported' });
    await expect(bench.begin(CODE).answer({ code: '1' })).rejects.toMatchObject({ code: 'unsupported' });
  });
});
