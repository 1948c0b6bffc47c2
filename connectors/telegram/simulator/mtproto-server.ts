import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { RpcHandler, Wire } from './rpc.ts';
import type { Codecs } from './tl/installed-schemas.ts';
import { loadCodecs } from './tl/installed-schemas.ts';
import { longOf } from './wire/bytes.ts';
import type { RecordedInit } from './wire/call-desk.ts';
import { CallDesk } from './wire/call-desk.ts';
import { CallFaults } from './wire/call-faults.ts';
import type { Endpoint } from './wire/config-answer.ts';
import type { Connection, ConnectionDeps } from './wire/connection.ts';
import { transportError } from './wire/connection.ts';
import { DcListener } from './wire/dc-listener.ts';
import { Doors } from './wire/doors.ts';
import { WireFaults } from './wire/faults.ts';
import { KeyRing } from './wire/key-ring.ts';
import { LocalCalls } from './wire/local-calls.ts';
import { Pushes } from './wire/pushes.ts';
import { Receiver } from './wire/receiver.ts';
import { RsaKey } from './wire/rsa-key.ts';
import { Rules } from './wire/rules.ts';
import { ServerMessageIds } from './wire/server-message-ids.ts';
import { ServiceDesk } from './wire/service-desk.ts';
import { ViolationLog } from './wire/violations.ts';

const LOOPBACK = '127.0.0.1';

export interface MtprotoServerOptions {
  clock: Clock;
  random: Random;
  /** Answers every call that is not about the wire itself. */
  handler: RpcHandler;
  /** Ids of the data centres; each has a port of its own. */
  dcs: readonly number[];
  /** An address of loopback. */
  host?: string;
}

/**
 * Telegram's servers as far as the wire goes: the transports, keys, envelopes and sessions of MTProto 2.0, for clients that are not
 * modified. What is called is the handler's; what is pushed comes through `wire`. What the server knows does not outlive it yet.
 */
export class MtprotoServer {
  readonly violations: ViolationLog;
  readonly faults: WireFaults;
  readonly rules = new Rules();
  /** Every announcement (`initConnection`), oldest first. */
  readonly inits: RecordedInit[] = [];
  /** Failures of our own side; a test that is well has none. */
  readonly internalErrors: Error[] = [];
  readonly wire: Wire;
  readonly #options: MtprotoServerOptions;
  readonly #rsa: RsaKey;
  readonly #keys: KeyRing;
  readonly #ids: ServerMessageIds;
  readonly #pushes: Pushes;
  readonly #callFaults = new CallFaults();
  readonly #doors = new Doors();
  #codecs: Codecs = new Map();
  #listeners: DcListener[] = [];

  constructor(options: MtprotoServerOptions) {
    this.#options = options;
    this.violations = new ViolationLog(options);
    this.#rsa = new RsaKey();
    this.#ids = new ServerMessageIds(options);
    this.#keys = new KeyRing({ clock: options.clock, ids: this.#ids });
    this.#pushes = new Pushes({ keys: this.#keys, codecs: () => this.#codecs });
    const connections = (): readonly Connection[] => this.#listeners.flatMap((listener) => listener.connections);
    this.faults = new WireFaults({ calls: this.#callFaults, pushes: this.#pushes, doors: this.#doors, connections });
    this.wire = {
      push: (keyId, updates) => this.#pushes.push(keyId, updates),
      forgetKey: (keyId) => this.#forgetKey(keyId),
      cut: (keyId) => this.faults.cut(keyId),
    };
  }

  /** RSA public key, PKCS #1 PEM: for `channels.telegram.serverKeys`. */
  get publicKeyPem(): string {
    return this.#rsa.publicPem;
  }

  /** The layers that clients may announce. Empty before `start`. */
  get layers(): readonly number[] {
    return [...this.#codecs.keys()];
  }

  /** Where a data centre listens. Throws on one that there is not, and before `start`. */
  endpoint(dcId: number): Endpoint {
    const found = this.#endpoints().find((endpoint) => endpoint.dcId === dcId);
    if (found === undefined) throw new Error(`no data centre ${dcId} is listening`);
    return found;
  }

  /** Reads the schemas of the installed libraries and listens. Rejects where there is none, or a port is taken. */
  async start(): Promise<void> {
    this.#codecs = await loadCodecs();
    const deps = { ...this.#connectionDeps(), doors: this.#doors };
    this.#listeners = this.#options.dcs.map((dcId) => new DcListener({ ...deps, dcId }));
    for (const listener of this.#listeners) await listener.start(this.#host, 0);
  }

  /** Ends every connection. What the server knows stays, for another `start`. */
  async stop(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    await Promise.all(listeners.map((listener) => listener.stop()));
  }

  get #host(): string {
    return this.#options.host ?? LOOPBACK;
  }

  #endpoints(): Endpoint[] {
    return this.#listeners.map(({ dcId, port }) => ({ host: this.#host, port, dcId }));
  }

  #forgetKey(keyId: string): void {
    this.faults.transportError(transportError.unknownKey, keyId);
    this.#keys.forget(keyId);
  }

  #connectionDeps(): ConnectionDeps {
    const { clock, random, handler } = this.#options;
    const { violations, rules, inits, internalErrors } = this;
    const keys = this.#keys;
    const local = new LocalCalls({ clock, keys, endpoints: () => this.#endpoints() });
    const faults = this.#callFaults;
    const codecs = this.#codecs;
    const calls = new CallDesk({ clock, codecs, handler, local, rules, faults, violations, inits, internalErrors });
    const services = new ServiceDesk({ clock, keys, violations });
    const randomLong = (): bigint => longOf(random.bytes(8));
    const receiver = new Receiver({ clock, calls, services, violations, randomLong });
    return { clock, random, rsa: this.#rsa, keys, ids: this.#ids, receiver, violations };
  }
}
