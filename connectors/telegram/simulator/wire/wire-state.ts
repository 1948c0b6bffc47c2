import { z } from 'zod';
import { AuthKey } from './auth-key.ts';
import { hexOf } from './bytes.ts';
import type { KeyRing } from './key-ring.ts';

const initSchema = z.object({
  layer: z.int(),
  apiId: z.int(),
  deviceModel: z.string(),
  systemVersion: z.string(),
  appVersion: z.string(),
  langCode: z.string(),
  systemLangCode: z.string(),
});

/** Everything that the wire must remember over a restart. Sessions are not in it: clients begin new ones. */
export const wireStateSchema = z.object({
  version: z.literal(1),
  /** Private key, PKCS #1 PEM. */
  rsa: z.string(),
  /** By id of the data centre. */
  ports: z.record(z.string(), z.int()),
  keys: z.array(
    z.object({
      dcId: z.int(),
      bytes: z.base64(),
      madeAt: z.number(),
      expiresAt: z.number().optional(),
      /** Hex id of the permanent key that a temporary one stands for. */
      boundTo: z.string().optional(),
      init: initSchema.optional(),
    }),
  ),
});

/** Plain JSON with secrets in it. */
export type WireState = z.infer<typeof wireStateSchema>;

export function exportKeys(keys: KeyRing): WireState['keys'] {
  return keys.all().map(({ dcId, bytes, madeAt, expiresAt, boundTo, init }) => ({
    dcId,
    bytes: Buffer.from(bytes).toString('base64'),
    madeAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(boundTo === undefined ? {} : { boundTo: boundTo.keyId }),
    ...(init === undefined ? {} : { init }),
  }));
}

export function restoreKeys(saved: WireState['keys'], keys: KeyRing): void {
  for (const { dcId, bytes, madeAt, expiresAt, init } of saved) {
    const facts = { dcId, bytes: Buffer.from(bytes, 'base64'), madeAt };
    const key = new AuthKey(expiresAt === undefined ? facts : { ...facts, expiresAt });
    key.init = init;
    keys.add(key);
  }
  for (const { bytes, boundTo } of saved) {
    if (boundTo === undefined) continue;
    const key = keys.find(hexOf(AuthKey.idOf(Buffer.from(bytes, 'base64'))));
    if (key !== undefined) key.boundTo = keys.find(boundTo);
  }
}
