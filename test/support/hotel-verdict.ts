import type { BanVariant } from '../../connectors/box/ban-model/types.ts';
import { banVariants } from '../../connectors/box/ban-model/types.ts';
import { turnGapTime } from '../../src/engine/pacing/human-times.ts';
import { HotelFigures, quantile } from './hotel-figures.ts';
import type { Lived } from './hotel-house.ts';
import type { Judgement } from './hotel-network.ts';

const DAY_MS = 24 * 60 * 60_000;
/** The answers of one desk wait for each other: one change from chat to chat may come on top of what a person alone with it needs. */
export const REPLY_TOLERANCE_MS = turnGapTime.capMs;
/** With fewer hotels, or less of a month, chance decides which model has something to look at. */
export const FEWEST_HOTELS = 20;
export const FEWEST_DAYS = 30;
/**
 * How many of the hotels each model must ban, or close, when nobody paces them; per cent. Not all: some are small, some write only to
 * guests who wrote, some have the guest's name in each text, few write at night. Some two thirds of the least that five seeds show, and
 * nearly all where that is everybody.
 */
export const MUST_BITE: Readonly<Record<BanVariant, number>> = {
  speed: 95,
  strangers: 55,
  same_text: 20,
  unanswered: 45,
  blocked: 12,
  no_typing: 95,
  fixed_gaps: 65,
  night: 20,
  warm_up: 35,
  combined: 95,
};

/** One hotel's month, with the planner and without it. */
export interface BothWays {
  readonly paced: Lived;
  readonly unpaced: Lived;
}

/** Punished in a way that the hotel would notice. */
export function isStruck({ bannedAt, closings }: Judgement): boolean {
  return bannedAt !== null || closings > 0;
}

/** A fire alarm at night goes to the whole house at once, whatever it costs: safety goes before the number. */
export function isByAlarm({ kind, from }: Lived, { bannedAt }: Judgement): boolean {
  const day = bannedAt === null ? -1 : Math.floor((bannedAt - from) / DAY_MS);
  return kind.floods.get(day) === 'evacuation';
}

export function sumOf(lives: readonly Lived[]): HotelFigures {
  const all = new HotelFigures();
  for (const { figures } of lives) all.add(figures);
  return all;
}

/** What was promised of the months and did not come true, in words; empty = all did. */
export function brokenClaims(hotels: readonly BothWays[], days: number): readonly string[] {
  const broken: string[] = [];
  const bans = hotels.flatMap(({ paced }) =>
    paced.judgements
      .filter((each) => each.bannedAt !== null && !isByAlarm(paced, each))
      .map((each) => ({ ...each, seed: paced.kind.seed })),
  );
  for (const { seed, network, variant, bannedFor } of bans)
    broken.push(`hotel ${seed} is banned although it is paced: ${network}, ${variant}, ${bannedFor ?? ''}`);
  const all = sumOf(hotels.map(({ paced }) => paced));
  const p95 = quantile(
    all.replies.map(({ waitedMs }) => waitedMs),
    0.95,
  );
  const leastP95 = quantile(
    all.replies.map(({ leastMs }) => leastMs),
    0.95,
  );
  if (p95 > leastP95 + REPLY_TOLERANCE_MS)
    broken.push(`answers wait too long: p95 is ${p95} ms, a person alone with each needs ${leastP95} ms`);
  for (const { paced } of hotels)
    for (const starved of paced.figures.starved) broken.push(`hotel ${paced.kind.seed} leaves behind: ${starved}`);
  if (hotels.length >= FEWEST_HOTELS && days >= FEWEST_DAYS) broken.push(...toothless(hotels));
  return broken;
}

/** Models that hardly ever say anything of hotels that nobody paces. */
function toothless(hotels: readonly BothWays[]): readonly string[] {
  const networks = new Set(hotels.flatMap(({ unpaced }) => unpaced.judgements.map(({ network }) => network)));
  return [...networks].flatMap((network) =>
    banVariants.flatMap((variant) => {
      const struck = hotels.filter(({ unpaced }) =>
        unpaced.judgements.some((each) => each.network === network && each.variant === variant && isStruck(each)),
      ).length;
      const percent = (100 * struck) / hotels.length;
      if (percent >= MUST_BITE[variant]) return [];
      return [`${network}, ${variant}: bites only ${percent.toFixed(0)} % of the hotels that nobody paces`];
    }),
  );
}
