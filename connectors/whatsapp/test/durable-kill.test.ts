import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { ENDINGS, KillRun } from './durable-kill-harness.ts';

/** CI-sized; `durable-torture.ts` runs as many as it is told. */
const KILLS = 12; // `durable-torture.ts` does it for hours
const TIMEOUT_MS = 240_000; // alone it takes a tenth of that
/** What is not there by then was acknowledged and forgotten. */
const STOCK_WAIT_MS = 4_000;

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
      expect(run.owed).toEqual([]);
      expect(run.network.violations.all()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'gets what it could not read in the end, also when it was killed while asking',
    async () => {
      run = new KillRun({ random: seededRandom(12), mode: 'durable', garbleOneIn: 2 });
      await run.start();
      for (const ending of ['after-decrypt', 'random', 'receipt', 'before-commit', 'in-handler', 'random'] as const) {
        await run.die(ending);
      }
      await run.undisturbed();
      expect(run.garbled).toBeGreaterThan(2);
      expect(run.account()).toEqual({ lost: [], twice: [], wrong: [] });
      expect(run.owed).toEqual([]);
      expect(run.network.violations.all()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'would lose messages if it were Baileys as it comes',
    async () => {
      run = new KillRun({ random: seededRandom(13), mode: 'stock' });
      await run.start();
      for (let count = 0; count < 4; count += 1) await run.die('in-handler');
      await run.undisturbed(STOCK_WAIT_MS);
      expect(run.account().lost.length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
