import type { Random } from '../core/random.ts';

/** Adults read 238 words a minute (Brysbaert 2019, 190 studies); six characters a word with its space. */
const READ_CHARS_PER_SECOND = (238 * 6) / 60;
/** Until the eye is on the message; ms. */
const READ_START_MS = 800;
/** Spread of reading times between people, sigma of the logarithm. */
const READ_SIGMA = 0.3;
/** Longer texts are skimmed; a guest should not wait for more than this; ms. */
const READ_CAP_MS = 10_000;

/** Desk staff on a keyboard: 52 words a minute (Dhakal et al. 2018, 168,000 volunteers). */
const TYPE_CHARS_PER_SECOND = 4.3;
/** P75 over median of typing speeds (Palin et al. 2019) gives a sigma of about 0.42; one desk varies less than all people. */
const TYPE_SIGMA = 0.3;
/** Even an "ok" takes a moment; ms. */
const TYPE_FLOOR_MS = 1_000;
/** The middle of the 25 to 40 s after which a longer free text only makes the guest wait; ms. */
const TYPE_CAP_MS = 30_000;
/** Prepared texts are pasted: 8 to 12 s at most; ms. */
const PASTE_CAP_MS = 10_000;
/** Finding and attaching a file; ms. */
const ATTACH_MS = 3_000;

/** Between two guests, for what the hotel sends by itself: log-normal, median 20 s, sigma 0.7, never under 4 s. */
const OWN_GAP = { medianMs: 20_000, sigma: 0.7, floorMs: 4_000, capMs: 120_000 } as const;
/** Between two guests who wait for an answer: the half to two seconds that changing the chat takes; ms. */
const REPLY_GAP = { medianMs: 1_000, sigma: 0.5, floorMs: 500, capMs: 2_000 } as const;

/** How long a person reads `chars` before the read mark is due; ms. */
export function drawReadingTime(chars: number, random: Random): number {
  const medianMs = (chars / READ_CHARS_PER_SECOND) * 1_000;
  return Math.round(Math.min(READ_CAP_MS, READ_START_MS + medianMs * drawLogNormal(READ_SIGMA, random)));
}

/** How long "typing…" is shown; ms. */
export function drawTypingTime(
  text: { readonly textLength: number; readonly hasMedia: boolean; readonly isPrepared: boolean },
  random: Random,
): number {
  const medianMs = (text.textLength / TYPE_CHARS_PER_SECOND) * 1_000 + (text.hasMedia ? ATTACH_MS : 0);
  const capMs = text.isPrepared ? PASTE_CAP_MS : TYPE_CAP_MS;
  return Math.round(Math.min(capMs, Math.max(TYPE_FLOOR_MS, medianMs * drawLogNormal(TYPE_SIGMA, random))));
}

/** The pause before turning to another guest; ms. */
export function drawConversationGap(kind: 'reply' | 'own', random: Random): number {
  const gap = kind === 'reply' ? REPLY_GAP : OWN_GAP;
  return Math.round(Math.min(gap.capMs, Math.max(gap.floorMs, gap.medianMs * drawLogNormal(gap.sigma, random))));
}

/** A factor with median 1, by Box and Muller. */
function drawLogNormal(sigma: number, random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return Math.exp(sigma * radius * Math.cos(2 * Math.PI * random.next()));
}
