import type { Random } from '../../../../src/core/random.ts';
import type { CallContext, Wire } from '../rpc.ts';
import { RpcError } from '../rpc.ts';
import type { AccountRecord, Authorization, WorldState } from './state.ts';

/** Whose key is whose, and how keys die. */
export class Authorizations {
  readonly #state: WorldState;
  readonly #random: Random;
  readonly #now: () => number;
  readonly #wire: Wire;

  constructor(deps: {
    readonly state: WorldState;
    readonly random: Random;
    readonly now: () => number;
    readonly wire: Wire;
  }) {
    this.#state = deps.state;
    this.#random = deps.random;
    this.#now = deps.now;
    this.#wire = deps.wire;
  }

  /** The record of a key; a key that was never heard of belongs to nobody yet. */
  of(context: Pick<CallContext, 'key'>): Authorization {
    const { keyId, dcId } = context.key;
    const known = this.#state.authorizations.get(keyId);
    if (known !== undefined) return known;
    const fresh: Authorization = {
      keyId,
      dcId,
      stage: 'none',
      hash: Buffer.from(this.#random.bytes(8)).readBigInt64BE(0),
      since: this.#now(),
      seq: 0,
      known: new Set(),
    };
    this.#state.authorizations.set(keyId, fresh);
    return fresh;
  }

  /** Logs a key in, without the ceremony: for tests that begin later. */
  bind(key: CallContext['key'], account: AccountRecord, stage: Authorization['stage'] = 'full'): Authorization {
    const authorization = this.of({ key });
    authorization.accountId = account.id;
    authorization.stage = stage;
    return authorization;
  }

  /** The account of a key, or the error that the call gets. */
  require(authorization: Authorization): AccountRecord {
    if (authorization.stage === 'password') throw new RpcError(401, 'SESSION_PASSWORD_NEEDED');
    const account =
      authorization.accountId === undefined ? undefined : this.#state.accounts.get(authorization.accountId);
    if (account === undefined || authorization.stage === 'none') throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
    if (account.standing === 'banned') throw new RpcError(401, 'USER_DEACTIVATED_BAN');
    if (account.standing === 'deleted') throw new RpcError(401, 'USER_DEACTIVATED');
    return account;
  }

  logOut(authorization: Authorization): void {
    delete authorization.accountId;
    authorization.stage = 'none';
    authorization.known.clear();
  }

  keysOf(account: AccountRecord): readonly Authorization[] {
    return [...this.#state.authorizations.values()].filter(({ accountId }) => accountId === account.id);
  }

  /**
   * Every call of the account's keys gets this error from now on. `poke` pushes `updatesTooLong` beforehand, so that a client that waits
   * asks, and learns of it.
   */
  kill(
    account: AccountRecord,
    error: { readonly code: number; readonly text: string },
    options = { poke: false },
  ): void {
    for (const authorization of this.keysOf(account)) {
      authorization.dead = error;
      if (options.poke) this.#wire.push(authorization.keyId, { _: 'updatesTooLong' });
    }
  }

  /** The keys are forgotten, as if they had never been made: transport error -404. */
  forget(account: AccountRecord): void {
    for (const { keyId } of this.keysOf(account)) {
      this.#state.authorizations.delete(keyId);
      this.#wire.forgetKey(keyId);
    }
  }
}
