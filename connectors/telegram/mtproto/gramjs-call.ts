import type { TlObject } from '../tl.ts';
import type { GramjsSchema, TlClass } from './gramjs-schema.ts';
import { TlMistake, toLibraryObject } from './gramjs-values.ts';

/** A call, ready for the wire. */
export interface Encoded {
  readonly method: TlClass;
  readonly body: Buffer;
}

/** Throws TlMistake. `isQuiet`: the server is asked to push no updates here for it, as it would after any other call. */
export function encode(schema: GramjsSchema, call: TlObject, { isQuiet = false } = {}): Encoded {
  const body = toLibraryObject(schema, isQuiet ? { _: 'invokeWithoutUpdates', query: call } : call).getBytes();
  const method = schema.byName.get(call._);
  if (method?.isMethod !== true) throw new TlMistake(call._, 'a method');
  return { method, body };
}
