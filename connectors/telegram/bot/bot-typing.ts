import type { Chat } from '../../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../../src/core/clock.ts';
import type { BotApi } from './bot-api.ts';
import type { BotChats } from './bot-chats.ts';
import { toBotSendError } from './bot-refusals.ts';

/** Phones hide what a bot does after five seconds; the daemon repeats it less often, so that it is repeated here in between. */
const REPEAT_MS = 4_500;
/** Beyond the daemon's own repetition nobody types any more. */
const LONGEST_MS = 12_000;
/** A courtesy: nothing waits longer for it. */
const TIMEOUT_MS = 5_000;

/** Shows guests that the bot types. The Bot API cannot take it back: phones hide it with the next message, or after five seconds. */
export class BotTyping {
  readonly #api: BotApi;
  readonly #clock: Clock;
  readonly #chats: BotChats;
  readonly #timers = new Map<number, Timer>();

  constructor(deps: { api: BotApi; clock: Clock; chats: BotChats }) {
    this.#api = deps.api;
    this.#clock = deps.clock;
    this.#chats = deps.chats;
  }

  async setTyping(chat: Chat, on: boolean): Promise<void> {
    const { chatId } = this.#chats.require(chat);
    this.#timers.get(chatId)?.cancel();
    this.#timers.delete(chatId);
    if (!on) return;
    this.#repeat(chat, chatId, this.#clock.monotonic() + LONGEST_MS);
    await this.#say(chat, chatId);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #repeat(chat: Chat, chatId: number, until: number): void {
    if (this.#clock.monotonic() + REPEAT_MS > until) {
      this.#timers.delete(chatId);
      return;
    }
    const timer = this.#clock.after(REPEAT_MS, () => {
      this.#repeat(chat, chatId, until);
      void this.#say(chat, chatId).catch(() => this.#timers.get(chatId)?.cancel());
    });
    this.#timers.set(chatId, timer);
  }

  async #say(chat: Chat, chatId: number): Promise<void> {
    try {
      await this.#api.call('sendChatAction', { chat_id: chatId, action: 'typing' }, { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      throw toBotSendError(error, 'sendChatAction', chat.kind);
    }
  }
}
