import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { RpcHandler, Wire } from './rpc.ts';
import type { Codecs } from './tl/installed-schemas.ts';
import { loadCodecs } from './tl/installed-schemas.ts';
import type { RecordedInit } from './wire/announcements.ts';
import { Announcements } from './wire/announcements.ts';
import { longOf } from './wire/bytes.ts';
import { CallDesk } from './wire/call-desk.ts';
import { CallFaults } from './wire/call-faults.ts';
import type { Endpoint } from './wire/config-answer.ts';
import type { Connection, ConnectionDeps } from './wire/connection.ts';
import { transportError } from './wire/connection.ts';
import { DcListener } from './wire/dc-listener.ts';
import { Doors } from './wire/doors.ts';
import type { Duty } from './wire/duties.ts';
import { Duties } from './wire/duties.ts';
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
import type { WireState } from './wire/wire-state.ts';
import { exportKeys, restoreKeys, wireStateSchema } from './wire/wire-state.ts';

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
  /** Wanted ports by id of the data centre; 0 or absent picks a free one, or the one of `state`. */
  ports?: Readonly<Record<number, number>>;
  /** What `exportState` gave in an earlier life. Throws on anything else. */
  state?: unknown;
  /** The RSA key to use where there is no state: making one costs some 100 ms, which tests need not pay for each server. */
  rsa?: RsaKey;
}

/**
 * Telegram's servers as far as the wire goes: the transports, keys, envelopes and sessions of MTProto 2.0, for clients that are not
 * modified. What is called is the handler's; what is pushed comes through `wire`. Strict: what a client does wrong is recorded.
 */
export class MtprotoServer {
  readonly violations: ViolationLog;
  readonly faults: WireFaults;
  readonly duties: Duties;
  readonly rules = new Rules();
  /** Failures of our own side; a test that is well has none. */
  readonly internalErrors: Error[] = [];
  readonly wire: Wire;
  readonly #options: MtprotoServerOptions;
  readonly #keys: KeyRing;
  readonly #ids: ServerMessageIds;
  readonly #announcements: Announcements;
  readonly #calls: CallDesk;
  readonly #services: ServiceDesk;
  readonly #pushes: Pushes;
  readonly #doors = new Doors();
  readonly #ports = new Map<number, number>();
  #rsa: RsaKey | undefined;
  #codecs: Codecs = new Map();
  #listeners: DcListener[] = [];

