import type { Random } from '../../src/core/random.ts';

/** What WhatsApp Web's ids begin with (Baileys `generateMessageIDV2`); phones use other beginnings. */
const WEB_CLIENT_PREFIX = '3EB0';
const ID_RANDOM_BYTES = 9; // 18 hexadecimal digits, as WhatsApp Web writes them today

/** A message id in the shape that WhatsApp Web uses, e.g. `3EB0C767D26A1D2E5A3F19`. */
export function createMessageId(random: Random): string {
  return WEB_CLIENT_PREFIX + Buffer.from(random.bytes(ID_RANDOM_BYTES)).toString('hex').toUpperCase();
}
