import type { TlObject } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import { GramjsReader, TlUnreadable } from './gramjs-reader.ts';
import type { GramjsSchema } from './gramjs-schema.ts';

const RPC_ERROR_ID = 0x2144ca19;
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

/** The answer to `msgs_state_req`. */
export function stateInfo(requestId: bigint, ids: readonly bigint[], seen: ReadonlySet<bigint>): TlObject {
  const info = Uint8Array.from(ids, (id) => (seen.has(id) ? STATE_RECEIVED : STATE_UNKNOWN));
  // The schema calls these bytes a string; all of them are letters of ASCII.
  return { _: 'msgsStateInfo', reqMsgId: requestId, info: Buffer.from(info).toString('latin1') };
}
