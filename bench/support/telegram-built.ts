import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as connectorModule from '../../connectors/telegram/connector.ts';
import type * as manifestModule from '../../connectors/telegram/manifest.ts';
import type * as enginesModule from '../../connectors/telegram/mtproto/engines.ts';
import type * as storedAccountModule from '../../connectors/telegram/stored-account.ts';
import type * as mediaModule from '../../src/store/media/index.ts';
import type * as vaultModule from '../../src/store/vault/index.ts';

const MAIN = process.env['BELLHOP_BENCH_MAIN'] ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const DIST = dirname(dirname(resolve(MAIN)));

/** What ships: the loader that runs the benchmarks leaves marks in the code that cost time. */
export async function loadBuilt() {
  if (!existsSync(DIST)) throw new Error('the product is not built: run `npm run build` first');
  return {
    ...(await built<typeof connectorModule>('connectors/telegram/connector.js')),
    ...(await built<typeof manifestModule>('connectors/telegram/manifest.js')),
    ...(await built<typeof enginesModule>('connectors/telegram/mtproto/engines.js')),
    ...(await built<typeof storedAccountModule>('connectors/telegram/stored-account.js')),
    ...(await built<typeof mediaModule>('src/store/media/index.js')),
    ...(await built<typeof vaultModule>('src/store/vault/index.js')),
  };
}

async function built<T>(path: string): Promise<T> {
  // The compiler made this file from the source whose type is named.
  return (await import(pathToFileURL(join(DIST, path)).href)) as T;
}
