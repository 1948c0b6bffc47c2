import type { Clock } from '../../../src/core/clock.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import type { Random } from '../../../src/core/random.ts';
import { MtprotoServer } from './mtproto-server.ts';
import { Guest } from './people/guest.ts';
import type { Duty } from './wire/duties.ts';
import type { WireFaults } from './wire/faults.ts';
import type { Enforcement } from './world/enforcement.ts';
import type { Levers } from './world/levers.ts';
import { createPassword } from './world/password.ts';
import type { Rules } from './world/rules.ts';
import type { AccountRecord } from './world/state.ts';
import type { NewAccount } from './world/town.ts';
import type { UpdateStream } from './world/update-stream.ts';
import { World } from './world/world.ts';

/** What `initConnection` and logins of the network under test carry: any number and any hash of the right form will do. */
export const SANDBOX_API = { apiId: 10_001, apiHash: '0123456789abcdef0123456789abcdef' } as const;

const DATA_CENTRES = [1, 2] as const;

/** Plain JSON with private keys in it; both halves check what they are given. */
export interface NetworkState {
  readonly wire: unknown;
  readonly world: JsonValue;
}

export interface TelegramNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What {@link TelegramNetwork.exportState} gave in an earlier life. Throws on anything else. */
  readonly state?: NetworkState;
}

/** Telegram in a box: the wire on loopback, the world behind it, and the people in it. */
export class TelegramNetwork {
  readonly world: World;
  readonly server: MtprotoServer;

  constructor({ clock, random, state }: TelegramNetworkOptions) {
    const wire = {
      push: (...args: Parameters<MtprotoServer['wire']['push']>): void => this.server.wire.push(...args),
      forgetKey: (keyId: string): void => this.server.wire.forgetKey(keyId),
      cut: (keyId?: string): void => this.server.wire.cut(keyId),
    };
    this.world = new World({ clock, random, wire, ...(state === undefined ? {} : { state: state.world }) });
    const options = { clock, random, handler: this.world, dcs: DATA_CENTRES };
    this.server = new MtprotoServer({ ...options, ...(state === undefined ? {} : { state: state.wire }) });
  }

  /** Rejects when no library of the connector is installed: the schemas are theirs. */
  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** The servers' and clients' keys, accounts, chats, messages and files. Throws before the first `start`. */
  exportState(): NetworkState {
    return { wire: this.server.exportState(), world: this.world.exportState() };
  }

  /** `channels.telegram` that leads a session here. */
  get config() {
    const { host, port, dcId } = this.server.endpoint(DATA_CENTRES[0]);
    return { ...SANDBOX_API, endpoint: { host, port, dcId }, serverKeys: [this.server.publicKeyPem] };
  }

  /** An account that a session can be linked to. */
  createAccount(wanted: NewAccount = {}): AccountRecord {
    return this.world.town.createAccount(wanted);
  }

  /** Somebody with a phone, who speaks with `desk`. */
  createGuest(desk: AccountRecord, wanted: NewAccount = {}): Guest {
    return new Guest({ world: this.world, account: this.createAccount(wanted), desk });
  }

  /** The login code that the account's phone shows. */
  codeOf(account: AccountRecord): string | undefined {
    return this.codeFor(account.phone);
  }

  /** The same for any number, also one without an account. */
  codeFor(phone: string): string | undefined {
    return this.world.parts.desk.lastCode(phone);
  }

  /** Two-step verification from now on, or with `null` none any more; devices that are in stay in. Takes some 100 ms. */
  setPassword(account: AccountRecord, password: string | null): void {
    if (password === null) delete account.password;
    else account.password = createPassword(password, this.world.parts.random);
  }

  /** The account's phone scans what `tg://login?token=…` shows. Throws RpcError on a token that is old or used. */
  scan(account: AccountRecord, url: string): void {
    const text = new URL(url).searchParams.get('token') ?? '';
    const keyId = this.world.parts.desk.acceptLoginToken(account, new Uint8Array(Buffer.from(text, 'base64url')));
    const date = Math.floor(this.world.parts.clock.now() / 1000);
    this.server.wire.push(keyId, { _: 'updateShort', update: { _: 'updateLoginToken' }, date });
  }

  /** Keys that are logged in to the account. */
  keysOf(account: AccountRecord): readonly string[] {
    return this.world.parts.pushes.keysOf(account.id).map(({ keyId }) => keyId);
  }

  /** Whatever a client did that no real one does; tests assert that there is nothing. */
  get violations(): readonly { readonly code: string; readonly detail: string }[] {
    return [...this.server.violations.all(), ...this.world.parts.violations.all()];
  }

  /** What clients owe: see `Duties`. Tests assert that nothing of it is late. */
  get owed(): readonly Duty[] {
    return this.server.owed;
  }

  /** What goes wrong between client and network. */
  get faults(): WireFaults {
    return this.server.faults;
  }

  /** What the network answers instead of an answer. */
  get levers(): Levers {
    return this.world.parts.levers;
  }

  /** Who looks for machines, when somebody does. */
  get enforcement(): Enforcement {
    return this.world.parts.enforcement;
  }

  get rules(): Rules {
    return this.world.parts.rules;
  }

  /** The way of updates, with its policy. */
  get stream(): UpdateStream {
    return this.world.parts.stream;
  }

  /** Everything works again; what was cut stays cut. */
  clearFaults(): void {
    this.faults.clear();
    this.levers.clear();
    this.enforcement.enforce(null);
    this.stream.policy = undefined;
    this.stream.discard();
  }
}