  constructor(options: MtprotoServerOptions) {
    const { clock, handler, state, ports = {} } = options;
    this.#options = options;
    const { rules, internalErrors } = this;
    const violations = new ViolationLog({ clock });
    const faults = new CallFaults();
    const codecs = (): Codecs => this.#codecs;
    this.violations = violations;
    this.duties = new Duties({ clock });
    const { duties } = this;
    this.#ids = new ServerMessageIds({ clock });
    this.#keys = new KeyRing({ clock, ids: this.#ids });
    const local = new LocalCalls({ clock, keys: this.#keys, endpoints: () => this.#endpoints() });
    this.#announcements = new Announcements({ codecs, rules, violations });
    const announcements = this.#announcements;
    this.#calls = new CallDesk({
      clock,
      announcements,
      handler,
      local,
      rules,
      faults,
      violations,
      duties,
      internalErrors,
    });
    this.#services = new ServiceDesk({ clock, keys: this.#keys, violations });
    this.#pushes = new Pushes({ keys: this.#keys, codecs, duties });
    const connections = (): readonly Connection[] => this.#listeners.flatMap((listener) => listener.connections);
    this.faults = new WireFaults({ calls: faults, pushes: this.#pushes, doors: this.#doors, connections });
    this.wire = {
      push: (keyId, updates) => this.#pushes.push(keyId, updates),
      forgetKey: (keyId) => this.#forgetKey(keyId),
      cut: (keyId) => this.faults.cut(keyId),
    };
    this.#rsa = options.rsa;
    if (state !== undefined) this.#restore(wireStateSchema.parse(state));
    for (const [dcId, port] of Object.entries(ports)) this.#ports.set(Number(dcId), port);
  }

  /** RSA public key, PKCS #1 PEM: for `channels.telegram.serverKeys`. Throws before the first `start`. */
  get publicKeyPem(): string {
    return this.#key().publicPem;
  }

  /** What clients owe now, and what they were late with when their connections ended. */
  get owed(): readonly Duty[] {
    return this.duties.owed(this.#listeners.flatMap(({ connections }) => connections));
  }

  /** The layers that clients may announce. Empty before `start`. */
  get layers(): readonly number[] {
    return [...this.#codecs.keys()];
  }

  /** Every announcement (`initConnection`), oldest first, also those that were refused. */
  get inits(): readonly RecordedInit[] {
    return this.#announcements.all();
  }

  /** Where a data centre listens. Throws on one that there is not, and while stopped. */
  endpoint(dcId: number): Endpoint {
    const found = this.#endpoints().find((endpoint) => endpoint.dcId === dcId);
    if (found === undefined) throw new Error(`no data centre ${dcId} is listening`);
    return found;
  }

  /** How the connections that are open frame their packets, e.g. `obfuscated intermediate`. */
  get transports(): readonly string[] {
    return this.#listeners.flatMap(({ connections }) =>
      connections.flatMap(({ transportName }) => transportName ?? []),
    );
  }

  /** Reads the schemas of the installed libraries and listens. Rejects where there is none, or a port of `ports` is taken. */
  async start(): Promise<void> {
    this.#codecs = await loadCodecs();
    this.#rsa ??= await RsaKey.generate();
    const deps = this.#connectionDeps();
    try {
      for (const dcId of this.#options.dcs) {
        const listener = await this.#listen({ ...deps, dcId });
        this.#ports.set(dcId, listener.port);
        this.#listeners.push(listener);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** On the port that was asked for; that of an earlier life gives way where somebody else has it now. */
  async #listen(deps: ConstructorParameters<typeof DcListener>[0]): Promise<DcListener> {
    const { ports = {} } = this.#options;
    const wanted = ports[deps.dcId];
    const listener = new DcListener(deps);
    try {
      await listener.start(this.#host, wanted ?? this.#ports.get(deps.dcId) ?? 0);
    } catch (error) {
      if (wanted !== undefined) throw error;
      await listener.start(this.#host, 0);
    }
    return listener;
  }

  /** Ends every connection. Another `start` listens on the same ports and knows the same keys and sessions. */
  async stop(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    await Promise.all(listeners.map((listener) => listener.stop()));
  }

  /** Plain JSON with secrets in it, for the `state` of another life. Throws before the first `start`. */
  exportState(): WireState {
    return {
      version: 1,
      rsa: this.#key().exportPrivatePem(),
      ports: Object.fromEntries(this.#ports),
      keys: exportKeys(this.#keys),
    };
  }

  get #host(): string {
    return this.#options.host ?? LOOPBACK;
  }

  #key(): RsaKey {
    if (this.#rsa === undefined) throw new Error('the server was not started yet');
    return this.#rsa;
  }

  #restore({ rsa, ports, keys }: WireState): void {
    this.#rsa = new RsaKey(rsa);
    for (const [dcId, port] of Object.entries(ports)) this.#ports.set(Number(dcId), port);
    restoreKeys(keys, this.#keys);
  }

  #endpoints(): Endpoint[] {
    return this.#listeners.map(({ dcId, port }) => ({ host: this.#host, port, dcId }));
  }

  #forgetKey(keyId: string): void {
    this.faults.transportError(transportError.unknownKey, keyId);
    this.#keys.forget(keyId);
  }

  #connectionDeps(): ConnectionDeps {
    const { clock, random } = this.#options;
    const { violations, duties } = this;
    const randomLong = (): bigint => longOf(random.bytes(8));
    const receiver = new Receiver({
      clock,
      calls: this.#calls,
      services: this.#services,
      violations,
      duties,
      randomLong,
    });
    return {
      clock,
      random,
      rsa: this.#key(),
      keys: this.#keys,
      ids: this.#ids,
      receiver,
      violations,
      duties,
      doors: this.#doors,
    };
  }
}
