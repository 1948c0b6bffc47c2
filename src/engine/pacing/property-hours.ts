import { morningTime } from './human-times.ts';
import { drawKey, drawLogNormal, draws } from './keyed-draws.ts';
import type { Rules } from './rules.ts';
import { ZoneTime } from './zone-time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Weights of hours below this would stop the desk; the quiet hours are for that. */
const LEAST_WEIGHT = 0.05;

/** Between two quiet hours. */
interface Stretch {
  /** When the quiet hours before it begin: from there on it is the present or the next one. */
  readonly after: number;
  /** When the quiet hours before it end. */
  readonly from: number;
  /** When somebody begins: some minutes later, each day other ones. */
  readonly begins: number;
  readonly until: number;
}

/** The hours of a property: when something may go out by itself, and how busy the desk is. Safe over changes of the clock. */
export class PropertyHours {
  readonly zone: ZoneTime;
  readonly #rules: Rules;
  readonly #seed: number;
  #stretch: Stretch | undefined;
  #day: { readonly from: number; readonly until: number } | undefined;

  constructor(rules: Rules, seed: number) {
    this.zone = new ZoneTime(rules.timeZone);
    this.#rules = rules;
    this.#seed = seed;
  }

  /** The stretch in which `at` lies, or else the next one. */
  openStretch(at: number): Stretch {
    const known = this.#stretch;
    if (known !== undefined && at >= known.after && at < known.until) return known;
    this.#stretch = this.#findStretch(at);
    return this.#stretch;
  }

  isQuiet(at: number): boolean {
    return at < this.openStretch(at).from;
  }

  /** How busy the desk is; 1 = as much as it gets. */
  weightAt(at: number): number {
    const hour = Math.floor((((this.zone.wallAt(at) % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS);
    return Math.max(LEAST_WEIGHT, this.#rules.hourWeights[hour] ?? 1);
  }

  /** Local midnight at which the day of `at` began, and that at which it ends. */
  dayOf(at: number): { readonly from: number; readonly until: number } {
    const known = this.#day;
    if (known !== undefined && at >= known.from && at < known.until) return known;
    const day = this.zone.dayAt(at);
    this.#day = { from: this.zone.instantOf(day, 0, 'first'), until: this.zone.instantOf(day + 1, 0, 'first') };
    return this.#day;
  }

  #findStretch(at: number): Stretch {
    const { from, to } = this.#rules.quietHours;
    if (from === to) return { after: -Infinity, from: -Infinity, begins: -Infinity, until: Infinity };
    const day = this.zone.dayAt(at);
    const endsNextDay = to < from ? 1 : 0;
    let after = -Infinity;
    let opened = -Infinity;
    for (let index = day - 2; index <= day + 2; index += 1) {
      const closes = this.zone.instantOf(index, from, 'first');
      const opens = this.zone.instantOf(index + endsNextDay, to, 'last');
      if (at < closes) return { after, from: opened, begins: this.#beginning(opened, closes), until: closes };
      after = closes;
      opened = opens;
    }
    return { after, from: opened, begins: opened, until: opened + DAY_MS };
  }

  #beginning(opens: number, closes: number): number {
    const lateMs = drawLogNormal(drawKey(this.#seed, `day ${opens}`), draws.morning, morningTime);
    return opens + Math.min(lateMs, (closes - opens) / 4);
  }
}
