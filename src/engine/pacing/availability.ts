import { latenessTime } from './human-times.ts';
import { drawKey, drawLogNormal, draws } from './keyed-draws.ts';
import type { Latest } from './latest.ts';
import type { QueuedItem, QueueLine } from './queue-line.ts';
import type { Rules } from './rules.ts';
import type { NetworkLimit, Standing } from './types.ts';

const SECOND_MS = 1_000;

/** What stands against a message in its own conversation, and what the network has closed. */
export class Availability {
  readonly #rules: Rules;
  /** `at`: when somebody is back at it, some time after its end. */
  readonly #limits: readonly { readonly limit: NetworkLimit; readonly at: number }[];
  readonly #now: number;

  constructor(deps: { rules: Rules; standing: Standing; now: number; seed: number }) {
    this.#rules = deps.rules;
    this.#limits = deps.standing.limits
      .filter(({ until }) => until > deps.now)
      .map((limit) => {
        const key = drawKey(deps.seed, `limit ${limit.until}`);
        return { limit, at: limit.until + Math.ceil(drawLogNormal(key, draws.lateness, latenessTime)) };
      });
    this.#now = deps.now;
  }

  /** From when on it can have a turn, if only the account lets it. Written into `latest`. */
  of(item: QueuedItem, latest: Latest): Latest {
    const { intent, line, dueAt } = item;
    const isPutOff = intent.sendAt !== null && dueAt > intent.queuedAt;
    latest.reset(Math.max(this.#now, dueAt), isPutOff && dueAt > this.#now ? 'send_at' : 'human');
    if (intent.retryAt !== null) latest.take(intent.retryAt, 'retry');
    if (item.isTalk) latest.take(line.triesBefore(item), 'retry');
    for (const { limit, at } of this.#limits) {
      if (!closes(limit, line)) continue;
      latest.take(at, limit.scope === 'new_chats' ? 'new_chats_closed' : 'network_limit', limit.until);
    }
    if (!item.isTalk) {
      const { chatGapSeconds, chatCoolDownSeconds } = this.#rules.limits;
      latest.take(line.lastAt + chatGapSeconds * SECOND_MS, 'chat_cool_down');
      latest.take(line.lastOwnAt + chatCoolDownSeconds * SECOND_MS, 'chat_cool_down');
    }
    return latest;
  }
}

function closes({ scope, conversationId }: NetworkLimit, line: QueueLine): boolean {
  switch (scope) {
    case 'account':
      return true;
    case 'chat':
      return conversationId === line.conversationId;
    case 'new_chats':
      return !line.facts.isKnown;
  }
}
