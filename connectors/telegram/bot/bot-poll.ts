import type { SessionContext } from '../../../src/connector-api/index.ts';
import { sleep } from '../../../src/core/clock.ts';
import type { Inbox } from '../inbox.ts';
import type { BotApi } from './bot-api.ts';
import { StoreFailed } from './bot-disconnect.ts';
import type { BotReceiver } from './bot-receiver.ts';
import { ALLOWED_UPDATES } from './bot-receiver.ts';
import { botUpdateId } from './bot-schemas.ts';

const OFFSET = 'telegram.bot.offset';
/** How long Telegram holds an answer back while there is nothing to tell; the longest that it takes. */
const HOLD_SECONDS = 50;
const MS_PER_SECOND = 1_000;
/** On top of what it is asked to hold: then the line is dead. */
const GRACE_MS = 15_000;
/** The first question is answered at once. */
const FIRST_TIMEOUT_MS = 20_000;
const MOST_UPDATES = 100;
/** So many rounds belong to the catching up of a connection; 1,000 messages are more than a day's. */
const MOST_CATCH_UP_ROUNDS = 10;
/** A server that holds nothing back is not asked more often. */
const SHORTEST_ROUND_MS = 250;
const ANSWER_TIMEOUT_MS = 15_000;

/**
 * Asks for updates, one long question after the other. In one transaction updates are journalled and the offset moves; only the next
 * question has the new offset in it, which is what tells Telegram that it may forget them.
 */
export class BotPoll {
  readonly #context: SessionContext<unknown>;
  readonly #api: BotApi;
  readonly #inbox: Inbox;
  readonly #receiver: BotReceiver;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #end: (reason: unknown) => void = () => undefined;
  /** Resolves with what ended the asking; never after `stop`. */
  readonly ended: Promise<unknown>;

  constructor(deps: { context: SessionContext<unknown>; api: BotApi; inbox: Inbox; receiver: BotReceiver }) {
    this.#context = deps.context;
    this.#api = deps.api;
    this.#inbox = deps.inbox;
    this.#receiver = deps.receiver;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Resolves once what was said meanwhile is journalled. Rejects with the failure of a call, or `StoreFailed`. */
  async start(): Promise<void> {
    for (let round = 0; round < MOST_CATCH_UP_ROUNDS; round += 1) {
      const count = await this.#ask(0);
      if (count < MOST_UPDATES) break;
    }
    if (this.#stopped.signal.aborted) return;
    this.#running = this.#run();
  }

  /** Resolves when no question is under way any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#context;
    const { signal } = this.#stopped;
    try {
      while (!signal.aborted) {
        const askedAt = clock.monotonic();
        const count = await this.#ask(HOLD_SECONDS);
        const restMs = SHORTEST_ROUND_MS - (clock.monotonic() - askedAt);
        if (count === 0 && restMs > 0) await sleep(clock, restMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#end(error);
    }
  }

  async #ask(holdSeconds: number): Promise<number> {
    const offset = this.#context.vault.cursor.get(OFFSET);
    const payload = {
      ...(offset === undefined ? {} : { offset: Number(offset) }),
      timeout: holdSeconds,
      limit: MOST_UPDATES,
      allowed_updates: ALLOWED_UPDATES,
    };
    const timeoutMs = holdSeconds === 0 ? FIRST_TIMEOUT_MS : holdSeconds * MS_PER_SECOND + GRACE_MS;
    const answer = await this.#api.call('getUpdates', payload, { timeoutMs, signal: this.#stopped.signal });
    if (!Array.isArray(answer)) throw new TypeError('updates are no list');
    this.#stopped.signal.throwIfAborted();
    if (answer.length > 0) this.#keep(answer);
    return answer.length;
  }

  #keep(updates: readonly unknown[]): void {
    const { vault } = this.#context;
    const ids = updates.map((update) => botUpdateId.parse(update).update_id);
    try {
      vault.transaction(() => {
        for (const update of updates) this.#receiver.take(update);
        vault.cursor.set(OFFSET, String(Math.max(...ids) + 1));
      });
    } catch (error) {
      this.#receiver.forget();
      throw new StoreFailed(error);
    }
    this.#inbox.work();
    for (const id of this.#receiver.takePresses()) void this.#answer(id);
  }

  /** Ends the waiting sign on the button. A guest sees no more of it than that. */
  async #answer(callbackId: string): Promise<void> {
    try {
      await this.#api.call('answerCallbackQuery', { callback_query_id: callbackId }, { timeoutMs: ANSWER_TIMEOUT_MS });
    } catch (error) {
      this.#context.log.debug('the press of a button was not answered', {
        error: error instanceof Error ? error.name : null,
      });
    }
  }
}
