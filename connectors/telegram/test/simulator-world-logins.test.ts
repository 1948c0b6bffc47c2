import { computeSrpParams, NodeCryptoProvider } from '@mtcute/node/utils.js';
import { describe, expect, it } from 'vitest';
import type { AccountRecord } from '../simulator/world/state.ts';
import type { TlObject } from '../tl.ts';
import { application, Stage, type TestClient } from './simulator-world-support.ts';

const PHONE = '+4915112345678';

/** Sends a code and signs in with what `typed` makes of it; the word of the refusal, or the kind of the answer. */
function signIn(stage: Stage, client: TestClient, typed = (code: string) => code): string {
  const sent = client.call('auth.sendCode', { phoneNumber: PHONE, ...application });
  const phoneCode = typed(stage.world.parts.desk.lastCode(PHONE) ?? '');
  const call = { phoneNumber: PHONE, phoneCodeHash: sent['phoneCodeHash'] ?? '', phoneCode };
  const refusal = client.refusal('auth.signIn', call);
  return refusal === 'none' ? 'in' : refusal;
}

async function prove(client: TestClient, typed: string): Promise<TlObject> {
  const password = client.call('account.getPassword');
  const algorithm = password['currentAlgo'] as TlObject;
  const { salt1, salt2, p, g } = algorithm as unknown as Record<string, Uint8Array>;
  const request = {
    _: 'account.password',
    currentAlgo: { _: algorithm._, salt1, salt2, p, g: Number(g) },
    srpB: password['srpB'],
    srpId: password['srpId'],
  };
  const crypto = new NodeCryptoProvider();
  await crypto.initialize();
  const proof = await computeSrpParams(crypto, request as unknown as Parameters<typeof computeSrpParams>[1], typed);
  return {
    _: proof._,
    srpId: password['srpId'],
    A: Uint8Array.from(proof.A),
    M1: Uint8Array.from(proof.M1),
  };
}

describe('a login by code', () => {
  it('takes the code that the phone shows, and only while it lives', async () => {
    const stage = new Stage();
    const account = stage.world.town.createAccount({ phone: PHONE });
    const client = stage.client('aa00');
    expect(client.refusal('updates.getState')).toBe('401 AUTH_KEY_UNREGISTERED');
    expect(signIn(stage, client, () => '')).toBe('400 PHONE_CODE_EMPTY');
    expect(signIn(stage, client, (code) => `x${code}`)).toBe('400 PHONE_CODE_INVALID');
    const sent = client.call('auth.sendCode', { phoneNumber: PHONE, ...application });
    await stage.clock.advance(600_000);
    const late = { phoneNumber: PHONE, phoneCodeHash: sent['phoneCodeHash'] ?? '', phoneCode: '1' };
    expect(client.refusal('auth.signIn', late)).toBe('400 PHONE_CODE_EXPIRED');
    expect(signIn(stage, client)).toBe('in');
    expect(client.value('users.getUsers', { id: [{ _: 'inputUserSelf' }] })).toMatchObject([
      { id: account.id, self: true, phone: '4915112345678' },
    ]);
    expect(client.call('auth.logOut')).toEqual({ _: 'auth.loggedOut' });
    expect(client.refusal('updates.getState')).toBe('401 AUTH_KEY_UNREGISTERED');
  });

  it('goes to the data centre of the account, and needs a number and an application that exist', () => {
    const stage = new Stage();
    stage.world.town.createAccount({ phone: PHONE, dcId: 2 });
    const client = stage.client('aa00');
    const send = (fields: Record<string, string | number>): string =>
      client.refusal('auth.sendCode', { phoneNumber: PHONE, ...application, ...fields });
    expect(send({})).toBe('303 PHONE_MIGRATE_2');
    expect(send({ phoneNumber: 'nobody' })).toBe('400 PHONE_NUMBER_INVALID');
    expect(send({ apiHash: 'x' })).toBe('400 API_ID_INVALID');
    stage.world.parts.desk.banPhone(PHONE);
    expect(send({})).toBe('400 PHONE_NUMBER_BANNED');
  });

  it('of a number without an account asks for a sign-up', () => {
    const stage = new Stage();
    const client = stage.client('aa00');
    const sent = client.call('auth.sendCode', { phoneNumber: PHONE, ...application });
    const phoneCode = stage.world.parts.desk.lastCode(PHONE) ?? '';
    const call = { phoneNumber: PHONE, phoneCodeHash: sent['phoneCodeHash'] ?? '', phoneCode };
    expect(client.call('auth.signIn', call)).toEqual({ _: 'auth.authorizationSignUpRequired' });
  });

  it('asks for the password where there is one, and takes only the right one', async () => {
    const stage = new Stage();
    stage.world.town.createAccount({ phone: PHONE, password: 'kit secret' });
    const client = stage.client('aa00');
    expect(signIn(stage, client)).toBe('401 SESSION_PASSWORD_NEEDED');
    expect(client.refusal('updates.getState')).toBe('401 SESSION_PASSWORD_NEEDED');
    const wrong = await prove(client, 'guessed');
    expect(client.refusal('auth.checkPassword', { password: wrong })).toBe('400 PASSWORD_HASH_INVALID');
    expect(client.refusal('auth.checkPassword', { password: wrong })).toBe('400 SRP_ID_INVALID');
    expect(client.refusal('auth.checkPassword', { password: await prove(client, 'kit secret') })).toBe('none');
    expect(client.call('updates.getState')).toMatchObject({ _: 'updates.state' });
  });
});

