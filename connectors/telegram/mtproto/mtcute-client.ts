import type { tl } from '@mtcute/node';
import { computeSrpParams } from '@mtcute/node/utils.js';
import { withDeadline } from '../../../src/core/clock.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import type { CallOptions, ClientEnd, ClientOptions, MtprotoClient, MtprotoKey } from './client.ts';
import { CallLost, OpenFailure, RpcFailure } from './client.ts';
import type { DataCentre } from './data-centres.ts';
import { DEFAULT_DC_ID } from './known-addresses.ts';
import { MtcuteLine } from './mtcute-line.ts';
import type { MtcuteParts } from './mtcute-parts.ts';
import { addServerKeys } from './mtcute-readers.ts';
import { toLibrary, toNeutral } from './mtcute-values.ts';
import { PingLoop } from './ping-loop.ts';

/** Socket, key exchange and first answer together; on a busy machine the key alone takes two seconds. */
const OPEN_TIMEOUT_MS = 30_000;
/** Keys that begin with a zero byte, one in 256, are spoilt by the library; the next one is another. */
const KEY_ATTEMPTS = 3;
const ASK_CONFIG: TlObject = { _: 'help.getConfig' };

/** One connection of one account on mtcute. */
export class MtcuteClient implements MtprotoClient {
  readonly ended: Promise<ClientEnd>;
  readonly #options: ClientOptions;
  readonly #parts: MtcuteParts;
  readonly #fileLines = new Map<number, Promise<MtcuteLine>>();
  readonly #opened: MtcuteLine[] = [];
  #tellEnd: (end: ClientEnd) => void = () => undefined;
  #listener: (updates: TlObject) => void = () => undefined;
  #trusted: ReadonlySet<string> | undefined;
  #main: MtcuteLine | undefined;
  #pings: PingLoop | undefined;
  #isClosed = false;

  constructor(deps: { readonly options: ClientOptions; readonly parts: MtcuteParts }) {
    this.#options = deps.options;
    this.#parts = deps.parts;
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
  }

  get heardAt(): number | undefined {
    return this.#main?.heardAt;
  }

  get isReached(): boolean {
    return this.#opened.some((line) => line.isReached);
  }

  onUpdates(listener: (updates: TlObject) => void): void {
    this.#listener = listener;
  }

  async open(): Promise<void> {
    const { serverKeys, clock } = this.#options;
    try {
      if (serverKeys !== undefined) this.#trusted = addServerKeys(this.#parts.crypto, serverKeys);
    } catch {
      throw new OpenFailure({ type: 'protocol', detail: 'a key of the server cannot be read' });
    }
    const timedOut = (): OpenFailure => new OpenFailure({ type: 'silent' });
    try {
      await withDeadline(clock, OPEN_TIMEOUT_MS, this.#dialMain(), timedOut);
    } catch (error) {
      await this.close();
      throw error;
    }
    const main = this.#requireMain();
    void main.ended.then((end) => this.#onEnded(end));
    this.#pings = new PingLoop({
      clock,
      ping: (onPong) => void main.ping().then(onPong),
      bytesRead: () => main.bytesRead,
      onSilent: () => this.#onEnded({ type: 'silent' }),
    });
    this.#pings.start();
  }

