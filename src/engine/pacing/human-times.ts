import type { LogNormal } from './keyed-draws.ts';
import { drawBetween, drawLogNormal, draws, drawUnit } from './keyed-draws.ts';
import type { Rules } from './rules.ts';
import type { Intent, Lane } from './types.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Adults read 238 words a minute (Brysbaert 2019, 190 studies); ms. */
const READ_WORD_MS = MINUTE_MS / 238;
/** Until the eye is on the message; ms. */
const READ_START_MS = 800;
/** A guest who writes a page is answered by somebody who skims it; ms. */
const READ_SKIM_MS = { from: 10 * SECOND_MS, to: 16 * SECOND_MS } as const;
/** Spread of speeds of one desk, as a factor. People differ more: P75 of typing over the median tells a sigma of 0.42 (Palin 2019). */
const SPEED: LogNormal = { medianMs: 1, sigma: 0.3, floorMs: 0.4, capMs: 2.5 };

/** From having read to the first key. */
export const thinkingTime: LogNormal = { medianMs: 2_000, sigma: 0.6, floorMs: 400, capMs: 12_000 };
/** From the last key to the press on "send". */
export const pauseTime: LogNormal = { medianMs: 1_000, sigma: 0.4, floorMs: 500, capMs: 2_000 };

/** Keyboard: 52 words a minute (Dhakal 2018, 168,000 people); phone: 36.17 (Palin 2019, 37,370 people); five characters a word; ms. */
const TYPE_CHARACTER_MS: Readonly<Record<Rules['typing'], number>> = {
  keyboard: MINUTE_MS / (52 * 5),
  phone: MINUTE_MS / (36.17 * 5),
};
/** Even an "ok" takes a moment; ms. */
const TYPE_START_MS = 700;
/** Finding and attaching a file; ms. */
const ATTACH_MS = 3_000;
/** Longer texts come from somewhere else, and a longer wait helps no guest; ms. */
const LONG_TEXT_MS = { from: 25 * SECOND_MS, to: 40 * SECOND_MS } as const;
/** Prepared texts are pasted; ms. */
const PASTE_MS = { from: 8 * SECOND_MS, to: 12 * SECOND_MS } as const;
/** No message takes longer to write, the pause before sending included; ms. */
export const LONGEST_WRITING_MS = LONG_TEXT_MS.to + pauseTime.capMs;
/** In an emergency nobody reads through what is pasted; ms. */
const HURRIED_PASTE_MS = { from: 1_000, to: 2_500 } as const;

/** From one guest to the next, for what the hotel sends by itself; before `stretch` of the hour. */
export const ownGapTime: LogNormal = { medianMs: 20 * SECOND_MS, sigma: 0.7, floorMs: 4_000, capMs: 3 * MINUTE_MS };
/** From one chat to the next, for somebody who answers. */
export const turnGapTime: LogNormal = { medianMs: 1_000, sigma: 0.5, floorMs: 500, capMs: 4_000 };

/** After 8 to 12 messages somebody does something else for 3 to 8 minutes. */
const RUN_LENGTH = { least: 8, most: 12 } as const;
export const restTime: LogNormal = {
  medianMs: 5 * MINUTE_MS,
  sigma: 0.3,
  floorMs: 3 * MINUTE_MS,
  capMs: 8 * MINUTE_MS,
};
/** A pause that came by itself and is as long as the shortest rest is one; ms. */
export const NATURAL_REST_MS = restTime.floorMs;

/** Nobody waits with a finger on the key for a limit to end. */
export const latenessTime: LogNormal = { medianMs: 40 * SECOND_MS, sigma: 0.7, floorMs: 5_000, capMs: 4 * MINUTE_MS };
/** From the end of the quiet hours to the first message of the day. */
export const morningTime: LogNormal = { medianMs: 4 * MINUTE_MS, sigma: 0.6, floorMs: 30_000, capMs: 15 * MINUTE_MS };

/** How long somebody reads what the guest wrote; ms. */
export function readingMs(key: number, words: number): number {
  const typical = READ_START_MS + words * READ_WORD_MS * drawLogNormal(key, draws.reading, SPEED);
  return typical <= READ_SKIM_MS.from ? typical : Math.min(typical, drawSkim(key));
}

/** How long "typing…" is shown; ms. */
export function typingMs(key: number, intent: Intent, lane: Lane, profile: Rules['typing']): number {
  const { textLength, hasMedia, isTemplate } = intent;
  const typical = TYPE_START_MS + textLength * TYPE_CHARACTER_MS[profile] + (hasMedia ? ATTACH_MS : 0);
  const typed = typical * drawLogNormal(key, draws.typing, SPEED);
  const longest = lane === 'safety' ? HURRIED_PASTE_MS : isTemplate ? PASTE_MS : LONG_TEXT_MS;
  if (typed <= longest.from) return typed;
  return Math.min(typed, drawBetween(key, draws.longText, longest.from, longest.to));
}

/** How many messages somebody sends before resting; drawn with the first of them. */
export function runLength(key: number): number {
  const choices = RUN_LENGTH.most - RUN_LENGTH.least + 1;
  return RUN_LENGTH.least + Math.floor(drawUnit(key, draws.runLength) * choices);
}

function drawSkim(key: number): number {
  return drawBetween(key, draws.skim, READ_SKIM_MS.from, READ_SKIM_MS.to);
}
