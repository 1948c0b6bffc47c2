import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import type { TlObject } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import type { Authorizations } from './authorizations.ts';
import { bytesOf, intOf, longOf, objectOf, textOf } from './fields.ts';
import type { PasswordChallenge } from './password.ts';
import { createChallenge, isProved, passwordObject } from './password.ts';
import type { PeopleRenderer } from './render-people.ts';
import type { Rules } from './rules.ts';
import type { AccountRecord, Authorization, WorldState } from './state.ts';

const CODE_LIFE_MS = 300_000;
const TOKEN_LIFE_MS = 30_000;
const TOKEN_BYTES = 32;
const CODE_LENGTH = 5;

interface SentCode {
  readonly phone: string;
  readonly code: string;
  readonly until: number;
  tries: number;
}

interface LoginToken {
  readonly keyId: string;
  readonly until: number;
  acceptedBy?: bigint;
}

/** What came of a step: an object for the client, or the account that is now in. */
export interface LoginParts {
  readonly state: WorldState;
  readonly authorizations: Authorizations;
  readonly people: PeopleRenderer;
  readonly rules: Rules;
  readonly clock: Clock;
  readonly random: Random;
}

/** Codes, passwords and tokens: how a key gets its account. */
export class LoginDesk {
  readonly #parts: LoginParts;
  readonly #codes = new Map<string, SentCode>();
  readonly #lastCodes = new Map<string, string>();
  readonly #challenges = new Map<string, PasswordChallenge>();
  readonly #tokens = new Map<string, LoginToken>();
  readonly #exports = new Map<string, bigint>();
  readonly #bannedPhones = new Set<string>();

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** What the account's phone shows: the last code that was sent to this number. */
  lastCode(phone: string): string | undefined {
    return this.#lastCodes.get(digits(phone));
  }

  banPhone(phone: string): void {
    this.#bannedPhones.add(digits(phone));
  }

