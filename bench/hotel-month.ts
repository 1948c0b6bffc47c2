import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { PunishingNetwork } from '../connectors/box/ban-model/types.ts';
import { banVariants } from '../connectors/box/ban-model/types.ts';
import { lanes } from '../src/engine/pacing/types.ts';
import { HotelFigures, quantile } from '../test/support/hotel-figures.ts';
import type { Lived } from '../test/support/hotel-house.ts';
import { liveMonth } from '../test/support/hotel-house.ts';
import { floods } from '../test/support/hotel-kinds.ts';
import type { Judgement } from '../test/support/hotel-network.ts';

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
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** Of a job: which one. */
    job: { type: 'string', default: '0' },
  },
});
const days = Number(values.days);
const seeds = Array.from({ length: Number(values.hotels) }, (_, index) => Number(values.seed) * 1_000 + index);
const network: PunishingNetwork = values.network === 'telegram' ? 'telegram' : 'whatsapp';
const common = { days, network, floods: values.evacuate ? floods : floods.slice(0, 5) };

/** What became of one hotel. */
interface Outcome {
  readonly paced: Lived;
  readonly unpaced: Lived;
  readonly notes: readonly string[];
}

if (process.send !== undefined) {
  for (const seed of seeds.filter((_, index) => index % Number(values.jobs) === Number(values.job)))
    process.send(liveBoth(seed));
  process.disconnect();
} else await report();

async function liveAll(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const jobs = Array.from({ length: Number(values.jobs) }, (_, job) => {
    const args = [...process.argv.slice(2), '--jobs', values.jobs, '--job', String(job)];
    const child = fork(fileURLToPath(import.meta.url), args, { serialization: 'advanced' });
    // Written by this very file.
    child.on('message', (outcome) => {
      const told = outcome as Outcome;
      outcomes.push(told);
      for (const note of told.notes) console.log(note);
    });
    return once(child, 'exit').then(([code]) => {
      if (code !== 0) throw new Error(`a job ended with ${String(code)}`);
    });
  });
  await Promise.all(jobs);
  return outcomes;
}

function liveBoth(seed: number): Outcome {
  const lived = liveMonth({ ...common, seed, isPaced: true });
  const { rooms, bornAt } = lived.kind;
  const who = `hotel ${seed}, ${rooms} rooms, number ${Math.round((lived.from - bornAt) / DAY_MS)} days old`;
  const notes: string[] = [];
  const judgements = lived.judgements.map((watched) => {
    const { variant, closings } = watched;
    if (closings === 0) {
      if (watched.bannedAt !== null) notes.push(`${who}: ${banOf(lived, watched)}`);
      return watched;
    }
    // A model that only looks on is not obeyed when it closes something: the same month once more, and this time it is.
    const again = liveMonth({ ...common, seed, isPaced: true, enforced: variant });
    const [obeyed = watched] = again.judgements;
    const outcome = obeyed.bannedAt === null ? 'not banned' : banOf(again, obeyed);
    notes.push(`${who}: ${variant} closes new chats, obeyed ${obeyed.closings} times: ${outcome}`);
    return obeyed;
  });
  const unpaced = liveMonth({ ...common, seed, isPaced: false });
  return { paced: { ...lived, judgements }, unpaced, notes };
}

async function report(): Promise<void> {
  const started = process.hrtime.bigint();
  const outcomes = await liveAll();
  const paced = outcomes.map((outcome) => outcome.paced);
  const unpaced = outcomes.map((outcome) => outcome.unpaced);
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
}

function banOf(lived: Lived, { variant, bannedAt, bannedFor }: Judgement): string {
  return `banned by ${variant} on day ${dayOf(lived, bannedAt ?? lived.from)}: ${bannedFor ?? ''}`;
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
