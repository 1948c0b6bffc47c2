import { isRecord } from '../../../src/core/json.ts';
import { startPeer } from './bot-peer.ts';
import type { BotAnswer, BotRequest, Fields } from './bot-server.ts';
import { BotServer, refused } from './bot-server.ts';

/** Message ids that the server by others does not give, for methods that it does not know. */
const FIRST_OWN_ID = 500_000;
const UNAUTHORIZED = refused(401, 'Unauthorized');

/** A call of a bot that was taken, with the ids of the messages that it made. */
export interface TakenCall extends BotRequest {
  readonly messageIds: readonly number[];
}

interface Update extends Fields {
  readonly update_id: number;
}

/** A bot on the network, and what befalls it. */
export class TownBot {
  readonly token: string;
  readonly taken: TakenCall[] = [];
  readonly files = new Map<string, Buffer>();
  /** Answers the bot's next calls of a method, instead of the desk. */
  readonly refusals = new Map<string, BotAnswer>();
  /** The next send is taken, and never answered. */
  ignored: ((call: TakenCall) => void) | undefined;
  /** Updates that the bot has not acknowledged. */
  queue: Update[] = [];
  /** What comes is kept back while it is set. */
  held: Fields[] | undefined;
  /** The next update comes once more after it was acknowledged. */
  repeatsNext = false;
  #waiting: (() => void)[] = [];
  #onAsked: (() => void)[] = [];
  #nextUpdateId = 1;

  constructor(token: string) {
    this.token = token;
  }

  push(update: Fields): void {
    if (this.held !== undefined) {
      this.held.push(update);
      return;
    }
    const copies = this.repeatsNext ? [update, update] : [update];
    this.repeatsNext = false;
    for (const copy of copies) {
      this.queue.push({ ...copy, update_id: this.#nextUpdateId });
      this.#nextUpdateId += 1;
    }
    this.wake();
  }

  release(order: (held: Fields[]) => Fields[]): void {
    const held = order(this.held ?? []);
    this.held = undefined;
    for (const update of held) this.push(update);
  }

  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      for (const tell of this.#onAsked.splice(0)) tell();
    });
  }

  /** Resolves when a question waits for its answer. */
  asked(): Promise<void> {
    if (this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onAsked.push(resolve);
    });
  }

  /** Lines broke, and the questions on them are gone. */
  dropQuestions(): void {
    this.#waiting = [];
  }
}

/**
 * `telegram-test-api` behind a server of our own. What the former knows it does: tokens' own queues, `getMe`, texts both ways, presses,
 * edits and deletions of texts. The latter adds what that one lacks, after the documentation: acknowledgement by offset, long questions,
 * refusals, all other methods and kinds of message; and it mends its dates, which are milliseconds.
 */
export class BotTown {
  readonly bots = new Map<string, TownBot>();
  readonly server = new BotServer((request) => this.#serve(request));
  readonly violations: string[] = [];
  #peer: Awaited<ReturnType<typeof startPeer>> | undefined;
  #nextOwnId = FIRST_OWN_ID;
  #nextToken = 7_000_001;

  async start(): Promise<void> {
    this.#peer = await startPeer();
    await this.server.start();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.#peer?.stop();
  }

  createBot(): TownBot {
    const bot = new TownBot(`${this.#nextToken}:AAF-token-of-a-bot-in-a-town-${this.#nextToken}`);
    this.#nextToken += 1;
    this.bots.set(bot.token, bot);
    return bot;
  }

  /** Somebody says something through the server by others; resolves with what the bot is told. */
  async say(bot: TownBot, path: 'sendMessage' | 'sendCallback', said: Fields): Promise<Fields> {
    const date = Math.floor(Date.now() / 1_000);
    await this.#ask(`/${path}`, { botToken: bot.token, date, ...said });
    const answer = await this.#ask(`/bot${bot.token}/getUpdates`, {});
    const [update] = Array.isArray(answer['result']) ? answer['result'] : [];
    if (!isRecord(update)) throw new Error('nothing was said');
    const message: unknown = update['message'];
    const { botToken: _token, ...clean } = isRecord(message) ? message : {};
    const whole = isRecord(message) ? { ...update, message: clean } : update;
    bot.push(whole);
    return whole;
  }

  ownId(): number {
    this.#nextOwnId += 1;
    return this.#nextOwnId;
  }

  async #serve(request: BotRequest): Promise<BotAnswer> {
    const bot = this.bots.get(request.token);
    if (bot === undefined) return UNAUTHORIZED;
    const refusal = bot.refusals.get(request.method);
    if (refusal !== undefined) return refusal;
    if (request.method.startsWith('file:')) return fileOf(bot, request.method.slice('file:'.length));
    switch (request.method) {
      case 'getUpdates':
        return this.#updates(bot, request.fields);
      case 'getFile':
        return {
          ok: true,
          result: { file_id: request.fields['file_id'], file_path: `kit/${String(request.fields['file_id'])}` },
        };
      case 'getMe':
      case 'answerCallbackQuery':
        return this.#pass(request);
      case 'editMessageText':
      case 'deleteMessage': {
        const answer = await this.#pass(request);
        bot.taken.push({ ...request, messageIds: [] });
        // Its own kinds only; it says nothing of what it edited.
        return answer === 'silence' || 'bytes' in answer ? answer : { ok: true, result: true };
      }
      default:
        return this.#send(bot, request);
    }
  }

