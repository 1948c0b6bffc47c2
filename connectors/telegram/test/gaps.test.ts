import { describe, expect, it } from 'vitest';
import type { MakeServer } from './gaps-driver.ts';
import { faultOf } from './gaps-driver.ts';
import { GapsServer } from './gaps-server.ts';
import { GapsTown } from './gaps-town.ts';

/**
 * 2,000 days on each run; all 10,000 with `GAPS_SHARE=1 npx vitest run connectors/telegram/test/gaps.test.ts` (half a minute of CPU). To
 * live one day again: `GAPS_FIRST=4398 GAPS_SEEDS=1`.
 */
const SHARE = Number(process.env['GAPS_SHARE'] ?? 0.2);
const FIRST = Number(process.env['GAPS_FIRST'] ?? 1);
const ONLY = Number(process.env['GAPS_SEEDS'] ?? 0);
const LIMIT_MS = 150_000; // some 30 s on a machine with nothing else to do

async function faultsOf(seeds: number, makeServer: MakeServer): Promise<readonly string[]> {
  const faults: string[] = [];
  for (let seed = FIRST; seed < FIRST + (ONLY > 0 ? ONLY : seeds) && faults.length < 5; seed += 1) {
    const fault = await faultOf(seed, makeServer);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

/** Drops, doubles, overtaking, slow answers, lost connections, full disks and kills, as the seed decides. */
describe('updates over a bad line', () => {
  it(
    'are taken once and in order from a server that knows nothing but updates',
    async () => {
      const faults = await faultsOf(8_000 * SHARE, ({ random, clock }) => {
        return new GapsServer({ random, now: () => clock.now(), channels: 3 });
      });
      expect(faults).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'are taken once and in order from the network in a box',
    async () => {
      expect(await faultsOf(2_000 * SHARE, (deps) => new GapsTown(deps))).toEqual([]);
    },
    LIMIT_MS,
  );
});
