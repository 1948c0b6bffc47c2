import { expect } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Guest } from '../simulator/people/guest.ts';
import type { CallContext } from '../simulator/rpc.ts';
import { RpcError } from '../simulator/rpc.ts';
import type { AccountRecord } from '../simulator/world/state.ts';
import type { NewAccount } from '../simulator/world/town.ts';
import { World } from '../simulator/world/world.ts';
import type { TlObject, TlValue } from '../tl.ts';

const init = {
  layer: 227,
  apiId: 1,
  deviceModel: 'Test',
  systemVersion: '1',
  appVersion: '1',
  langCode: 'en',
  systemLangCode: 'en',
};
export const application = { apiId: 1, apiHash: '0123456789abcdef0123456789abcdef' };

/** A client without wire: it calls the world, and keeps what it is pushed. */
export class TestClient {
  readonly pushed: TlObject[] = [];
  readonly keyId: string;
  readonly #world: World;
  readonly #context: CallContext;

  constructor(world: World, keyId: string, dcId = 1) {
    this.#world = world;
    this.keyId = keyId;
    this.#context = { key: { keyId, dcId }, sessionId: 'session', init, withoutUpdates: false };
  }

  get context(): CallContext {
    return this.#context;
  }

  call(method: string, fields: Record<string, TlValue> = {}): TlObject {
    // Answers of the methods that tests call are objects; the few others are asked for by `value`.
    return this.value(method, fields) as TlObject;
  }

  value(method: string, fields: Record<string, TlValue> = {}): TlValue {
    return this.#world.handle({ _: method, ...fields }, this.#context);
  }

  /** The word of the error that a call gets. */
  refusal(method: string, fields: Record<string, TlValue> = {}): string {
    try {
      this.value(method, fields);
    } catch (error) {
      if (error instanceof RpcError) return `${error.code} ${error.text}`;
      throw error;
    }
    return 'none';
  }

  /** All updates that were pushed, out of their containers. */
  updates(): readonly TlObject[] {
    return this.pushed.flatMap((one) => {
      if (one._ === 'updateShort') return [one['update']] as readonly TlObject[];
      return one._ === 'updates' ? (one['updates'] as readonly TlObject[]) : [one];
    });
  }
}

/** A world on a clock that stands still, with clients and guests. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly world: World;
  readonly forgotten: string[] = [];
  readonly #clients = new Map<string, TestClient>();

  constructor(seed = 1) {
    this.world = new World({
      clock: this.clock,
      random: seededRandom(seed),
      wire: {
        push: (keyId, updates) => void this.#clients.get(keyId)?.pushed.push(updates),
        forgetKey: (keyId) => void this.forgotten.push(keyId),
        cut: () => undefined,
      },
    });
  }

  client(keyId: string, dcId = 1): TestClient {
    const client = new TestClient(this.world, keyId, dcId);
    this.#clients.set(keyId, client);
    return client;
  }

  /** An account with a client that is logged in. */
  desk(wanted: NewAccount = {}, keyId = 'aa00'): { readonly account: AccountRecord; readonly client: TestClient } {
    const account = this.world.town.createAccount({ firstName: 'Desk', ...wanted });
    return { account, client: this.login(account, keyId) };
  }

  login(account: AccountRecord, keyId: string): TestClient {
    const client = this.client(keyId, account.dcId);
    this.world.parts.authorizations.bind(client.context.key, account);
    return client;
  }

  guest(desk: AccountRecord, wanted: NewAccount = {}): Guest {
    return new Guest({ world: this.world, account: this.world.town.createAccount(wanted), desk });
  }

  /** The guest as the client of the desk would name it, having come by the hash honestly. */
  inputUser(desk: AccountRecord, other: AccountRecord): TlObject {
    const accessHash = this.world.parts.peers.accessHash(desk.id, `u${other.id}`);
    return { _: 'inputPeerUser', userId: other.id, accessHash };
  }

  expectNoViolations(): void {
    expect(this.world.parts.violations.all()).toEqual([]);
  }
}
