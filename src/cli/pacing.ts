import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pc from 'picocolors';
import { seededRandom } from '../core/random.ts';
import { rulesOf } from '../daemon/pacing-rules.ts';
import { explain } from '../engine/pacing/explain.ts';
import { PropertyHours } from '../engine/pacing/property-hours.ts';
import type { Lane } from '../engine/pacing/types.ts';
import { lanes } from '../engine/pacing/types.ts';
import type { CommandContext } from './context.ts';
import { readConfig } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import type { ChartDay } from './pacing-chart.ts';
import { drawChart } from './pacing-chart.ts';
import type { Simulation } from './pacing-hotel.ts';
import { simulateHotel } from './pacing-hotel.ts';
import { CommandError, renderTable } from './terminal.ts';

const HOUR_MS = 60 * 60_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** A Monday without a change of clocks within weeks; the same for everybody, so that the same seed gives the same picture. */
const FIRST_MONDAY = Date.UTC(2027, 0, 11);
const SHOWN = lanes.filter((lane) => lane !== 'safety');

export interface SimulationRequest {
  readonly days: number;
  /** Messages a day that the hotel hands over. */
  readonly rate: number;
  readonly seed: number;
  /** Age of the number, weeks: its warm-up. */
  readonly weeks: number;
  readonly timeZone: string | undefined;
  readonly svg: string | undefined;
}

/** `bellhop pacing simulate`: what the rules of pacing make of a week at a hotel. Needs no daemon, sends nothing. */
export function simulatePacing(context: CommandContext, request: SimulationRequest): void {
  const { days, rate, seed, weeks } = request;
  const { pacing } = readConfig(context).config;
  if (pacing.mode === 'off')
    context.terminal.note('pacing.mode is off in this configuration; shown is what it would be if it were on.');
  const rules = { ...rulesOf(pacing), timeZone: checkedZone(request.timeZone ?? pacing.timeZone) };
  const hours = new PropertyHours(rules, seed);
  const from = hours.zone.instantOf(hours.zone.dayAt(FIRST_MONDAY), 0, 'first');
  const simulation = simulateHotel({
    days,
    perDay: rate,
    rules,
    from,
    seed,
    random: seededRandom(seed),
    standing: { bornAt: from - weeks * WEEK_MS, limits: [], ban: null, busyUntil: null },
  });
  const chartDays = countByHour(simulation, hours, from, days);
  if (context.options.json === true) context.terminal.out(JSON.stringify(chartDays, null, 2));
  else printTables(context, simulation, chartDays, hours);
  if (request.svg === undefined) return;
  const subtitle = `${rate} messages handed over a day, ${simulation.sent.length} sent in ${days} days, ${simulation.left.length} left; number ${weeks} weeks old, seed ${seed}, ${rules.timeZone}`;
  const picture = drawChart({
    days: chartDays,
    lanes: SHOWN,
    title: 'When a considerate hotel writes',
    subtitle,
    zone: hours.zone,
    isQuiet: (at) => hours.isQuiet(at),
  });
  const file = resolve(context.workingDir, request.svg);
  try {
    writeFileSync(file, picture);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      exitCodes.failed,
      `The picture could not be written: ${why}`,
      'Name a file in a folder that there is and that is yours.',
    );
  }
  context.terminal.note(`Wrote ${file}`);
}

function checkedZone(wanted: string | undefined): string {
  const zone = wanted ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new CommandError(
      exitCodes.usage,
      `${zone} is no time zone.`,
      'Give one by its IANA name, e.g. Europe/Lisbon.',
    );
  }
}

function countByHour({ sent }: Simulation, hours: PropertyHours, from: number, days: number): readonly ChartDay[] {
  const first = hours.zone.dayAt(from);
  const chart = Array.from({ length: days }, (_, index) => ({
    from: hours.zone.instantOf(first + index, 0, 'first'),
    counts: Array.from(
      { length: 24 },
      (): Record<Lane, number> => ({ safety: 0, reply: 0, service: 0, scheduled: 0, promotional: 0 }),
    ),
  }));
  for (const { sendAt, lane } of sent) {
    const hour = new Date(hours.zone.wallAt(sendAt)).getUTCHours();
    const counts = chart[hours.zone.dayAt(sendAt) - first]?.counts[hour];
    if (counts !== undefined) counts[lane] += 1;
  }
  return chart;
}

function printTables(
  context: CommandContext,
  simulation: Simulation,
  days: readonly ChartDay[],
  hours: PropertyHours,
): void {
  const { terminal } = context;
  const perHour = Array.from({ length: 24 }, (_, hour) =>
    SHOWN.map((lane) => days.reduce((sum, { counts }) => sum + (counts[hour]?.[lane] ?? 0), 0)),
  );
  const rows = perHour.map((counts, hour) => {
    const noon = (days[0]?.from ?? 0) + (hour + 0.5) * HOUR_MS;
    const time = `${String(hour).padStart(2, '0')}:00`;
    return [
      hours.isQuiet(noon) ? pc.dim(time) : time,
      ...counts.map((count) => (count === 0 ? pc.dim('·') : String(count))),
    ];
  });
  terminal.out(renderTable(['HOUR', ...SHOWN.map((lane) => lane.toUpperCase())], rows));
  terminal.out('');
  terminal.out(
    renderTable(
      ['LANE', 'SENT', 'MEDIAN WAIT', 'LONGEST WAIT', 'LEFT'],
      SHOWN.map((lane) => {
        const waits = simulation.sent
          .filter((turn) => turn.lane === lane)
          .map((turn) => turn.sendAt - (simulation.queuedAt.get(turn.messageId) ?? turn.sendAt))
          .sort((one, other) => one - other);
        const left = simulation.left.filter((planned) => planned.lane === lane).length;
        return [
          lane,
          String(waits.length),
          duration(waits[Math.floor(waits.length / 2)]),
          duration(waits.at(-1)),
          String(left),
        ];
      }),
    ),
  );
  printLeft(context, simulation.left);
}

/** By rule how many wait, and until when the first of them does. */
function printLeft({ terminal }: CommandContext, left: Simulation['left']): void {
  const byRule = new Map<string, { first: string; count: number }>();
  for (const planned of left) {
    const rule = 'heldBy' in planned ? (planned.heldBy?.rule ?? 'queue') : planned.do;
    const known = byRule.get(rule);
    if (known === undefined) byRule.set(rule, { first: explain(planned), count: 1 });
    else known.count += 1;
  }
  for (const { first, count } of byRule.values()) terminal.out(`${count} left, the first: ${first}`);
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 100_000) return `${Math.round(ms / 1_000)} s`;
  const minutes = ms / 60_000;
  return minutes < 100 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
