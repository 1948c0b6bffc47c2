import { LAYER } from 'telegram/tl/AllTLObjects.js';
import type { MtprotoEngine } from './client.ts';
import { GramjsClient } from './gramjs-client.ts';
import { GramjsSchema } from './gramjs-schema.ts';
import { KnownAddresses } from './known-addresses.ts';

const schema = new GramjsSchema();
const addresses = new KnownAddresses();

/** gramjs: of an older layer, in use for many years. */
export const gramjs: MtprotoEngine = {
  name: 'gramjs',
  layer: LAYER,
  createClient: (options) => new GramjsClient({ schema, layer: LAYER, addresses, options }),
};
