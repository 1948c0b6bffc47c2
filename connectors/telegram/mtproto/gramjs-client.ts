import type { TlObject, TlValue } from '../tl.ts';
import { CallQueue } from './call-queue.ts';
import type { CallOptions, ClientEnd, ClientOptions, MtprotoClient, MtprotoKey } from './client.ts';
import { CallLost, OpenFailure } from './client.ts';
import type { DataCentre } from './data-centres.ts';
import type { Encoded } from './gramjs-call.ts';
import { encode } from './gramjs-call.ts';
import { GramjsForeign, importCall } from './gramjs-foreign.ts';
import { GramjsLine } from './gramjs-line.ts';
import { provePassword } from './gramjs-password.ts';
import type { GramjsSchema } from './gramjs-schema.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { DEFAULT_DC_ID } from './known-addresses.ts';

/** `auth.exportAuthorization` waits behind the account's other calls. */
const EXPORT_TIMEOUT_MS = 20_000;

export interface GramjsClientDeps {
  readonly schema: GramjsSchema;
  readonly layer: number;
  readonly addresses: KnownAddresses;
  readonly options: ClientOptions;
}

/** One account on the schema, the cryptography and the key exchange of gramjs. Its client, sender and sockets are not used: see `GramjsSession`. */
export class GramjsClient implements MtprotoClient {
  readonly ended: Promise<ClientEnd>;
  readonly #deps: GramjsClientDeps;
  readonly #dcId: number;
  readonly #queue: CallQueue;
  readonly #foreign: GramjsForeign;
  readonly #lines = new Set<GramjsLine>();
  #main: GramjsLine | undefined;
  #isClosed = false;
  #onUpdates: (updates: TlObject) => void = () => undefined;
  #resolveEnded: (end: ClientEnd) => void = () => undefined;

  constructor(deps: GramjsClientDeps) {
    this.#deps = deps;
    const { key, dcId, endpoint, clock } = deps.options;
    this.#dcId = key?.dcId ?? dcId ?? endpoint?.dcId ?? DEFAULT_DC_ID;
    this.#queue = new CallQueue({ clock });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#foreign = new GramjsForeign({
      clock,
      createLine: (foreignId, authKey) => this.#foreignLine(foreignId, authKey),
      exportTo: (foreignId) => this.#exportTo(foreignId),
    });
  }

  get heardAt(): number | undefined {
    return this.#main?.heardAt;
  }

  get isReached(): boolean {
    return [...this.#lines].some((line) => line.isReached);
  }

  onUpdates(listener: (updates: TlObject) => void): void {
    this.#onUpdates = listener;
  }

  async open(): Promise<void> {
    const address = this.#addressOf(this.#dcId) ?? (await this.#askForAddress());
    if (this.#isClosed) throw new OpenFailure({ type: 'lost' });
    const line = this.#line(address, this.#deps.options.key?.authKey, (updates) => this.#onUpdates(updates));
    try {
      this.#learn(await line.open());
    } catch (error) {
      this.#queue.end();
      throw error;
    }
    this.#main = line;
    void line.ended.then((end) => this.#onEnd(end));
  }

  async invoke(call: TlObject, options: CallOptions): Promise<TlValue> {
    const { schema } = this.#deps;
    if (options.dcId !== undefined && options.dcId !== this.#dcId)
      return this.#foreign.call(options.dcId, encode(schema, call, { isQuiet: true }), options);
    const encoded = encode(schema, call);
    return this.#queue.run(options, async (turn) => this.#mainLine().call(encoded, turn));
  }

  async ping(timeoutMs: number): Promise<number> {
    return this.#mainLine().ping(timeoutMs);
  }

  key(): MtprotoKey {
    if (this.#main === undefined) throw new Error('there is no key before the client is open');
    return { dcId: this.#dcId, authKey: this.#main.authKey };
  }

  provePassword(password: TlObject, typed: string): Promise<TlObject> {
    return provePassword(this.#deps.schema, password, typed);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.end();
    await Promise.all([this.#foreign.close(), ...[...this.#lines].map((line) => line.close())]);
  }

  #mainLine(): GramjsLine {
    if (this.#main === undefined) throw new CallLost({ isWritten: false, reason: 'ended' });
    return this.#main;
  }

  #onEnd(end: ClientEnd): void {
    if (this.#isClosed) return;
    this.#queue.end();
    void this.#foreign.close();
    this.#resolveEnded(end);
  }

  #line(
    address: DataCentre,
    authKey: Uint8Array | undefined,
    onUpdates: ((updates: TlObject) => void) | undefined,
  ): GramjsLine {
    const { schema, layer, options } = this.#deps;
    const line = new GramjsLine({ schema, layer, options, address, authKey, onUpdates });
    this.#lines.add(line);
    return line;
  }

  #foreignLine(dcId: number, authKey: Uint8Array | undefined): GramjsLine {
    const address = this.#addressOf(dcId);
    if (address === undefined) throw new OpenFailure({ type: 'protocol', detail: `no address of data centre ${dcId}` });
    const { schema, layer, options } = this.#deps;
    return new GramjsLine({ schema, layer, options, address, authKey, onUpdates: undefined });
  }

  async #exportTo(dcId: number): Promise<Encoded> {
    const { schema } = this.#deps;
    const exportCall: TlObject = { _: 'auth.exportAuthorization', dcId };
    const exported = await this.invoke(exportCall, { timeoutMs: EXPORT_TIMEOUT_MS });
    return encode(schema, importCall(exported), { isQuiet: true });
  }

  /** A private network tells the addresses of its other data centres to whoever has a key with the first. */
  async #askForAddress(): Promise<DataCentre> {
    const { endpoint } = this.#deps.options;
    if (endpoint !== undefined) {
      const line = this.#line(endpoint, undefined, undefined);
      this.#learn(await line.open());
      await line.close();
    }
    const address = this.#addressOf(this.#dcId);
    if (address === undefined)
      throw new OpenFailure({ type: 'protocol', detail: `no address of data centre ${this.#dcId}` });
    return address;
  }

  #addressOf(dcId: number): DataCentre | undefined {
    return this.#deps.addresses.find(this.#deps.options.endpoint, dcId);
  }

  #learn(config: TlObject): void {
    this.#deps.addresses.learn(this.#deps.options.endpoint, config);
  }
}
