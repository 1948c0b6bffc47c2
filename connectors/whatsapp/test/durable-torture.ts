import { seededRandom } from '../../../src/core/random.ts';
import type { Ending } from './durable-kill-harness.ts';
import { ENDINGS, KillRun } from './durable-kill-harness.ts';

// npx tsx connectors/whatsapp/test/durable-torture.ts [kills] [seed] [durable|stock] [one in so many messages garbled]
const [kills = '200', seed = '1', mode = 'durable', garbleOneIn = '0'] = process.argv.slice(2);
const run = new KillRun({
  random: seededRandom(Number(seed)),
  mode: mode === 'stock' ? 'stock' : 'durable',
  garbleOneIn: Number(garbleOneIn),
});
const tally = new Map<Ending, { lives: number; byItself: number }>();
const startedAt = performance.now();
await run.start();
for (let count = 0; count < Number(kills); count += 1) {
  const ending = ENDINGS[count % ENDINGS.length] ?? 'random';
  const life = await run.die(ending);
  const entry = tally.get(ending) ?? { lives: 0, byItself: 0 };
  tally.set(ending, { lives: entry.lives + 1, byItself: entry.byItself + (life.killedItself ? 1 : 0) });
  for (const failure of life.failures) process.stdout.write(`${failure}\n`);
}
await run.undisturbed(120_000);
const { lost, twice, wrong } = run.account();
const result = {
  mode,
  kills: Number(kills),
  seconds: Math.round((performance.now() - startedAt) / 1000),
  endings: Object.fromEntries(tally),
  said: run.said.size,
  garbled: run.garbled,
  sealedAs: Object.fromEntries(run.sealedAs),
  stored: run.stored().length,
  lost: lost.length,
  twice: twice.length,
  wrong: wrong.length,
  owed: run.owed,
  violations: run.network.violations.all().length,
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
await run.stop();
process.exitCode = lost.length + twice.length + wrong.length + run.owed.length === 0 ? 0 : 1;
