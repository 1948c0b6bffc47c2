import { seededRandom } from '../../src/core/random.ts';
import type { Intent } from '../../src/engine/pacing/types.ts';
import { ZoneTime } from '../../src/engine/pacing/zone-time.ts';
import { Draws } from './hotel-draws.ts';
import { addFlood } from './hotel-floods.ts';
import type { HotelKind, Trigger } from './hotel-kinds.ts';
import type { HotelMonth } from './hotel-month.ts';
import { addGuest, handOver, template } from './hotel-month.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEKDAY_FACTORS: readonly number[] = [0.85, 0.8, 0.85, 0.9, 1.05, 1.2, 1.1]; // from Monday, when the month begins
/** How much the season moves over a month. */
const SEASON = 0.15;
const QUESTIONS_A_NIGHT = 0.35;
/** When guests write, by hour; they are awake longer than the desk. */
const GUEST_HOURS: readonly number[] = [
  1, 0.5, 0.3, 0.2, 0.2, 0.5, 1, 2, 4, 5, 5, 4, 4, 4, 5, 6, 6, 6, 6, 5, 5, 4, 3, 2,
];
const MOST_GUEST_HOUR = 6;
/** Stays that began before the month. */
const EARLIER_DAYS = 6;

/** A month, or less, at a hotel. `from` is a Monday; the same kind gives the same month. */
export function makeMonth(kind: HotelKind, from: number, days: number): HotelMonth {
  const draws = new Draws(seededRandom(kind.seed + 1));
  const zone = new ZoneTime(kind.timeZone);
  const firstDay = zone.dayAt(from);
  const start = zone.instantOf(firstDay, 0, 'first');
  const month: HotelMonth = {
    kind,
    from: start,
    until: start + days * DAY_MS,
    zone,
    guests: new Map(),
    stays: [],
    happenings: [],
  };
  for (let day = -EARLIER_DAYS; day < days + 3; day += 1) {
    const weekday = WEEKDAY_FACTORS[((day % 7) + 7) % 7] ?? 1;
    const season = 1 + SEASON * Math.sin((2 * Math.PI * day) / 30);
    const arrivals = draws.poisson((kind.rooms * Math.min(0.97, kind.occupancy * weekday * season)) / kind.nights);
    for (let index = 0; index < arrivals; index += 1) addStay(month, draws, firstDay + day, `${day}-${index}`);
  }
  for (const [day, flood] of kind.floods) addFlood(month, flood, zone.instantOf(firstDay + day, 0, 'first'), draws);
  addGroup(month, draws, days);
  month.happenings.sort((one, other) => one.at - other.at);
  return month;
}

function addStay(month: HotelMonth, draws: Draws, day: number, name: string): void {
  const { kind, zone } = month;
  const guest = addGuest(month, draws, `guest ${name}`);
  const nights = 1 + draws.poisson(kind.nights - 1);
  const at = (offset: number, minutes: number): number => zone.instantOf(day + offset, Math.round(minutes), 'first');
  const checkIn = at(0, draws.between(15 * 60, 21 * 60));
  const checkOut = at(nights, draws.between(8 * 60, 11 * 60));
  month.stays.push({ guest, checkIn, checkOut });
  if (draws.chance(kind.writesFirst)) ask(month, draws, guest.id, checkIn - draws.between(-2, 30) * HOUR_MS);
  for (let night = 0; night < nights; night += 1)
    for (let left = draws.poisson(QUESTIONS_A_NIGHT); left > 0; left -= 1)
      ask(month, draws, guest.id, at(night, 0) + guestHour(draws) * HOUR_MS);
  const send = (trigger: Trigger, queuedAt: number, facts: Partial<Intent> & Pick<Intent, 'purpose'>): void => {
    if (!kind.sends.has(trigger)) return;
    const text = kind.isPersonal ? `${trigger} ${guest.id}` : trigger;
    handOver(month, { ...template(`${trigger} ${name}`, guest.id, text, queuedAt), ...facts });
  };
  const bookedAt = at(-draws.whole(1, 25), 0) + guestHour(draws) * HOUR_MS;
  send('confirmed', bookedAt, { purpose: 'service', expiresAt: checkIn });
  send('pre_arrival', at(-1, 17 * 60), { purpose: 'scheduled', expiresAt: checkIn });
  const readyAt = at(0, draws.between(13 * 60, 16 * 60));
  send('room_ready', readyAt, { purpose: 'service', urgency: 'high', expiresAt: readyAt + 3 * HOUR_MS });
  send('welcome', checkIn + 10 * MINUTE_MS, { purpose: 'service', expiresAt: checkIn + 6 * HOUR_MS });
  if (nights > 1) send('mid_stay', at(1, 10 * 60), { purpose: 'scheduled', expiresAt: at(1, 20 * 60) });
  send('pre_departure', at(nights - 1, 18 * 60), { purpose: 'scheduled', expiresAt: checkOut });
  send('review', checkOut + 4 * HOUR_MS, { purpose: 'promotional', expiresAt: checkOut + 2 * DAY_MS });
}

/** A tour group with its guide, in which the desk answers. */
function addGroup(month: HotelMonth, draws: Draws, days: number): void {
  if (!draws.chance(0.4)) return;
  addGuest(month, draws, 'group', { wroteBefore: true, isOnNetwork: true });
  for (let day = 0; day < days; day += draws.whole(1, 4))
    ask(month, draws, 'group', month.from + day * DAY_MS + guestHour(draws) * HOUR_MS);
}

function ask(month: HotelMonth, draws: Draws, guest: string, at: number): void {
  const words = 3 + Math.min(60, Math.round(draws.logNormal(9, 0.7)));
  if (at >= month.from && at < month.until) month.happenings.push({ at: Math.round(at), do: 'ask', guest, words });
}

function guestHour(draws: Draws): number {
  for (;;) {
    const hour = draws.between(0, 24);
    if (draws.chance((GUEST_HOURS[Math.floor(hour)] ?? 1) / MOST_GUEST_HOUR)) return hour;
  }
}
