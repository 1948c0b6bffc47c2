import { seededRandom } from '../../../src/core/random.ts';
import { AccountBook, DAY_MS } from '../ban-model/account-book.ts';
import { BanModel } from '../ban-model/ban-model.ts';
import type { BanVariant, Penalty, PunishingNetwork, SeenSend } from '../ban-model/types.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
/** Noon of a Wednesday. */
export const NOON = Date.UTC(2027, 0, 13, 12);

export interface Told {
  readonly index: number;
  readonly penalty: Penalty;
}

/** An account in front of one model. Messages go to guests who wrote two days ago, by hand, where nothing else is said. */
export function live(wanted: {
  readonly variant: BanVariant;
  readonly network?: PunishingNetwork;
  readonly seed?: number;
  readonly ageDays?: number;
  readonly count: number;
  readonly send: (index: number) => Partial<SeenSend> & { readonly at: number };
  readonly isStranger?: boolean;
  readonly before?: (book: AccountBook, index: number, at: number) => void;
  readonly after?: (book: AccountBook, index: number, at: number) => void;
}): readonly Told[] {
  const { variant, network = 'whatsapp', seed = 1, ageDays = 400 } = wanted;
  const book = new AccountBook({ bornAt: NOON - ageDays * DAY_MS, timeZone: 'UTC' });
  const model = new BanModel({ network, variant, seed, book });
  const told: Told[] = [];
  for (let index = 0; index < wanted.count; index += 1) {
    const send = {
      to: `guest ${index}`,
      isGroup: false,
      textKey: null,
      typedMs: 5_000,
      hasRead: null,
      isUndelivered: false,
      ...wanted.send(index),
    };
    if (wanted.isStranger !== true) book.knows(send.to, NOON - 2 * DAY_MS);
    wanted.before?.(book, index, send.at);
    const penalty = model.take(send);
    if (penalty !== null) told.push({ index, penalty });
    wanted.after?.(book, index, send.at);
  }
  return told;
}

/** The first that is more than a warning. */
export const struck = (told: readonly Told[]): Told | undefined =>
  told.find(({ penalty }) => penalty.kind !== 'warning');
export const every =
  (gapMs: number) =>
  (index: number): { at: number } => ({ at: NOON + index * gapMs });
/** As uneven as people's: log-normal, sigma 0.7. */
export const uneven = (medianMs: number, seed = 3): ((index: number) => { at: number }) => {
  const random = seededRandom(seed);
  let at = NOON;
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    at += Math.round(medianMs * Math.exp(0.7 * radius * Math.cos(2 * Math.PI * random.next())));
    return { at };
  };
};
