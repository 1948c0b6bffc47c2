import type { Random } from '../core/random.ts';
import type { DeliveryOutcome } from '../engine/ports/index.ts';
import { nextAttemptAt } from './schedule.ts';
import type { SendAnswer } from './sender.ts';

export interface Verdict {
  readonly outcome: DeliveryOutcome;
  /** The endpoint said that it is gone (410): stop asking until somebody enables it again. */
  readonly disable: boolean;
}

const GONE = 410;

/** What an answer means for its delivery. Only 2xx is success; a redirect is not followed and counts as a failure. Pure. */
export function judge(answer: SendAnswer, facts: { attempts: number; now: number }, random: Random): Verdict {
  const status = answer.type === 'answered' ? answer.status : null;
  if (status !== null && status >= 200 && status < 300) {
    return { outcome: { type: 'delivered', at: facts.now, status }, disable: false };
  }
  const error = describe(answer);
  if (status === GONE) {
    // It stays pending and goes out first when the webhook is enabled again.
    return { outcome: { type: 'retry', at: facts.now, nextAt: facts.now, status, error }, disable: true };
  }
  const retryAfterMs = answer.type === 'answered' ? answer.retryAfterMs : null;
  const nextAt = nextAttemptAt({ attempts: facts.attempts + 1, now: facts.now, retryAfterMs }, random);
  const outcome: DeliveryOutcome =
    nextAt === null
      ? { type: 'dead', at: facts.now, status, error }
      : { type: 'retry', at: facts.now, nextAt, status, error };
  return { outcome, disable: false };
}

function describe(answer: SendAnswer): string {
  switch (answer.type) {
    case 'answered':
      return `HTTP ${answer.status}`;
    case 'blocked':
      return 'blocked: the target is not a public address and not on the allow-list';
    case 'failed':
      return answer.reason;
  }
}
