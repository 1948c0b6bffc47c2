import { computeCheck } from 'telegram/Password.js';
import type { TlObject } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import { GramjsReader } from './gramjs-reader.ts';
import type { GramjsSchema } from './gramjs-schema.ts';
import { toLibraryObject } from './gramjs-values.ts';

/**
 * Proves a password by SRP, with the library's own code, which takes Telegram's one prime only. Blocks the process for some 100 ms. Rejects
 * where the account has no password or one of a kind that the library does not know.
 */
export async function provePassword(schema: GramjsSchema, password: TlObject, typed: string): Promise<TlObject> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the class is chosen by name; the library checks it again
  const request = toLibraryObject(schema, password) as unknown as Parameters<typeof computeCheck>[0];
  const proof = await computeCheck(request, typed);
  const value = new GramjsReader(schema, proof.getBytes()).boxed();
  if (!isObject(value)) throw new Error('not a proof');
  return value;
}