  async #send(bot: TownBot, request: BotRequest): Promise<BotAnswer> {
    const { method, fields } = request;
    const date = Math.floor(Date.now() / 1_000);
    if (['sendChatAction', 'setMessageReaction', 'deleteMessages'].includes(method)) {
      bot.taken.push({ ...request, messageIds: [] });
      return { ok: true, result: true };
    }
    if (!/^send[A-Z]/.test(method) || typeof fields['chat_id'] !== 'number') {
      this.violations.push(method);
      return refused(404, 'Not Found');
    }
    const album = method === 'sendMediaGroup' && Array.isArray(fields['media']) ? fields['media'] : [request];
    const ids = method === 'sendMessage' ? [await this.#passText(request)] : album.map(() => this.ownId());
    const call = { ...request, messageIds: ids };
    bot.taken.push(call);
    const { ignored } = bot;
    bot.ignored = undefined;
    ignored?.(call);
    if (ignored !== undefined) return 'silence';
    const poll = method === 'sendPoll' ? { poll: { id: String(ids[0]) } } : {};
    const sent = ids.map((message_id) => ({ message_id, date, chat: { id: fields['chat_id'] }, ...poll }));
    return { ok: true, result: method === 'sendMediaGroup' ? sent : sent[0] };
  }

  async #passText(request: BotRequest): Promise<number> {
    const answer = await this.#pass(request);
    const result: unknown = answer !== 'silence' && 'result' in answer ? answer.result : undefined;
    const id = isRecord(result) ? result['message_id'] : undefined;
    if (typeof id !== 'number') throw new Error('the server by others gave no id');
    return id;
  }

  /** Answers as the Bot API does: what lies before the offset is acknowledged, and an empty answer is held back. */
  async #updates(bot: TownBot, { offset, timeout, limit }: Fields): Promise<BotAnswer> {
    if (typeof offset === 'number') bot.queue = bot.queue.filter(({ update_id: id }) => id >= offset);
    if (bot.queue.length === 0 && timeout !== 0) await bot.news();
    const refusal = bot.refusals.get('getUpdates');
    if (refusal !== undefined) return refusal;
    return { ok: true, result: bot.queue.slice(0, Number(limit)) };
  }

  async #pass({ token, method, fields }: BotRequest): Promise<BotAnswer> {
    const answer = await this.#ask(`/bot${token}/${method}`, { ...fields });
    return answer['ok'] === true
      ? { ok: true, result: answer['result'] }
      : refused(400, 'Bad Request: the peer said no');
  }

  async #ask(path: string, body: Fields): Promise<Fields> {
    const response = await fetch(`${this.#peer?.root ?? ''}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    return isRecord(answer) ? answer : {};
  }
}

function fileOf(bot: TownBot, path: string): BotAnswer {
  const bytes = bot.files.get(path.replace(/^kit\//, ''));
  return bytes === undefined ? { bytes: Buffer.from('not found'), status: 404 } : { bytes, status: 200 };
}
