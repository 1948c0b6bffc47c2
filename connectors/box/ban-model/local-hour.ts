const QUARTER_MS = 15 * 60_000; // no zone is off by less
const KEPT = 10_000;

/** The hour that the clock on the wall shows, 0 to 23. Throws a RangeError for a name that is no IANA time zone. */
export function localHours(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  const known = new Map<number, number>();
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS);
    const hour = known.get(quarter) ?? Number(format.format(quarter * QUARTER_MS));
    if (known.size > KEPT) known.clear();
    known.set(quarter, hour);
    return hour;
  };
}
