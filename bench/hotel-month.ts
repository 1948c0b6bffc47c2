import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { PunishingNetwork } from '../connectors/box/ban-model/types.ts';
import { banVariants } from '../connectors/box/ban-model/types.ts';
import { lanes } from '../src/engine/pacing/types.ts';
import type { HotelFigures } from '../test/support/hotel-figures.ts';
import { quantile } from '../test/support/hotel-figures.ts';
import type { Lived } from '../test/support/hotel-house.ts';
import { liveMonth } from '../test/support/hotel-house.ts';
import { floods } from '../test/support/hotel-kinds.ts';
import type { Judgement } from '../test/support/hotel-network.ts';
import type { BothWays } from '../test/support/hotel-verdict.ts';
import {
  brokenClaims,
  isByAlarm,
  isStruck,
  MUST_BITE,
  REPLY_TOLERANCE_MS,
  sumOf,
} from '../test/support/hotel-verdict.ts';

/*
 * A month of made-up hotels at the pace of thought, in front of networks that look for machines: paced by the planner, and not paced.
 * Ends with 1 and says why where a number is lost, an answer is late, a message is left behind, or a model does not bite.
 */

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = DAY_MS / 24;
const MINUTE_MS = HOUR_MS / 60;
const SHOWN_CLAIMS = 20;
const PROGRESS_EVERY = 10;

const { values } = parseArgs({
  options: {
    hotels: { type: 'string', default: '50' },
    days: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    /** Whose models judge, and whether it tells that messages arrive: `whatsapp`, `telegram`, or `both`: then it tells every other hotel. */
    network: { type: 'string', default: 'both' },
    /** Also fire alarms at night: a warning to all, which passes limits on purpose. */
    evacuate: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** Of a job: which one. */
    job: { type: 'string', default: '0' },
  },
});
const days = Number(values.days);
const seeds = Array.from({ length: Number(values.hotels) }, (_, index) => Number(values.seed) * 1_000 + index);
const networks: readonly PunishingNetwork[] =
  values.network === 'telegram' || values.network === 'whatsapp' ? [values.network] : ['whatsapp', 'telegram'];
const common = {
  days,
  networks,
  floods: values.evacuate ? floods : floods.slice(0, 5),
  ...(networks.length === 1 ? { tellsDelivery: networks[0] === 'whatsapp' } : {}),
};

/** What became of one hotel. */
interface Outcome extends BothWays {
  readonly notes: readonly string[];
}

if (process.send !== undefined) {
  for (const seed of seeds.filter((_, index) => index % Number(values.jobs) === Number(values.job)))
    await tell(liveBoth(seed));
  process.disconnect();
} else await report();

/** Resolves once it is on its way: what is still to be written when the channel is closed is lost. */
function tell(outcome: Outcome): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(outcome, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });
}

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
      if (outcomes.length % PROGRESS_EVERY === 0) console.error(`${outcomes.length} of ${seeds.length} hotels`);
    });
    return once(child, 'exit').then(([code]) => {
      if (code !== 0) throw new Error(`a job ended with ${String(code)}`);
    });
  });
  await Promise.all(jobs);
  if (outcomes.length !== seeds.length)
    throw new Error(`only ${outcomes.length} of ${seeds.length} hotels were told of`);
  return outcomes;
}

function liveBoth(seed: number): Outcome {
  const lived = liveMonth({ ...common, seed, isPaced: true });
  const { rooms, bornAt } = lived.kind;
  const who = `hotel ${seed}, ${rooms} rooms, number ${Math.round((lived.from - bornAt) / DAY_MS)} days old`;
  const notes: string[] = [];
  const judgements = lived.judgements.map((watched) => {
    const { network, variant, closings } = watched;
    if (closings === 0) {
      if (watched.bannedAt !== null) notes.push(`${who}: ${banOf(lived, watched)}`);
      return watched;
    }
    // A model that only looks on is not obeyed when it closes something: the same month once more, and this time it is.
    const again = liveMonth({ ...common, seed, isPaced: true, enforced: watched });
    const [obeyed = watched] = again.judgements;
    const outcome = obeyed.bannedAt === null ? 'not banned' : banOf(again, obeyed);
    notes.push(`${who}: ${network}, ${variant} closes new chats, obeyed ${obeyed.closings} times: ${outcome}`);
    return obeyed;
  });
  const unpaced = liveMonth({ ...common, seed, isPaced: false });
  return { paced: { ...lived, judgements }, unpaced, notes };
}

