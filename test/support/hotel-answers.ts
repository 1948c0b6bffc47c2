import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import { planQueue } from '../../src/engine/pacing/plan-queue.ts';
import type { Intent } from '../../src/engine/pacing/types.ts';
import type { Draws } from './hotel-draws.ts';

const MINUTE_MS = 60_000;
/** From a guest's message to the answer that somebody, or the bot, hands over. */
const DESK_TAKES = { medianMs: 2 * MINUTE_MS, sigma: 0.9 } as const;
const LENGTH = { least: 10, median: 80, sigma: 0.8, most: 600 } as const;
const WITH_PHOTO = 0.04;
const PASTED = 0.4;
/** So many prepared answers a hotel has. */
const CANNED = 12;

export function deskTakesMs(draws: Draws): number {
  return draws.logNormal(DESK_TAKES.medianMs, DESK_TAKES.sigma);
}

/** What the desk says to a guest who asked. */
export function answerTo(guest: string, messageId: string, queuedAt: number, draws: Draws): Intent {
  const textLength = LENGTH.least + Math.min(LENGTH.most, Math.round(draws.logNormal(LENGTH.median, LENGTH.sigma)));
  const isTemplate = draws.chance(PASTED);
  return {
    messageId,
    conversationId: guest,
    purpose: 'reply',
    urgency: 'normal',
    textLength,
    hasMedia: draws.chance(WITH_PHOTO),
    isTemplate,
    textKey: isTemplate ? `canned ${textLength % CANNED}` : messageId,
    queuedAt,
    sendAt: null,
    expiresAt: null,
    retryAt: null,
    review: 'none',
  };
}

/** What a person needs who has nothing else to do than this one message; from when it was handed over. */
export function leastMsOf(situation: PlanInput): number {
  const history = { ...situation.history, sends: [], optOuts: [] };
  const [alone] = planQueue({ ...situation, history, standing: { ...situation.standing, limits: [], ban: null } });
  return alone?.do === 'send' ? alone.sendAt - situation.now : 0;
}
