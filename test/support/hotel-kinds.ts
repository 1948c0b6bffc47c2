import { seededRandom } from '../../src/core/random.ts';
import { Draws } from './hotel-draws.ts';

const DAY_MS = 24 * 60 * 60_000;
const ZONES = ['Europe/Berlin', 'Europe/Lisbon', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney'] as const;
/** Less and it is a guest house, more and it has several numbers. */
const ROOMS = { least: 10, most: 300 } as const;

/** What a PMS can send by itself. */
export const triggers = [
  'confirmed',
  'pre_arrival',
  'room_ready',
  'welcome',
  'mid_stay',
  'pre_departure',
  'review',
] as const;
export type Trigger = (typeof triggers)[number];

/** What goes wrong at a hotel. `evacuation` is nobody's mistake, and apart for it passes limits on purpose. */
export const floods = ['queue_500', 'batch_of_50', 'all_at_23', 'import_1000', 'same_text_200', 'evacuation'] as const;
export type Flood = (typeof floods)[number];

/** A made-up hotel, drawn by its seed. Rates of answers and opt-outs are those of surveys (TextUs, ALICE). */
export interface HotelKind {
  readonly seed: number;
  readonly rooms: number;
  readonly timeZone: string;
  /** When its number was first used. */
  readonly bornAt: number;
  /** How full it is on an ordinary day, 0 to 1. */
  readonly occupancy: number;
  readonly nights: number;
  readonly sends: ReadonlySet<Trigger>;
  /** Whether its texts carry the guest's name: if not, all get the same. */
  readonly isPersonal: boolean;
  /** Of guests to whom the hotel writes by itself. */
  readonly replyRate: number;
  readonly optOutRate: number;
  /** Of guests, who write first: by the QR code of the confirmation, or in the room. */
  readonly writesFirst: number;
  /** By the day on which they happen. */
  readonly floods: ReadonlyMap<number, Flood>;
}

export function drawHotel(
  seed: number,
  from: number,
  days: number,
  kinds: readonly Flood[] = floods.slice(0, 5),
): HotelKind {
  const draws = new Draws(seededRandom(seed));
  const age = draws.chance(0.3) ? 1 : draws.chance(0.3) ? draws.between(3, 28) : draws.scale(30, 1_800);
  const happens = new Map<number, Flood>();
  for (const flood of kinds) if (draws.chance(0.5)) happens.set(draws.whole(1, Math.max(1, days - 2)), flood);
  return {
    seed,
    rooms: Math.round(draws.scale(ROOMS.least, ROOMS.most)),
    timeZone: draws.pick(ZONES),
    bornAt: from - age * DAY_MS,
    occupancy: draws.between(0.4, 0.9),
    nights: draws.between(1.5, 4),
    sends: new Set(triggers.filter(() => draws.chance(0.6))),
    isPersonal: draws.chance(0.75),
    replyRate: draws.between(0.25, 0.3),
    optOutRate: draws.between(0.004, 0.009),
    writesFirst: draws.between(0.2, 0.5),
    floods: happens,
  };
}
