import type { TlObject } from '../../tl.ts';
import type { InitFacts } from '../rpc.ts';
import { RpcError } from '../rpc.ts';
import { TlReader } from '../tl/reader.ts';
import { unpack } from './gzip.ts';
import { GZIP_ID, kindOf, service } from './service-schema.ts';

/** What was around a call. */
export interface Wrapped {
  /** The call itself, in the client's layer. */
  readonly query: Uint8Array;
  readonly init: InitFacts | undefined;
  /** Of `invokeWithLayer`. */
  readonly layer: number | undefined;
  readonly withoutUpdates: boolean;
  /** Message ids of calls that must succeed first. */
  readonly after: readonly bigint[];
}

const DEEPEST_WRAPPING = 8;

/** Takes the wrappers off. Throws RpcError for those that are refused, and TlDecodeError. */
export function unwrap(body: Uint8Array): Wrapped {
  let query = body;
  let layer: number | undefined;
  let init: InitFacts | undefined;
  let withoutUpdates = false;
  const after: bigint[] = [];
  for (let depth = 0; depth <= DEEPEST_WRAPPING; depth += 1) {
    const id = new TlReader(query).peek();
    if (id === GZIP_ID) {
      query = unpack(query);
      continue;
    }
    if (kindOf(id) !== 'wrapper') return { query, init, layer, withoutUpdates, after };
    const { call } = service.decodeCall(query);
    query = bytesIn(call);
    if (call._ === 'invokeWithLayer') layer = numberIn(call, 'layer');
    else if (call._ === 'initConnection') {
      if (layer === undefined) throw new RpcError(400, 'CONNECTION_LAYER_INVALID');
      init = initFacts(call, layer);
    } else if (call._ === 'invokeWithoutUpdates') withoutUpdates = true;
    else if (call._ === 'invokeAfterMsg' && typeof call['msgId'] === 'bigint') after.push(call['msgId']);
    else if (call._ === 'invokeAfterMsgs') after.push(...longsIn(call));
    else throw new RpcError(400, call._ === 'invokeWithTakeout' ? 'TAKEOUT_INVALID' : 'INPUT_METHOD_INVALID');
  }
  throw new RpcError(400, 'INPUT_FETCH_ERROR');
}

function initFacts(call: TlObject, layer: number): InitFacts {
  return {
    layer,
    apiId: numberIn(call, 'apiId'),
    deviceModel: textIn(call, 'deviceModel'),
    systemVersion: textIn(call, 'systemVersion'),
    appVersion: textIn(call, 'appVersion'),
    langCode: textIn(call, 'langCode'),
    systemLangCode: textIn(call, 'systemLangCode'),
  };
}

function bytesIn(call: TlObject): Uint8Array {
  const query = call['query'];
  return query instanceof Uint8Array ? query : new Uint8Array(0);
}

function numberIn(call: TlObject, field: string): number {
  const value = call[field];
  return typeof value === 'number' ? value : 0;
}

function textIn(call: TlObject, field: string): string {
  const value = call[field];
  return typeof value === 'string' ? value : '';
}

function longsIn(call: TlObject): bigint[] {
  const ids = call['msgIds'];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'bigint') : [];
}
