import type { PunishingNetwork } from '../../connectors/box/ban-model/types.ts';
import type { HotelFigures } from './hotel-figures.ts';
import type { Flood, HotelKind } from './hotel-kinds.ts';
import { drawHotel } from './hotel-kinds.ts';
import { HotelLife } from './hotel-life.ts';
import type { Judge, Judgement } from './hotel-network.ts';
import { HotelNetwork } from './hotel-network.ts';
import { makeMonth } from './hotel-traffic.ts';

/** A Monday; Europe's clocks go forward three weeks later. */
export const FIRST_MONDAY = Date.UTC(2027, 2, 8);

export interface Lived {
  readonly kind: HotelKind;
  readonly figures: HotelFigures;
  readonly judgements: readonly Judgement[];
  readonly from: number;
}

/** Has one hotel live its month in front of the models. */
export function liveMonth(wanted: {
  readonly seed: number;
  readonly days: number;
  readonly isPaced: boolean;
  /** Whose models judge; both if nothing is said. */
  readonly networks?: readonly PunishingNetwork[];
  /** The model that is obeyed; without one all watch. */
  readonly enforced?: Judge;
  /** Whether the network tells that messages arrive, as WhatsApp does; so it is at every other hotel if nothing is said. */
  readonly tellsDelivery?: boolean;
  readonly floods?: readonly Flood[];
  readonly changes?: Partial<HotelKind>;
}): Lived {
  const { seed, days, isPaced, enforced = null, networks = ['whatsapp', 'telegram'] } = wanted;
  const { tellsDelivery = seed % 2 === 0 } = wanted;
  const kind = { ...drawHotel(seed, FIRST_MONDAY, days, wanted.floods), ...wanted.changes };
  const month = makeMonth(kind, FIRST_MONDAY, days);
  const { bornAt, timeZone } = kind;
  const network = new HotelNetwork({ networks, bornAt, timeZone, seed, enforced });
  const figures = new HotelLife({ month, network, isPaced, tellsDelivery }).run();
  return { kind, figures, judgements: network.records, from: month.from };
}
