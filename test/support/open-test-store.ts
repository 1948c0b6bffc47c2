import type { Clock } from '../../src/core/clock.ts';
import { IdFactory } from '../../src/core/ids.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { openStore } from '../../src/store/open-store.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The real store, in memory unless a URL is given, on a clock that stands still. */
export async function openTestStore(
  options: { clock?: VirtualClock; url?: string; secretKey?: Uint8Array; seed?: number } = {},
): Promise<{ store: Store; clock: VirtualClock }> {
  const clock = options.clock ?? new VirtualClock();
  return { store: await openStoreOn(clock, options), clock };
}

/** The same on any clock. */
export function openStoreOn(
  clock: Clock,
  options: { url?: string; secretKey?: Uint8Array; seed?: number } = {},
): Promise<Store> {
  return openStore({
    url: options.url ?? 'sqlite::memory:',
    clock,
    ids: new IdFactory({ clock, random: seededRandom(options.seed ?? 1) }),
    log: silentLogger,
    secretKey: options.secretKey ?? new Uint8Array(32).fill(7),
  });
}
