import type { TlObject } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import { GramjsReader, TlUnreadable } from './gramjs-reader.ts';
import type { GramjsSchema } from './gramjs-schema.ts';
import type { FutureSalt } from './salt-book.ts';

const RPC_ERROR_ID = 0x2144ca19;
/** `future_salts`: https://core.telegram.org/mtproto/service_messages. The library's schema misses that its items are bare. */
export const FUTURE_SALTS_ID = 0xae500895;
/** In `msgs_state_info`: https://core.telegram.org/mtproto/service_messages_about_messages */
const STATE_UNKNOWN = 1;
const STATE_RECEIVED = 4;

export function longIn(object: TlObject, field: string): bigint {
  const value = object[field];
  if (typeof value !== 'bigint') throw new TlUnreadable(`${object._} without ${field}`);
  return value;
}

export function intIn(object: TlObject, field: string): number {
  const value = object[field];
  if (typeof value !== 'number') throw new TlUnreadable(`${object._} without ${field}`);
  return value;
}

export function longsIn(object: TlObject, field: string): readonly bigint[] {
  const value: unknown = object[field];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'bigint') : [];
}

/** What `rpc_error` says; undefined for an answer that is none. */
export function errorIn(
  schema: GramjsSchema,
  body: Buffer,
): { readonly code: number; readonly text: string } | undefined {
  if (body.length < 4 || body.readUInt32LE(0) !== RPC_ERROR_ID) return undefined;
  const error = new GramjsReader(schema, body).boxed();
  if (!isObject(error) || typeof error['errorMessage'] !== 'string') throw new TlUnreadable('an error without a text');
  return { code: intIn(error, 'errorCode'), text: error['errorMessage'] };
}

/** The answer to `get_future_salts`, after its constructor id. */
export function readFutureSalts(reader: GramjsReader): {
  readonly requestId: bigint;
  readonly now: number;
  readonly salts: readonly FutureSalt[];
} {
  const [requestId, now] = [reader.long(), reader.int()];
  const salts: FutureSalt[] = [];
  for (let left = reader.int(); left > 0; left -= 1) {
    salts.push({ validSince: reader.int(), validUntil: reader.int(), salt: reader.long() });
  }
  return { requestId, now, salts };
}

/** The answer to `msgs_state_req`. */
export function stateInfo(requestId: bigint, ids: readonly bigint[], seen: ReadonlySet<bigint>): TlObject {
  const info = Uint8Array.from(ids, (id) => (seen.has(id) ? STATE_RECEIVED : STATE_UNKNOWN));
  // The schema calls these bytes a string; all of them are letters of ASCII.
  return { _: 'msgsStateInfo', reqMsgId: requestId, info: Buffer.from(info).toString('latin1') };
}
