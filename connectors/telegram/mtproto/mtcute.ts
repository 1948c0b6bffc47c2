import type { MtprotoEngine } from './client.ts';
import { KnownAddresses } from './known-addresses.ts';
import { MtcuteClient } from './mtcute-client.ts';
import { MtcuteCrypto } from './mtcute-crypto.ts';
import type { MtcuteParts } from './mtcute-parts.ts';
import { readMtcuteSchema } from './mtcute-schema.ts';

const crypto = new MtcuteCrypto();
await crypto.initialize(); // WebAssembly, once a process
const parts: MtcuteParts = { crypto, schema: readMtcuteSchema(), addresses: new KnownAddresses() };

/** mtcute: maintained, of the current layer. */
export const mtcute: MtprotoEngine = {
  name: 'mtcute',
  layer: parts.schema.layer,
  createClient: (options) => new MtcuteClient({ options, parts }),
};