  async invoke(call: TlObject, options: CallOptions): Promise<TlValue> {
    const main = this.#requireMain();
    if (options.dcId === undefined || options.dcId === main.dcId) return main.invoke(call, options);
    return (await this.#fileLine(options.dcId, options)).invoke(call, options);
  }

  async ping(timeoutMs: number): Promise<number> {
    const { clock } = this.#options;
    const main = this.#requireMain();
    const startedAt = clock.monotonic();
    const lost = (reason: CallLost['reason']): CallLost => new CallLost({ isWritten: true, reason });
    const answered = Promise.race([main.ping(), main.ended.then(() => Promise.reject(lost('ended')))]);
    await withDeadline(clock, timeoutMs, answered, () => lost('deadline'));
    return clock.monotonic() - startedAt;
  }

  key(): MtprotoKey {
    const { authKey, dcId } = this.#requireMain();
    if (authKey === undefined) throw new Error('there is no key before the client is open');
    return { dcId, authKey };
  }

  async provePassword(password: TlObject, typed: string): Promise<TlObject> {
    const { forms } = this.#parts.schema;
    // What the server answered to `account.getPassword`, in the library's own form.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    const request = toLibrary(forms, password) as tl.account.RawPassword;
    const proof = toNeutral(forms, await computeSrpParams(this.#parts.crypto, request, typed));
    if (!isObject(proof)) throw new TypeError('no proof');
    return proof;
  }

  async close(): Promise<void> {
    this.#pings?.stop();
    this.#isClosed = true;
    await Promise.all(this.#opened.map((line) => line.close()));
  }

  #requireMain(): MtcuteLine {
    if (this.#main === undefined) throw new CallLost({ isWritten: false, reason: 'ended' });
    return this.#main;
  }

  async #dialMain(): Promise<void> {
    const { endpoint, key, dcId } = this.#options;
    const wanted = key?.dcId ?? dcId ?? endpoint?.dcId ?? DEFAULT_DC_ID;
    const at = this.#addressOf(wanted) ?? (await this.#askForAddress(wanted));
    const main = await this.#dialWithKey({ ...at, dcId: wanted }, key?.authKey, (updates) => this.#listener(updates));
    await this.#learnFrom(main);
    this.#main = main;
  }

  /** A private network tells the addresses of its other data centres to whoever has a key with the first. */
  async #askForAddress(dcId: number): Promise<DataCentre> {
    const { endpoint } = this.#options;
    if (endpoint !== undefined) {
      const first = await this.#dialWithKey(endpoint, undefined);
      await this.#learnFrom(first);
      await first.close();
    }
    const found = this.#addressOf(dcId);
    if (found === undefined) throw new OpenFailure({ type: 'protocol', detail: 'the data centre is not on the list' });
    return found;
  }

  #addressOf(dcId: number): DataCentre | undefined {
    return this.#parts.addresses.find(this.#options.endpoint, dcId);
  }

  async #dialWithKey(
    at: DataCentre & { readonly dcId: number },
    authKey: Uint8Array | undefined,
    onUpdates?: (updates: TlObject) => void,
  ): Promise<MtcuteLine> {
    for (let attempt = 1; ; attempt += 1) {
      const line = this.#newLine(at, authKey, onUpdates);
      const end = await line.ready;
      if (end === undefined) return line;
      await line.close();
      const isKeySpoilt = authKey === undefined && end.type === 'protocol' && attempt < KEY_ATTEMPTS;
      if (!isKeySpoilt || this.#isClosed) throw new OpenFailure(end);
    }
  }

  #newLine(
    at: DataCentre & { readonly dcId: number },
    authKey: Uint8Array | undefined,
    onUpdates?: (updates: TlObject) => void,
  ): MtcuteLine {
    const { host, port, dcId } = at;
    const line = new MtcuteLine({
      parts: this.#parts,
      options: this.#options,
      dcId,
      host,
      port,
      authKey,
      trusted: this.#trusted,
      ...(onUpdates === undefined ? {} : { onUpdates }),
    });
    this.#opened.push(line);
    line.open();
    return line;
  }

  async #learnFrom(line: MtcuteLine): Promise<void> {
    try {
      const config = await line.invoke(ASK_CONFIG, { timeoutMs: OPEN_TIMEOUT_MS });
      if (isObject(config)) this.#parts.addresses.learn(this.#options.endpoint, config);
    } catch (error) {
      if (error instanceof RpcFailure) throw new OpenFailure({ type: 'refused', failure: error });
      throw new OpenFailure(await Promise.race([line.ended, Promise.resolve({ type: 'silent' } as const)]));
    }
  }

  /** The line to another data centre, opened when the first file there is asked for. */
  async #fileLine(dcId: number, options: CallOptions): Promise<MtcuteLine> {
    const known = this.#fileLines.get(dcId);
    if (known !== undefined) return known;
    const opening = this.#openFileLine(dcId, options);
    this.#fileLines.set(dcId, opening);
    const forget = (): boolean => this.#fileLines.delete(dcId);
    opening.then((line) => line.ended.then(forget), forget);
    return opening;
  }

  async #openFileLine(dcId: number, options: CallOptions): Promise<MtcuteLine> {
    const at = this.#addressOf(dcId);
    if (at === undefined)
      throw new RpcFailure({ code: 400, text: 'DC_ID_INVALID', method: 'auth.exportAuthorization' });
    const main = this.#requireMain();
    const lost = new CallLost({ isWritten: false, reason: 'ended' });
    const dialling = this.#dialWithKey({ ...at, dcId }, undefined).catch(() => Promise.reject(lost));
    const line = await withDeadline(this.#options.clock, options.timeoutMs, dialling, () => lost);
    const exported = await main.invoke({ _: 'auth.exportAuthorization', dcId }, options);
    if (!isObject(exported)) throw lost;
    await line.invoke({ ...exported, _: 'auth.importAuthorization' }, options);
    return line;
  }

  #onEnded(end: ClientEnd): void {
    if (this.#isClosed) return;
    this.#pings?.stop();
    this.#tellEnd(end);
    setImmediate(() => void this.close()); // after the line has said of each call what became of it
  }
}
