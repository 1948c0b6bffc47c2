import { parseArgs } from 'node:util';
import type { BanVariant, PunishingNetwork } from '../connectors/box/ban-model/types.ts';
import { banVariants } from '../connectors/box/ban-model/types.ts';
import { lanes } from '../src/engine/pacing/types.ts';
import { HotelFigures, quantile } from '../test/support/hotel-figures.ts';
import type { Lived } from '../test/support/hotel-house.ts';
import { liveMonth } from '../test/support/hotel-house.ts';
import { floods } from '../test/support/hotel-kinds.ts';

// A month of made-up hotels at the pace of thought, in front of networks that look for machines: paced by the planner, and not paced.

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = DAY_MS / 24;

const { values } = parseArgs({
  options: {
    hotels: { type: 'string', default: '50' },
    days: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    network: { type: 'string', default: 'whatsapp' },
    /** Also fire alarms at night: a warning to all, which passes limits on purpose. */
    evacuate: { type: 'boolean', default: false },
  },
});
const days = Number(values.days);
const seeds = Array.from({ length: Number(values.hotels) }, (_, index) => Number(values.seed) * 1_000 + index);
const network: PunishingNetwork = values.network === 'telegram' ? 'telegram' : 'whatsapp';
const common = { days, network, floods: values.evacuate ? floods : floods.slice(0, 5) };

const started = process.hrtime.bigint();
const paced: Lived[] = [];
const unpaced: Lived[] = [];
for (const seed of seeds) {
  const lived = liveMonth({ ...common, seed, isPaced: true });
  paced.push(lived);
  unpaced.push(liveMonth({ ...common, seed, isPaced: false }));
  for (const { variant, bannedAt, bannedFor, closings } of lived.judgements) {
    const { rooms, bornAt } = lived.kind;
    const who = `hotel ${seed}, ${rooms} rooms, number ${Math.round((lived.from - bornAt) / DAY_MS)} days old`;
    if (bannedAt !== null)
      console.log(`${who}: banned by ${variant} on day ${dayOf(lived, bannedAt)}: ${bannedFor ?? ''}`);
    else if (closings > 0) obey(seed, variant, who);
  }
}

let bans = 0;
console.log(
  `\n${seeds.length} hotels, ${days} days, judged as by ${network}\n\nmodel         paced: banned  warned  closed | unpaced: banned  by day (median)`,
);
for (const [index, variant] of banVariants.entries()) {
  const told = paced.flatMap(({ judgements }) => judgements[index] ?? []);
  const banned = told.filter(({ bannedAt }) => bannedAt !== null).length;
  bans += banned;
  const first = unpaced.flatMap((lived) => {
    const at = lived.judgements[index]?.bannedAt ?? null;
    return at === null ? [] : [(at - lived.from) / DAY_MS];
  });
  const cells = [
    variant.padEnd(12),
    String(banned).padStart(15),
    String(sum(told.map(({ warnings }) => warnings))).padStart(8),
    String(sum(told.map(({ closings }) => closings))).padStart(8),
    ' |',
    String(first.length).padStart(15),
    first.length === 0 ? '–'.padStart(10) : (quantile(first, 0.5) + 1).toFixed(1).padStart(10),
  ];
  console.log(cells.join(''));
}

const all = new HotelFigures();
for (const { figures } of paced) all.add(figures);
const waits = all.replies.map(({ waitedMs }) => waitedMs);
const least = all.replies.map(({ leastMs }) => leastMs ?? 0);
const more = all.replies.map(({ waitedMs, leastMs }) => waitedMs - (leastMs ?? 0));
console.log(`\nanswers to waiting guests, ${waits.length}; seconds from being handed over to being sent`);
for (const share of [0.5, 0.95, 0.99])
  console.log(
    `  p${share * 100}: ${seconds(waits, share)}, a person alone with it ${seconds(least, share)}, beyond that ${seconds(more, share)}`,
  );
console.log('\nlane          sent   longest wait, hours');
for (const lane of lanes)
  console.log(
    `${lane.padEnd(12)}${String(all.sent.get(lane) ?? 0).padStart(6)}${((all.oldest.get(lane) ?? 0) / HOUR_MS).toFixed(1).padStart(10)}`,
  );
const held = [...all.held].map(([rule, count]) => `${rule} ${count}`).join(', ');
console.log(
  `\nexpired ${all.expired}, held for a person ${held === '' ? 0 : held} (cancelled next morning ${all.cancelled}), refused after an opt-out ${all.refused}, still queued ${all.left}`,
);
console.log(`took ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(0)} s`);
if (bans > 0) process.exitCode = 1;

/** What the planner makes of a network that closes something: the same month once more, and this time it does. */
function obey(seed: number, variant: BanVariant, who: string): void {
  const again = liveMonth({ ...common, seed, isPaced: true, enforced: variant });
  const [judgement] = again.judgements;
  const end = judgement?.bannedAt ?? null;
  if (end !== null) bans += 1;
  const outcome = end === null ? 'not banned' : `banned on day ${dayOf(again, end)}`;
  console.log(`${who}: ${variant} closes new chats, obeyed ${judgement?.closings ?? 0} times: ${outcome}`);
}

function dayOf(lived: Lived, at: number): string {
  return ((at - lived.from) / DAY_MS + 1).toFixed(1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function seconds(times: readonly number[], share: number): string {
  return (quantile(times, share) / 1_000).toFixed(1);
}
