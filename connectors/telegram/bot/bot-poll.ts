import type { SessionContext } from '../../../src/connector-api/index.ts';
import { sleep } from '../../../src/core/clock.ts';
import type { Inbox } from '../inbox.ts';
import { sessionDown } from '../open-connection.ts';
import type { BotApi } from './bot-api.ts';
import { BotLost, BotRefused } from './bot-api.ts';
import { StoreFailed } from './bot-disconnect.ts';
import type { BotReceiver } from './bot-receiver.ts';
import { ALLOWED_UPDATES } from './bot-receiver.ts';
import { botUpdateId } from './bot-schemas.ts';

const OFFSET = 'telegram.bot.offset';
/** How long Telegram holds an answer back while there is nothing to tell. It takes up to 50; with less a dead line is found sooner. */
const HOLD_SECONDS = 20;
const MS_PER_SECOND = 1_000;
/** On top of what it is asked to hold: then the line is dead. */
const GRACE_MS = 10_000;
/** The first question is answered at once. */
const FIRST_TIMEOUT_MS = 20_000;
const MOST_UPDATES = 100;
/** So many rounds belong to the catching up of a connection; 1,000 messages are more than a day's. */
const MOST_CATCH_UP_ROUNDS = 10;
/** A server that holds nothing back is not asked more often. */
const SHORTEST_ROUND_MS = 250;
const ANSWER_TIMEOUT_MS = 15_000;
/** Of the question of a canary, which nothing holds back. */
const CANARY_TIMEOUT_MS = 10_000;
/** Telegram may count the question that we cut short as another program's for this long. */
const CONFLICT_PAUSE_MS = 3_000;
const CONFLICT = 409;

interface Canary {
  readonly token: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

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
  /** Cuts the question short that is being held. */
  #question = new AbortController();
  #canary: Canary | undefined;
  #pushes = 0;
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
    this.#lose(sessionDown());
  }

  /** Updates that were told. */
  get pushes(): number {
    return this.#pushes;
  }

  /**
   * Cuts the long question short and asks once without holding: when that is answered, the token goes into the journal behind what the
   * answer brought. Rejects with what ended the asking.
   */
  prove(token: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#stopped.signal.aborted || this.#running === undefined) {
        reject(sessionDown());
        return;
      }
      this.#lose(sessionDown());
      this.#canary = { token, resolve, reject };
      this.#question.abort();
    });
  }

  async #run(): Promise<void> {
    const { clock } = this.#context;
    const { signal } = this.#stopped;
    try {
      while (!signal.aborted) {
        const askedAt = clock.monotonic();
        if (this.#canary !== undefined) {
          await this.#askFor(this.#canary);
          continue;
        }
        const count = await this.#askLong();
        const restMs = SHORTEST_ROUND_MS - (clock.monotonic() - askedAt);
        if (count === 0 && restMs > 0) await sleep(clock, restMs, signal);
      }
    } catch (error) {
      this.#lose(error);
      if (!signal.aborted) this.#end(error);
    }
  }

  /** Resolves with 0 where it was cut short. */
  async #askLong(): Promise<number> {
    this.#question = new AbortController();
    const { signal } = this.#question;
    try {
      return await this.#ask(HOLD_SECONDS, signal);
    } catch (error) {
      if (signal.aborted && error instanceof BotLost && error.reason === 'aborted') return 0;
      throw error;
    }
  }

  async #askFor(canary: Canary): Promise<void> {
    const { clock } = this.#context;
    try {
      await this.#ask(0, undefined, canary);
    } catch (error) {
      if (!(error instanceof BotRefused) || error.code !== CONFLICT) throw error;
      await sleep(clock, CONFLICT_PAUSE_MS, this.#stopped.signal);
      await this.#ask(0, undefined, canary);
    }
    if (this.#canary === canary) this.#canary = undefined;
    canary.resolve();
  }

  #lose(reason: unknown): void {
    this.#canary?.reject(reason);
    this.#canary = undefined;
  }

  async #ask(holdSeconds: number, cut?: AbortSignal, canary?: Canary): Promise<number> {
    const offset = this.#context.vault.cursor.get(OFFSET);
    const payload = {
      ...(offset === undefined ? {} : { offset: Number(offset) }),
      timeout: holdSeconds,
      limit: MOST_UPDATES,
      allowed_updates: ALLOWED_UPDATES,
    };
    const shortMs = canary === undefined ? FIRST_TIMEOUT_MS : CANARY_TIMEOUT_MS;
    const timeoutMs = holdSeconds === 0 ? shortMs : holdSeconds * MS_PER_SECOND + GRACE_MS;
    const { signal: stopped } = this.#stopped;
    const signal = cut === undefined ? stopped : AbortSignal.any([stopped, cut]);
    const answer = await this.#api.call('getUpdates', payload, { timeoutMs, signal });
    if (!Array.isArray(answer)) throw new TypeError('updates are no list');
    stopped.throwIfAborted();
    this.#pushes += answer.length;
    if (answer.length > 0 || canary !== undefined) this.#keep(answer, canary);
    return answer.length;
  }

  #keep(updates: readonly unknown[], canary: Canary | undefined): void {
    const { clock, vault } = this.#context;
    const ids = updates.map((update) => botUpdateId.parse(update).update_id);
    try {
      vault.transaction(() => {
        for (const update of updates) this.#receiver.take(update);
        if (ids.length > 0) vault.cursor.set(OFFSET, String(Math.max(...ids) + 1));
        if (canary !== undefined)
          this.#inbox.put({ events: [{ type: 'canary', token: canary.token, at: clock.now() }], files: [] });
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