async function report(): Promise<void> {
  const started = process.hrtime.bigint();
  const outcomes = await liveAll();
  for (const network of networks) printVerdicts(network, outcomes);
  const byAlarm = outcomes.flatMap(({ paced }) => paced.judgements.filter((each) => isByAlarm(paced, each)));
  if (values.evacuate)
    console.log(`\nof the paced bans ${byAlarm.length} by a fire alarm itself, which goes before the number`);
  printFigures(sumOf(outcomes.map(({ paced }) => paced)));
  const broken = brokenClaims(outcomes, days);
  console.log(`\ntook ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(0)} s`);
  for (const each of broken.slice(0, SHOWN_CLAIMS)) console.error(`BROKEN: ${each}`);
  if (broken.length > SHOWN_CLAIMS) console.error(`BROKEN: and ${broken.length - SHOWN_CLAIMS} more`);
  if (broken.length > 0) process.exitCode = 1;
  else console.log('no ban, no late answer, nobody left behind, and the models bite');
}

function printVerdicts(network: PunishingNetwork, outcomes: readonly Outcome[]): void {
  console.log(
    `\n${seeds.length} hotels, ${days} days, judged as by ${network}\n\nmodel         paced: banned  warned  closed | unpaced: banned  struck, %  at least  by day (median)`,
  );
  for (const variant of banVariants) {
    const isMeant = (each: Judgement): boolean => each.network === network && each.variant === variant;
    const told = outcomes.flatMap(({ paced }) => paced.judgements.filter((each) => isMeant(each)));
    const raw = outcomes.flatMap(({ unpaced }) => unpaced.judgements.filter((each) => isMeant(each)));
    const first = outcomes.flatMap(({ unpaced }) => {
      const at = unpaced.judgements.find((each) => isMeant(each))?.bannedAt ?? null;
      return at === null ? [] : [(at - unpaced.from) / DAY_MS];
    });
    const cells = [
      variant.padEnd(12),
      String(told.filter(({ bannedAt }) => bannedAt !== null).length).padStart(15),
      String(sum(told.map(({ warnings }) => warnings))).padStart(8),
      String(sum(told.map(({ closings }) => closings))).padStart(8),
      ' |',
      String(first.length).padStart(15),
      ((100 * raw.filter((each) => isStruck(each)).length) / raw.length).toFixed(0).padStart(11),
      String(MUST_BITE[variant]).padStart(10),
      first.length === 0 ? '–'.padStart(10) : (quantile(first, 0.5) + 1).toFixed(1).padStart(10),
    ];
    console.log(cells.join(''));
  }
}

function printFigures(all: HotelFigures): void {
  const waits = all.replies.map(({ waitedMs }) => waitedMs);
  const least = all.replies.map(({ leastMs }) => leastMs);
  const more = all.replies.map(({ waitedMs, leastMs }) => waitedMs - leastMs);
  console.log(`\nanswers to waiting guests, ${waits.length}; seconds from being handed over to being sent`);
  for (const share of [0.5, 0.95, 0.99])
    console.log(
      `  p${share * 100}: ${seconds(waits, share)}, a person alone with it ${seconds(least, share)} (tolerated ${REPLY_TOLERANCE_MS / 1_000} more), beyond that ${seconds(more, share)}`,
    );
  console.log('\nlane          sent   longest wait, hours   held back last by');
  for (const lane of lanes) {
    const longest = all.longest.get(lane);
    const to = longest?.isFirstWord === true ? ', first word to a guest who never wrote' : '';
    console.log(
      `${lane.padEnd(12)}${String(all.sent.get(lane) ?? 0).padStart(6)}${((longest?.waitedMs ?? 0) / HOUR_MS).toFixed(1).padStart(22)}   ${longest?.rule ?? 'nothing'}${to}`,
    );
  }
  const own = (all.sent.get('service') ?? 0) + (all.sent.get('scheduled') ?? 0) + (all.sent.get('promotional') ?? 0);
  console.log(
    `\nleft behind ${all.starved.length}; idle before a message of its own although nothing stood against it, minutes: p50 ${minutes(all.idles, 0.5)}, p95 ${minutes(all.idles, 0.95)}, longest ${minutes(all.idles, 1)}`,
  );
  console.log(
    `of a hundred own messages ${((100 * all.optOuts) / own).toFixed(2)} led to an opt-out and ${((100 * all.blocks) / own).toFixed(2)} to a block`,
  );
  const held = [...all.held].map(([rule, count]) => `${rule} ${count}`).join(', ');
  console.log(
    `of ${all.handedOver}: expired ${all.expired}, held for a person ${held === '' ? 0 : held} (cancelled next morning ${all.cancelled}), refused after an opt-out ${all.refused}, still queued ${all.left}`,
  );
}

function banOf(lived: Lived, { network, variant, bannedAt, bannedFor }: Judgement): string {
  return `banned by ${network}, ${variant} on day ${dayOf(lived, bannedAt ?? lived.from)}: ${bannedFor ?? ''}`;
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

function minutes(times: readonly number[], share: number): string {
  return (quantile(times, share) / MINUTE_MS).toFixed(1);
}
