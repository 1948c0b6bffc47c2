import type { Lane } from '../engine/pacing/types.ts';
import type { ZoneTime } from '../engine/pacing/zone-time.ts';

const HOUR_MS = 60 * 60_000;
const HOURS = 24;
/** Colours that stay apart for those who see red and green alike; the darker the nearer to the guest. */
export const laneColours: Readonly<Record<Lane, string>> = {
  safety: '#b3261e',
  reply: '#0b5c8f',
  service: '#2f9e8f',
  scheduled: '#e0a526',
  promotional: '#c98bb9',
};
const ROW = { height: 92, gap: 20, left: 104, top: 104, barWidth: 30, barGap: 5 } as const;
const WIDTH = ROW.left + HOURS * (ROW.barWidth + ROW.barGap) + 84;
const INK = '#22303c';
const FAINT = '#8a97a3';
const NIGHT = '#eef1f4';
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export interface ChartDay {
  /** Local midnight. */
  readonly from: number;
  /** By hour of the local clock, then by lane. */
  readonly counts: readonly Readonly<Record<Lane, number>>[];
}

/** How many messages of each lane go out in each hour of each day, as a picture. Pure. */
export function drawChart(input: {
  readonly days: readonly ChartDay[];
  readonly lanes: readonly Lane[];
  readonly title: string;
  readonly subtitle: string;
  readonly zone: ZoneTime;
  readonly isQuiet: (at: number) => boolean;
}): string {
  const { days, lanes } = input;
  const most = Math.max(1, ...days.flatMap(({ counts }) => counts.map((hour) => sumOf(hour, lanes))));
  const height = ROW.top + days.length * (ROW.height + ROW.gap) + 46;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" fill="${INK}">`,
    `<title>${escape(input.title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(28, 40, input.title, 'font-size="21" font-weight="600"'),
    text(28, 63, input.subtitle, `font-size="13" fill="${FAINT}"`),
    ...legend(lanes),
  ];
  for (const [index, day] of days.entries())
    parts.push(...drawDay(input, day, ROW.top + index * (ROW.height + ROW.gap), most));
  const axis = ROW.top + days.length * (ROW.height + ROW.gap) + 2;
  for (let hour = 0; hour <= HOURS; hour += 3)
    parts.push(
      text(
        xOf(hour) - ROW.barGap / 2,
        axis,
        `${String(hour).padStart(2, '0')}:00`,
        `font-size="11.5" fill="${FAINT}" text-anchor="middle"`,
      ),
    );
  parts.push(
    text(
      ROW.left,
      axis + 26,
      'Hours of the clock on the wall of the property. Grey: quiet hours, when only answers go out.',
      `font-size="11.5" fill="${FAINT}"`,
    ),
    '</svg>',
  );
  return `${parts.join('\n')}\n`;
}

function drawDay(
  input: { readonly lanes: readonly Lane[]; readonly zone: ZoneTime; readonly isQuiet: (at: number) => boolean },
  day: ChartDay,
  top: number,
  most: number,
): string[] {
  const { lanes, zone, isQuiet } = input;
  const bottom = top + ROW.height;
  const wall = new Date(zone.wallAt(day.from));
  const total = day.counts.reduce((sum, hour) => sum + sumOf(hour, lanes), 0);
  const parts: string[] = [];
  for (const [first, after] of quietSpans(day.from, isQuiet))
    parts.push(box(xOf(first) - ROW.barGap / 2, top, (after - first) * (ROW.barWidth + ROW.barGap), ROW.height, NIGHT));
  parts.push(`<path d="M${ROW.left - 3} ${bottom + 0.5}H${xOf(HOURS)}" stroke="#c5ced6"/>`);
  parts.push(text(28, bottom - 22, WEEKDAYS[wall.getUTCDay()] ?? '', 'font-size="15" font-weight="600"'));
  parts.push(
    text(28, bottom - 5, `${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()] ?? ''}`, `font-size="12" fill="${FAINT}"`),
  );
  parts.push(text(xOf(HOURS) + 14, bottom - 22, String(total), 'font-size="15" font-weight="600"'));
  parts.push(
    text(xOf(HOURS) + 14, bottom - 5, total === 1 ? 'message' : 'messages', `font-size="11.5" fill="${FAINT}"`),
  );
  for (const [hour, counts] of day.counts.entries()) {
    let y = bottom;
    for (const lane of lanes) {
      const height = (counts[lane] / most) * (ROW.height - 16);
      if (height === 0) continue;
      y -= height;
      parts.push(box(xOf(hour), y, ROW.barWidth, height, laneColours[lane]));
    }
    const sum = sumOf(counts, lanes);
    if (sum > 0)
      parts.push(
        text(xOf(hour) + ROW.barWidth / 2, y - 4, String(sum), `font-size="10.5" fill="${FAINT}" text-anchor="middle"`),
      );
  }
  return parts;
}

/** Hours in a row that are quiet, each as the first and the one after the last. */
function quietSpans(midnight: number, isQuiet: (at: number) => boolean): [number, number][] {
  const spans: [number, number][] = [];
  for (let hour = 0; hour < HOURS; hour += 1) {
    if (!isQuiet(midnight + (hour + 0.5) * HOUR_MS)) continue;
    const last = spans.at(-1);
    if (last?.[1] === hour) last[1] = hour + 1;
    else spans.push([hour, hour + 1]);
  }
  return spans;
}

function legend(lanes: readonly Lane[]): string[] {
  let x: number = ROW.left;
  return lanes.flatMap((lane) => {
    const at = x;
    x += 34 + lane.length * 7.4;
    return [box(at, 78, 12, 12, laneColours[lane]), text(at + 18, 88.5, lane, 'font-size="12.5"')];
  });
}

function sumOf(counts: Readonly<Record<Lane, number>>, lanes: readonly Lane[]): number {
  return lanes.reduce((sum, lane) => sum + counts[lane], 0);
}

function xOf(hour: number): number {
  return ROW.left + hour * (ROW.barWidth + ROW.barGap);
}

function box(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"/>`;
}

function text(x: number, y: number, words: string, rest: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${rest}>${escape(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
