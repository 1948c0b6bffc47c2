import type { SessionConnectionParams, tl } from '@mtcute/node';
import { IntermediatePacketCodec, Long, TcpTransport } from '@mtcute/node';
import { __tlReaderMap, __tlWriterMap } from '@mtcute/node/utils.js';
import { isRecord } from '../../../src/core/json.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { CallQueue } from './call-queue.ts';
import type { ClientEnd, ClientOptions } from './client.ts';
import { RpcFailure } from './client.ts';
import type { MtcuteParts } from './mtcute-parts.ts';
import { mtcuteLog, silentPlatform } from './mtcute-parts.ts';
import { makeSalts } from './mtcute-salts.ts';
import { MtcuteSession } from './mtcute-session.ts';
import { toLibrary, toNeutral } from './mtcute-values.ts';

/**
 * The library's own pings come on top of ours: with a call under way they find a dead line within seconds, else they keep middle boxes
 * from forgetting it. A minute is what it uses by itself.
 */
const LIBRARY_PING_MS = 60_000;

export interface LineDeps {
  readonly parts: MtcuteParts;
  readonly options: ClientOptions;
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  readonly authKey: Uint8Array | undefined;
  /** Absent on a line for files, which gets no updates. */
  readonly onUpdates?: (updates: TlObject) => void;
}

/** One socket to one data centre, with its key. */
export class MtcuteLine {
  readonly dcId: number;
  /** Resolves when there is a key and messages can go out; with the end when there was none before. */
  readonly ready: Promise<ClientEnd | undefined>;
  readonly ended: Promise<ClientEnd>;
  readonly calls: CallQueue;
  readonly #deps: LineDeps;
  readonly #session: MtcuteSession;

  constructor(deps: LineDeps) {
    const { options, parts, dcId } = deps;
    this.#deps = deps;
    this.dcId = dcId;
    this.calls = new CallQueue({ clock: options.clock });
    let tellReady: (end?: ClientEnd) => void = () => undefined;
    let tellEnd: (end: ClientEnd) => void = () => undefined;
    this.ready = new Promise((resolve) => {
      tellReady = resolve;
    });
    this.ended = new Promise((resolve) => {
      tellEnd = resolve;
    });
    this.#session = new MtcuteSession(paramsOf(deps), mtcuteLog(options.log), {
      onReady: () => tellReady(),
      onEnd: (end) => {
        this.calls.end();
        tellReady(end);
        tellEnd(end);
      },
    });
    if (deps.authKey !== undefined) this.#session._session._authKey.setup(deps.authKey);
    const { onUpdates } = deps;
    if (onUpdates !== undefined) {
      this.#session.onUpdate.add((updates) => {
        const neutral = toNeutral(parts.schema.longFields, updates);
        if (isTlObject(neutral)) onUpdates(neutral);
      });
    }
  }

  open(): void {
    this.#session.connect();
  }

  get authKey(): Uint8Array | undefined {
    return this.#session.getAuthKey() ?? undefined;
  }

  /** All bytes that ever came. */
  get bytesRead(): number {
    return this.#session.bytesRead;
  }

  /** Writes the call at once; resolves with its answer. Rejects with RpcFailure, or with the signal's reason. */
  async call(call: TlObject, signal: AbortSignal): Promise<TlValue> {
    const { longFields } = this.#deps.parts.schema;
    // The library's type of a call is the union of all methods of its layer; the neutral form is checked by its writer.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    const request = toLibrary(longFields, call) as tl.RpcMethod;
    const answer: unknown = await this.#session.sendRpc(request, undefined, signal);
    if (isRecord(answer) && answer['_'] === 'mt_rpc_error') {
      throw new RpcFailure({
        code: Number(answer['errorCode']),
        text: String(answer['errorMessage']),
        method: call._,
      });
    }
    return toNeutral(longFields, answer);
  }

  /** Resolves when the socket is gone. */
  async close(): Promise<void> {
    this.calls.end();
    await this.#session.destroy();
  }
}

function paramsOf({ options, parts, dcId, host, port, onUpdates }: LineDeps): SessionConnectionParams {
  const { announcement, apiId } = options;
  return {
    crypto: parts.crypto,
    transport: { connect: (dc) => new TcpTransport().connect(dc), packetCodec: () => new IntermediatePacketCodec() },
    dc: { id: dcId, ipAddress: host, port },
    testMode: false,
    reconnectionStrategy: () => false,
    // The library fills in the call.
    initConnection: { _: 'initConnection', ...announcement, apiId, langPack: '', query: NO_CALL },
    pingInterval: LIBRARY_PING_MS,
    layer: parts.schema.layer,
    disableUpdates: onUpdates === undefined,
    withUpdates: false, // it would ask for a state that we ask for ourselves
    isMainConnection: true,
    isMainDcConnection: true,
    salts: makeSalts(),
    readerMap: __tlReaderMap,
    writerMap: __tlWriterMap,
    platform: silentPlatform,
  };
}

const NO_CALL: tl.RpcMethod = { _: 'help.getConfig' };

export function isTlObject(value: TlValue): value is TlObject {
  return isRecord(value) && !Array.isArray(value) && !(value instanceof Uint8Array) && !Long.isLong(value);
}
