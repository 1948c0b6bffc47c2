import type { Intent } from '../../src/engine/pacing/types.ts';
import type { Draws } from './hotel-draws.ts';
import type { Flood } from './hotel-kinds.ts';
import type { HotelMonth } from './hotel-month.ts';
import { addGuest, handOver, template } from './hotel-month.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * People who have no stay and are on some list. Each of these rates is an own estimate; so many who block or report bring severe
 * restrictions, as vendors tell (some 3 %, Pilot Status), and to lists of strangers that is what happens.
 */
const ON_A_LIST = { replyRate: 0.05, optOutRate: 0.02, blockRate: 0.03 } as const;

/** Somebody makes a mistake, or means well: on the day that begins at `midnight`. */
export function addFlood(month: HotelMonth, flood: Flood, midnight: number, draws: Draws): void {
  const inHouse = (at: number): readonly string[] =>
    month.stays.filter(({ checkIn, checkOut }) => checkIn < at && at < checkOut).map(({ guest }) => guest.id);
  const send = (guest: string, at: number, text: string, facts: Partial<Intent> = {}): void =>
    handOver(month, {
      ...template(`${flood} ${month.happenings.length}`, guest, text, at),
      expiresAt: at + 7 * DAY_MS,
      ...facts,
    });
  switch (flood) {
    case 'queue_500': {
      const at = midnight + 10 * HOUR_MS;
      for (let index = 0; index < 500; index += 1) {
        const { id } = addGuest(month, draws, `earlier guest ${index}`, { wroteBefore: draws.chance(0.6) });
        send(id, at, `${flood} ${id}`);
      }
      return;
    }
    case 'batch_of_50': {
      const at = midnight + 12 * HOUR_MS;
      for (const guest of inHouse(at).slice(0, 1))
        for (let index = 0; index < 50; index += 1) send(guest, at, `${flood} ${index}`);
      return;
    }
    case 'all_at_23': {
      const at = midnight + 23 * HOUR_MS;
      for (const guest of inHouse(at)) send(guest, at, `${flood} ${guest}`, { purpose: 'scheduled' });
      return;
    }
    case 'import_1000': {
      const at = midnight + 9 * HOUR_MS;
      const stranger = { wroteBefore: false, ...ON_A_LIST };
      const isSame = draws.chance(0.5);
      for (let index = 0; index < 1_000; index += 1) {
        const { id } = addGuest(month, draws, `stranger ${index}`, { ...stranger, isOnNetwork: draws.chance(0.9) });
        const text = isSame ? flood : `${flood} ${id}`;
        send(id, at, text, { purpose: 'scheduled' });
      }
      return;
    }
    case 'same_text_200': {
      const at = midnight + 11 * HOUR_MS;
      for (const guest of inHouse(at).slice(0, 200)) send(guest, at, flood);
      return;
    }
    case 'evacuation': {
      const at = midnight + 3 * HOUR_MS;
      for (const guest of inHouse(at)) send(guest, at, flood, { purpose: 'safety', urgency: 'high' });
    }
  }
}
