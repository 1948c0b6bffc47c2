import type { ConnectorEvent, MediaPort, OutboundContent, SendResult } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { configSchema } from '../config.ts';
import { createMessageId } from '../ids.ts';
import { TelegramSession } from '../session.ts';
import { writeAccount } from '../stored-account.ts';
import type { BotAnswer, BotRequest, Fields } from './bot-server.ts';
import { BotServer } from './bot-server.ts';
import { memoryMedia } from './send-support.ts';

export const TOKEN = '7000123:AAF-kit-token';
const SELF = { id: 7_000_123, is_bot: true, first_name: 'Hotel', username: 'HotelBot' };

/** Answers as the documentation of the Bot API says; each test writes the answers that it is about. */
export class ScriptedBotApi {
  readonly server = new BotServer((request) => this.#answer(request));
  readonly requests: BotRequest[] = [];
  /** By method; a list is used up from its front. */
  readonly answers = new Map<string, BotAnswer | BotAnswer[]>();
  #questions: (() => void)[] = [];
  #waiting: (() => void)[] = [];
  #nextId = 100;

  of(method: string): readonly BotRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** Resolves with the nth call of a method, past ones too. */
  async call(method: string, nth = 1): Promise<BotRequest> {
    for (;;) {
      const found = this.of(method)[nth - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next question for updates is answered with these. */
  tell(...updates: readonly Fields[]): void {
    const known = this.answers.get('getUpdates');
    this.answers.set('getUpdates', [...(Array.isArray(known) ? known : []), { ok: true, result: updates }]);
    for (const ask of this.#questions.splice(0)) ask();
  }

  async #answer(request: BotRequest): Promise<BotAnswer> {
    this.requests.push(request);
    for (const wake of this.#waiting.splice(0)) wake();
    const scripted = this.#scripted(request.method);
    if (scripted !== undefined) return scripted;
    if (request.method === 'getMe') return { ok: true, result: SELF };
    if (request.method === 'getUpdates') return this.#question(request);
    this.#nextId += 1;
    const message = { message_id: this.#nextId, date: 1_700_000_000, chat: { id: request.fields['chat_id'] } };
    return {
      ok: true,
      result: request.method.startsWith('send') && request.method !== 'sendChatAction' ? message : true,
    };
  }

  async #question({ fields, method }: BotRequest): Promise<BotAnswer> {
    if (fields['timeout'] !== 0) await new Promise<void>((resolve) => this.#questions.push(resolve));
    return this.#scripted(method) ?? { ok: true, result: [] };
  }

  #scripted(method: string): BotAnswer | undefined {
    const answers = this.answers.get(method);
    return Array.isArray(answers) ? answers.shift() : answers;
  }
}

/** A linked bot on some server, and the daemon's side of it. */
export class BotBench {
  readonly root: string;
  readonly token: string;
  readonly vault = new MemoryVault({ clock: systemClock });
  readonly files = new Map<string, Uint8Array>();
  readonly events: ConnectorEvent[] = [];
  session: TelegramSession;
  #life = new AbortController();
  #waiting: (() => void)[] = [];

  constructor(root: string, token = TOKEN) {
    this.root = root;
    this.token = token;
    writeAccount(this.vault, { kind: 'bot', id: token.slice(0, token.indexOf(':')), token });
    this.session = this.#newSession();
  }

  /** Another process with the same vault. The one before is gone without a word. */
  restart(): TelegramSession {
    this.#life.abort();
    this.#life = new AbortController();
    this.session = this.#newSession();
    return this.session;
  }

  send(
    content: OutboundContent,
    options: { to?: string; networkId?: string; attempt?: number; replyTo?: string; signal?: AbortSignal } = {},
  ): Promise<SendResult> {
    const { to = 'id:81', networkId = createMessageId(systemRandom), attempt = 1, replyTo } = options;
    const chat = { kind: to.startsWith('group:') ? 'group' : 'direct', addresses: [to] } as const;
    const replied = replyTo === undefined ? {} : { replyTo: { networkId: replyTo } };
    const signal = options.signal ?? new AbortController().signal;
    return this.session.send({ networkId, chat, content, attempt, ...replied }, { signal });
  }

  /** Resolves with the first event that matches, past ones too. */
  async event<T extends ConnectorEvent>(matches: (event: ConnectorEvent) => event is T): Promise<T> {
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stop(): Promise<void> {
    await this.session.disconnect();
    this.#life.abort();
  }

  #newSession(): TelegramSession {
    return new TelegramSession({
      sessionId: 'desk',
      config: configSchema.parse({ botApi: this.root }),
      vault: this.vault,
      media: writableMedia(this.files),
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      signal: this.#life.signal,
      emit: async (event) => {
        this.events.push(event);
        for (const wake of this.#waiting.splice(0)) wake();
      },
    });
  }
}

/** Files under their names; what comes in is named by its size. */
function writableMedia(files: Map<string, Uint8Array>): MediaPort {
  return {
    ...memoryMedia(files),
    write: async (source, { mimeType }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const sha256 = `in-${bytes.length}`;
      files.set(sha256, bytes);
      return { sha256, sizeBytes: bytes.length, mimeType };
    },
  };
}
