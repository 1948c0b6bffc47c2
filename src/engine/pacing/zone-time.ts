const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Offsets change at most so rarely; so far around a time both offsets that could apply to it are found; ms. */
const AROUND_MS = DAY_MS;

/** Days whose offset is remembered: some years. */
const MOST_DAYS = 2_000;

/** A day of the calendar, as the number of days since 1 January 1970. */
export type DayNumber = number;

/** The calendar and clock of one time zone. Pure: what it remembers is only to be quick. */
export class ZoneTime {
  readonly #format: Intl.DateTimeFormat;
  /** By day of UTC: the offset at its beginning. Where the next day begins with the same it holds all day: no zone changes twice in one. */
  readonly #offsets = new Map<number, number>();
  /** The day of UTC that was asked for last, if the offset holds all day. */
  #day = NaN;
  #dayOffsetMs = 0;

  /** Throws a RangeError for a name that is no IANA time zone. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** What a clock on the wall shows, as if it were UTC; epoch ms. */
  wallAt(at: number): number {
    return at + this.offsetAt(at);
  }

  dayAt(at: number): DayNumber {
    return Math.floor(this.wallAt(at) / DAY_MS);
  }

  /** Local time less UTC, ms. */
  offsetAt(at: number): number {
    const day = Math.floor(at / DAY_MS);
    if (day === this.#day) return this.#dayOffsetMs;
    const offsetMs = this.#offsetOfDay(day);
    if (offsetMs !== this.#offsetOfDay(day + 1)) return this.#readOffset(at);
    this.#day = day;
    this.#dayOffsetMs = offsetMs;
    return offsetMs;
  }

  /**
   * When the local clock shows `minutes` after midnight of a day. Where it shows that twice, or never because it was put forward:
   * the `first` or the `last` time that can be meant.
   */
  instantOf(day: DayNumber, minutes: number, which: 'first' | 'last'): number {
    const wall = day * DAY_MS + minutes * MINUTE_MS;
    const before = wall - this.offsetAt(wall - AROUND_MS);
    const after = wall - this.offsetAt(wall + AROUND_MS);
    if (before === after) return before;
    const meant = [before, after].filter((at) => this.wallAt(at) === wall);
    const candidates = meant.length === 0 ? [before, after] : meant;
    return which === 'first' ? Math.min(...candidates) : Math.max(...candidates);
  }

  #offsetOfDay(day: number): number {
    const known = this.#offsets.get(day);
    if (known !== undefined) return known;
    const offsetMs = this.#readOffset(day * DAY_MS);
    if (this.#offsets.size >= MOST_DAYS) this.#offsets.clear();
    this.#offsets.set(day, offsetMs);
    return offsetMs;
  }

  #readOffset(at: number): number {
    const seconds = Math.floor(at / 1_000);
    const numbers =
      this.#format
        .format(seconds * 1_000)
        .match(/\d+/g)
        ?.map(Number) ?? [];
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = numbers;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds * 1_000;
  }
}
