import { waitInForeground } from '../src/core/clock.ts';
import { chapters, labelChanges } from '../test/corpus/corpus.ts';
import type { Verdict } from '../test/corpus/judge.ts';

/** Of all faults. */
const LEAST_RIGHT = 0.975;

const wantedIds = process.argv.slice(2);
const isWanted = (id: string): boolean =>
  wantedIds.length === 0 ||
  wantedIds.some((wanted) => (wanted.endsWith('*') ? id.startsWith(wanted.slice(0, -1)) : id === wanted));

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function row({ id, response, wrong, isDangerous, seen }: Verdict): string {
  const mark = wrong.length === 0 ? 'right' : isDangerous ? 'DANGER' : 'WRONG';
  const kinds = [...new Set(seen.kinds)].join(',');
  const back =
    seen.backAfterMs === null
      ? seen.stateAfter
      : `${seen.stateAfter} after ${String(Math.round(seen.backAfterMs / 1_000))} s`;
  return [
    mark.padEnd(6),
    id.padEnd(40),
    kinds.padEnd(18),
    response.padEnd(22),
    seen.action.padEnd(9),
    `${String(seen.falls)} ends`,
    back,
    seen.codes.join(','),
    ...wrong,
  ].join('  ');
}

/** Longer than all of it; timers and children of the corpus keep no process alive. */
const LIMIT_MS = 3_600_000;
void waitInForeground(LIMIT_MS).then(() => process.exit(1));

const verdicts: Verdict[] = [];
for (const chapter of chapters) {
  const before = verdicts.length;
  await chapter.run(isWanted, (verdict) => {
    verdicts.push(verdict);
    print(row(verdict));
  });
  const own = verdicts.slice(before);
  if (own.length > 0)
    print(
      `== ${chapter.network}: ${String(own.filter(({ wrong }) => wrong.length === 0).length)} of ${String(own.length)} right\n`,
    );
}
const right = verdicts.filter(({ wrong }) => wrong.length === 0).length;
const dangerous = verdicts.filter(({ isDangerous }) => isDangerous);
print(`Labels that were changed after a run: ${String(labelChanges.length)}`);
for (const { id, before, after, why } of labelChanges) print(`  ${id}: ${before} → ${after}. ${why}`);
print(`\n${String(right)} of ${String(verdicts.length)} right, ${String(dangerous.length)} dangerously wrong`);
const isGood = right >= LEAST_RIGHT * verdicts.length && dangerous.length === 0;
process.exit(isGood ? 0 : 1);
