import type { Clock } from '../../../../src/core/clock.ts';
import type { JsonValue } from '../../../../src/core/json.ts';
import type { Random } from '../../../../src/core/random.ts';
import type { TlObject, TlValue } from '../../tl.ts';
import { isObject } from '../../tl-fields.ts';
import type { CallContext, RpcHandler, Wire } from '../rpc.ts';
import { RpcError } from '../rpc.ts';
import { isList } from './fields.ts';
import { fileMethods, loginMethods, type OpenMethodTable, sessionMethods } from './methods/account.ts';
import { changeMethods } from './methods/changes.ts';
import { chatMethods } from './methods/chats.ts';
import { historyMethods } from './methods/history.ts';
import { peopleMethods } from './methods/people.ts';
import { sendingMethods } from './methods/sending.ts';
import { updateMethods } from './methods/updates.ts';
import { assembleParts, type Caller, type MethodTable, type WorldParts } from './parts.ts';
import { userKey } from './peers.ts';
import { loadState, saveState } from './saved-state.ts';
import type { AccountRecord } from './state.ts';
import { emptyState } from './state.ts';
import { TownHall } from './town.ts';

const SECRET_BYTES = 16;

export interface WorldOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Where pushes go; `keyId` is that of the calls' context. */
  readonly wire: Wire;
  /** What `exportState` gave in an earlier life. */
  readonly state?: JsonValue;
}

/**
 * What the network knows and does, without transport: `handle` answers one call, pushes go to `wire`. Synchronous and cheap, so that a
 * property test can live many lives a second in it.
 */
export class World implements RpcHandler {
  readonly parts: WorldParts;
  readonly town: TownHall;
  readonly #open: OpenMethodTable;
  readonly #files: MethodTable;
  readonly #methods: MethodTable;
  readonly #closedToFrozen: ReadonlySet<string>;

  constructor({ clock, random, wire, state }: WorldOptions) {
    const secret = (): string => Buffer.from(random.bytes(SECRET_BYTES)).toString('hex');
    const restored = state === undefined ? emptyState(secret()) : loadState(state);
    this.parts = assembleParts({ state: restored, clock, random, wire });
    this.town = new TownHall(this.parts);
    this.#open = loginMethods(this.parts);
    this.#files = fileMethods(this.parts);
    this.#closedToFrozen = new Set(Object.keys({ ...sendingMethods(this.parts), ...changeMethods(this.parts) }));
    this.#methods = {
      ...sessionMethods(this.parts),
      ...peopleMethods(this.parts),
      ...chatMethods(this.parts),
      ...historyMethods(this.parts),
      ...sendingMethods(this.parts),
      ...changeMethods(this.parts),
      ...updateMethods(this.parts),
    };
  }

  /** Throws RpcError. */
  handle(call: TlObject, context: CallContext): TlValue {
    const { authorizations, levers, violations } = this.parts;
    const authorization = authorizations.of(context);
    if (authorization.dead !== undefined) throw new RpcError(authorization.dead.code, authorization.dead.text);
    levers.before(call._, authorization);
    const open = this.#open[call._];
    if (open !== undefined) {
      const answer = open(call, authorization);
      levers.after(call._, authorization);
      return answer;
    }
    const method = this.#files[call._] ?? this.#methods[call._];
    if (method === undefined) {
      violations.record('unknown_method', call._);
      throw new RpcError(400, 'METHOD_INVALID');
    }
    const account = authorizations.require(authorization);
    if (authorization.stage === 'files' && this.#files[call._] === undefined) {
      throw new RpcError(303, `USER_MIGRATE_${account.dcId}`);
    }
    if (account.standing === 'frozen' && this.#closedToFrozen.has(call._))
      throw new RpcError(420, 'FROZEN_METHOD_INVALID');
    const caller = { account, authorization, keyId: authorization.keyId };
    const answer = method(call, caller);
    this.#remember(answer, caller);
    levers.after(call._, authorization);
    return answer;
  }

  /** All accounts, chats, messages, files and keys, as JSON with passwords' verifiers in it. */
  exportState(): JsonValue {
    return saveState(this.parts.state);
  }

  account(id: bigint): AccountRecord {
    return this.parts.peers.account(id);
  }

  /** The id under which `viewer` has the message that `holder` has under `id`. */
  translate(id: number, holder: AccountRecord, viewer: AccountRecord): number | undefined {
    const copy = holder.box.copies.get(id);
    return copy === undefined ? undefined : viewer.box.byUid.get(copy.uid);
  }

  /** People whom an answer named can be named shortly from then on. */
  #remember(answer: TlValue, { authorization }: Caller): void {
    if (!isObject(answer)) return;
    const { users } = answer;
    if (!isList(users)) return;
    for (const user of users) {
      if (isObject(user) && user['min'] !== true && typeof user['id'] === 'bigint')
        authorization.known.add(userKey(user['id']));
    }
  }
}