describe('a login by token', () => {
  const exported = (client: TestClient): TlObject =>
    client.call('auth.exportLoginToken', { ...application, exceptIds: [] });
  const scan = (stage: Stage, account: AccountRecord, token: TlObject): TestClient => {
    const phone = stage.login(account, 'ff00');
    phone.call('auth.acceptLoginToken', { token: token['token'] ?? '' });
    return phone;
  };

  it('ends when the phone accepted it, and says so', () => {
    const stage = new Stage();
    const account = stage.world.town.createAccount();
    const client = stage.client('aa00');
    const token = exported(client);
    expect(token).toMatchObject({ _: 'auth.loginToken' });
    scan(stage, account, token);
    expect(client.updates()).toEqual([{ _: 'updateLoginToken' }]);
    expect(exported(client)).toMatchObject({
      _: 'auth.loginTokenSuccess',
      authorization: { user: { id: account.id } },
    });
    expect(client.call('updates.getState')).toMatchObject({ _: 'updates.state' });
  });

  it('moves to the data centre of the account', () => {
    const stage = new Stage();
    const account = stage.world.town.createAccount({ dcId: 2 });
    const client = stage.client('aa00');
    scan(stage, account, exported(client));
    const moved = exported(client);
    expect(moved).toMatchObject({ _: 'auth.loginTokenMigrateTo', dcId: 2 });
    const there = stage.client('bb00', 2);
    expect(there.call('auth.importLoginToken', { token: moved['token'] ?? '' })).toMatchObject({
      _: 'auth.loginTokenSuccess',
    });
    expect(there.refusal('auth.importLoginToken', { token: moved['token'] ?? '' })).toBe('400 AUTH_TOKEN_INVALID');
  });

  it('is too late after its time, and accepted once', async () => {
    const stage = new Stage();
    const account = stage.world.town.createAccount();
    const client = stage.client('aa00');
    const token = exported(client);
    await stage.clock.advance(60_000);
    const phone = stage.login(account, 'ff00');
    const accept = (one: TlObject): string => phone.refusal('auth.acceptLoginToken', { token: one['token'] ?? '' });
    expect(accept(token)).toBe('400 AUTH_TOKEN_EXPIRED');
    const fresh = exported(client);
    expect(accept(fresh)).toBe('none');
    expect(accept(fresh)).toBe('400 AUTH_TOKEN_ALREADY_ACCEPTED');
  });
});

describe('an authorization', () => {
  it('is carried to another data centre for files, and for nothing else', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const there = stage.client('bb00', 2);
    const exported = client.call('auth.exportAuthorization', { dcId: 2 });
    const ticket = { id: exported['id'] ?? 0n, bytes: exported['bytes'] ?? '' };
    expect(there.call('auth.importAuthorization', ticket)).toMatchObject({ user: { id: account.id } });
    expect(there.refusal('auth.importAuthorization', ticket)).toBe('400 AUTH_BYTES_INVALID');
    expect(there.refusal('updates.getState')).toBe('303 USER_MIGRATE_1');
    const part = { fileId: 1n, filePart: 0, bytes: Uint8Array.of(1) };
    expect(there.value('upload.saveFilePart', part)).toBe(true);
  });

  it('can be revoked, banned, killed and forgotten', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const { authorizations } = stage.world.parts;
    account.standing = 'banned';
    expect(client.refusal('updates.getState')).toBe('401 USER_DEACTIVATED_BAN');
    account.standing = 'active';
    authorizations.kill(account, { code: 406, text: 'AUTH_KEY_DUPLICATED' }, { poke: true });
    expect(client.pushed).toEqual([{ _: 'updatesTooLong' }]);
    expect(client.refusal('auth.sendCode')).toBe('406 AUTH_KEY_DUPLICATED');
    authorizations.forget(account);
    expect(stage.forgotten).toEqual(['aa00']);
    expect(client.refusal('updates.getState')).toBe('401 AUTH_KEY_UNREGISTERED');
  });
});
