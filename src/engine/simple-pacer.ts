import type { Random } from '../core/random.ts';
import { drawConversationGap, drawReadingTime, drawTypingTime } from './human-times.ts';
import type { Pacer, SendIntent, SendPlan, SendRecord } from './ports/index.ts';

/** A mean turn of one message, gap included, for the first guess of `estimatedSendAt`; ms. */
const MEAN_GAP_MS = 8_000;
/** Sessions whose last send is remembered; far more than one daemon runs. */
const MOST_SESSIONS = 10_000;

interface LastSend {
  readonly conversationId: string;
  readonly at: number;
  /** Drawn once a send, so that asking twice gives the same answer. */
  readonly replyGapMs: number;
  readonly ownGapMs: number;
}

/**
 * The plain, safe order: read, type, send, and a pause before the next guest. Knows nothing of budgets or hours of the day;
 * those come with the pacer proper. Pure on time: what it knows comes through its arguments and `record`.
 */
export class SimplePacer implements Pacer {
  readonly mode = 'human';
  readonly #random: Random;
  readonly #last = new Map<string, LastSend>();

  constructor(deps: { random: Random }) {
    this.#random = deps.random;
  }

  plan(intent: SendIntent, now: number): SendPlan {
    const reading = intent.unreadLength > 0 ? drawReadingTime(intent.unreadLength, this.#random) : 0;
    return {
      do: 'send',
      readAfterMs: this.#gapLeft(intent, now) + reading,
      typingForMs: drawTypingTime(
        { textLength: intent.textLength, hasMedia: intent.hasMedia, isPrepared: isPrepared(intent.purpose) },
        this.#random,
      ),
    };
  }

  estimate(intent: Pick<SendIntent, 'textLength' | 'hasMedia'>, queuedBefore: number, now: number): number {
    const typing = drawTypingTime({ ...intent, isPrepared: false }, medianRandom);
    return Math.round(now + typing + queuedBefore * (typing + MEAN_GAP_MS));
  }

  record(outcome: SendRecord, now: number): void {
    this.#last.delete(outcome.sessionId);
    this.#last.set(outcome.sessionId, {
      conversationId: outcome.conversationId,
      at: now,
      replyGapMs: drawConversationGap('reply', this.#random),
      ownGapMs: drawConversationGap('own', this.#random),
    });
    if (this.#last.size <= MOST_SESSIONS) return;
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      break;
    }
  }

  #gapLeft(intent: SendIntent, now: number): number {
    const last = this.#last.get(intent.sessionId);
    if (last === undefined || last.conversationId === intent.conversationId) return 0;
    const gapMs = intent.purpose === 'reply' || intent.purpose === 'safety' ? last.replyGapMs : last.ownGapMs;
    // A clock that was set back must not make the pause longer than it was drawn.
    return Math.min(gapMs, Math.max(0, last.at + gapMs - now));
  }
}

/** Only for private endpoints: sends at once. */
export const offPacer: Pacer = {
  mode: 'off',
  plan: () => ({ do: 'send', readAfterMs: 0, typingForMs: 0 }),
  estimate: (_intent, _queuedBefore, now) => now,
  record: () => undefined,
};

/** Written before and pasted, not typed while the guest waits. */
function isPrepared(purpose: SendIntent['purpose']): boolean {
  return purpose === 'scheduled' || purpose === 'promotional' || purpose === 'safety';
}

/** Zero draws the median of every log-normal. */
const medianRandom: Random = { next: () => 0, bytes: (length) => new Uint8Array(length) };
