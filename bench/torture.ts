import { parseArgs } from 'node:util';
import { torture } from '../test/support/torture.ts';
import { countOvertaken, judge } from '../test/support/torture-verdict.ts';

// How much the product endures: `npx tsx bench/torture.ts --kills 100 --seed 1` after `npm run build`.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string' },
  },
});
const aftermath = await torture({
  kills: Number(values.kills),
  seed: Number(values.seed),
  tell: (line) => console.error(line),
  ...(values.log === undefined ? {} : { logFile: values.log }),
});
const wrong = judge(aftermath);
const { kills, accepted, repeats, said, events, hooks, violations, elapsedMs } = aftermath;
for (const line of wrong) console.log(`WRONG: ${line}`);
for (const { kind, detail } of violations) console.log(`violation: ${kind}: ${detail}`);
console.log(
  [
    `${kills.daemon} kills of the daemon`,
    `${kills.connector} of the connector`,
    `${accepted.length} answers accepted`,
    `${repeats} requests repeated`,
    `${[...said.values()].flat().length} guests' messages`,
    `${events.length} events`,
    `${hooks.length} deliveries`,
    `${countOvertaken(aftermath)} overtakings among the guests' messages`,
    `${violations.length} violations`,
    `${wrong.length} promises broken`,
    `${Math.round(elapsedMs / 1_000)} s`,
  ].join(' · '),
);
process.exitCode = wrong.length === 0 ? 0 : 1;
