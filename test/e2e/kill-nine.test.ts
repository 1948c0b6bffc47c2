import { describe, expect, it } from 'vitest';
import { torture } from '../support/torture.ts';
import { judge } from '../support/torture-verdict.ts';

/** Half a minute on a free machine. Enough for both processes to die, at rest and in the middle of things; `bench/torture.ts` does it for hours. */
const KILLS = 6;
const SEED = 8;

describe('kill -9, again and again', { timeout: 400_000 }, () => {
  it('loses nothing, shows nothing twice, and keeps every order and id', async () => {
    const aftermath = await torture({ kills: KILLS, seed: SEED });
    expect(judge(aftermath)).toEqual([]);
    expect(aftermath.kills.daemon).toBeGreaterThan(0);
    expect(aftermath.kills.connector).toBeGreaterThan(0);
    expect(aftermath.accepted.length).toBeGreaterThan(50);
    expect(aftermath.violations).toEqual([]);
  });
});
