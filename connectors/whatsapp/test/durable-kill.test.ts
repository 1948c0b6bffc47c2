import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { ENDINGS, KillRun } from './durable-kill-harness.ts';

/** CI-sized; `durable-torture.ts` runs as many as it is told. */
const KILLS = 24;
const TIMEOUT_MS = 120_000;

let run: KillRun | undefined;

afterEach(async () => {
  await run?.stop();
  run = undefined;
});

describe('a client that is killed again and again', () => {
  it(
    'loses nothing and stores nothing twice',
    async () => {
      run = new KillRun({ random: seededRandom(11), mode: 'durable' });
      await run.start();
      for (let count = 0; count < KILLS; count += 1) {
        const life = await run.die(ENDINGS[count % ENDINGS.length] ?? 'random');
        expect(life.failures).toEqual([]);
      }
      await run.undisturbed();
      expect(run.said.size).toBeGreaterThan(KILLS);
      expect(run.account()).toEqual({ lost: [], twice: [], wrong: [] });
      expect(run.network.violations.all()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