  sendCode(authorization: Authorization, call: TlObject): TlObject {
    checkApplication(call);
    const phone = digits(textOf(call, 'phoneNumber'));
    if (!/^\d{7,15}$/.test(phone)) throw new RpcError(400, 'PHONE_NUMBER_INVALID');
    if (this.#bannedPhones.has(phone)) throw new RpcError(400, 'PHONE_NUMBER_BANNED');
    const account = this.#byPhone(phone);
    if (account !== undefined && account.dcId !== authorization.dcId)
      throw new RpcError(303, `PHONE_MIGRATE_${account.dcId}`);
    const code = Array.from({ length: CODE_LENGTH }, () => Math.floor(this.#parts.random.next() * 10)).join('');
    const phoneCodeHash = Buffer.from(this.#parts.random.bytes(9)).toString('hex');
    this.#codes.set(phoneCodeHash, { phone, code, until: this.#parts.clock.now() + CODE_LIFE_MS, tries: 0 });
    this.#lastCodes.set(phone, code);
    return { _: 'auth.sentCode', type: { _: 'auth.sentCodeTypeApp', length: CODE_LENGTH }, phoneCodeHash };
  }

  signIn(authorization: Authorization, call: TlObject): TlObject {
    const hash = textOf(call, 'phoneCodeHash');
    const sent = this.#codes.get(hash);
    const phone = digits(textOf(call, 'phoneNumber'));
    if (sent === undefined || sent.until < this.#parts.clock.now()) throw new RpcError(400, 'PHONE_CODE_EXPIRED');
    if (sent.phone !== phone) throw new RpcError(400, 'PHONE_NUMBER_INVALID');
    const code = textOf(call, 'phoneCode', '');
    if (code === '') throw new RpcError(400, 'PHONE_CODE_EMPTY');
    if (code !== sent.code) {
      sent.tries += 1;
      if (sent.tries >= this.#parts.rules.codeTries) this.#codes.delete(hash);
      throw new RpcError(400, 'PHONE_CODE_INVALID');
    }
    this.#codes.delete(hash);
    const account = this.#byPhone(phone);
    return account === undefined ? { _: 'auth.authorizationSignUpRequired' } : this.#enter(authorization, account);
  }

  password(authorization: Authorization): TlObject {
    const account = this.#accountOf(authorization);
    if (account.password === undefined) return passwordObject(undefined, undefined);
    const challenge = createChallenge(account.password, this.#parts.random);
    this.#challenges.set(authorization.keyId, challenge);
    return passwordObject(account.password, challenge);
  }

  checkPassword(authorization: Authorization, call: TlObject): TlObject {
    const account = this.#accountOf(authorization);
    const proof = objectOf(call, 'password');
    const challenge = this.#challenges.get(authorization.keyId);
    if (proof._ !== 'inputCheckPasswordSRP' || account.password === undefined)
      throw new RpcError(400, 'PASSWORD_HASH_INVALID');
    if (challenge === undefined || challenge.id !== longOf(proof, 'srpId')) throw new RpcError(400, 'SRP_ID_INVALID');
    this.#challenges.delete(authorization.keyId);
    if (!isProved(account.password, challenge, { a: bytesOf(proof, 'A'), m1: bytesOf(proof, 'M1') })) {
      throw new RpcError(400, 'PASSWORD_HASH_INVALID');
    }
    return this.#admit(authorization, account);
  }

  exportLoginToken(authorization: Authorization, call: TlObject): TlObject {
    checkApplication(call);
    const accepted = [...this.#tokens].find(
      ([, one]) => one.keyId === authorization.keyId && one.acceptedBy !== undefined,
    );
    if (accepted !== undefined) {
      const account = this.#parts.state.accounts.get(accepted[1].acceptedBy ?? 0n);
      if (account !== undefined) return this.#redeem(authorization, accepted[0], account);
    }
    const token = this.#parts.random.bytes(TOKEN_BYTES);
    const until = this.#parts.clock.now() + TOKEN_LIFE_MS;
    this.#tokens.set(nameOf(token), { keyId: authorization.keyId, until });
    return { _: 'auth.loginToken', expires: Math.floor(until / 1000), token };
  }

  /** On the data centre of the account, with the token that `loginTokenMigrateTo` gave. */
  importLoginToken(authorization: Authorization, call: TlObject): TlObject {
    const name = nameOf(bytesOf(call, 'token'));
    const token = this.#tokens.get(name);
    if (token === undefined) throw new RpcError(400, 'AUTH_TOKEN_INVALID');
    const account = token.acceptedBy === undefined ? undefined : this.#parts.state.accounts.get(token.acceptedBy);
    if (account === undefined) throw new RpcError(400, 'AUTH_TOKEN_EXPIRED');
    return this.#redeem(authorization, name, account);
  }

  /** A phone of the account scanned it. Answers the key that shows the token. */
  acceptLoginToken(account: AccountRecord, bytes: Uint8Array): string {
    const token = this.#tokens.get(nameOf(bytes));
    if (token === undefined) throw new RpcError(400, 'AUTH_TOKEN_INVALID');
    if (token.until < this.#parts.clock.now()) throw new RpcError(400, 'AUTH_TOKEN_EXPIRED');
    if (token.acceptedBy !== undefined) throw new RpcError(400, 'AUTH_TOKEN_ALREADY_ACCEPTED');
    token.acceptedBy = account.id;
    return token.keyId;
  }

  exportAuthorization(account: AccountRecord, authorization: Authorization, call: TlObject): TlObject {
    if (intOf(call, 'dcId') === authorization.dcId) throw new RpcError(400, 'DC_ID_INVALID');
    const bytes = this.#parts.random.bytes(TOKEN_BYTES);
    this.#exports.set(nameOf(bytes), account.id);
    return { _: 'auth.exportedAuthorization', id: account.id, bytes };
  }

  importAuthorization(authorization: Authorization, call: TlObject): TlObject {
    const name = nameOf(bytesOf(call, 'bytes'));
    const account = this.#parts.state.accounts.get(longOf(call, 'id'));
    if (account === undefined || this.#exports.get(name) !== account.id) throw new RpcError(400, 'AUTH_BYTES_INVALID');
    this.#exports.delete(name);
    this.#parts.authorizations.bind(authorization, account, account.dcId === authorization.dcId ? 'full' : 'files');
    return this.#welcome(account);
  }

  #redeem(authorization: Authorization, name: string, account: AccountRecord): TlObject {
    if (account.dcId !== authorization.dcId) {
      return { _: 'auth.loginTokenMigrateTo', dcId: account.dcId, token: new Uint8Array(Buffer.from(name, 'hex')) };
    }
    this.#tokens.delete(name);
    return { _: 'auth.loginTokenSuccess', authorization: this.#enter(authorization, account) };
  }

  #enter(authorization: Authorization, account: AccountRecord): TlObject {
    if (account.standing === 'banned') throw new RpcError(400, 'PHONE_NUMBER_BANNED');
    if (account.password === undefined) return this.#admit(authorization, account);
    this.#parts.authorizations.bind(authorization, account, 'password');
    throw new RpcError(401, 'SESSION_PASSWORD_NEEDED');
  }

  #admit(authorization: Authorization, account: AccountRecord): TlObject {
    this.#parts.authorizations.bind(authorization, account);
    return this.#welcome(account);
  }

  #welcome(account: AccountRecord): TlObject {
    return { _: 'auth.authorization', user: this.#parts.people.user(account, account) };
  }

  #accountOf({ accountId }: Authorization): AccountRecord {
    const account = accountId === undefined ? undefined : this.#parts.state.accounts.get(accountId);
    if (account === undefined) throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
    return account;
  }

  #byPhone(phone: string): AccountRecord | undefined {
    return [...this.#parts.state.accounts.values()].find(
      (account) => account.phone === phone && account.standing !== 'deleted',
    );
  }
}

function checkApplication(call: TlObject): void {
  const isKnown = intOf(call, 'apiId') > 0 && /^[0-9a-f]{32}$/.test(textOf(call, 'apiHash'));
  if (!isKnown) throw new RpcError(400, 'API_ID_INVALID');
}

export const digits = (phone: string): string => phone.replace(/\D/g, '');
const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
