import type { Chat, MessageReference } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { messageIdOf } from '../ids.ts';
import type { BotApi, BotMethod, BotPayload } from './bot-api.ts';
import { BotRefused } from './bot-api.ts';
import type { BotChatPlace, BotChats } from './bot-chats.ts';
import { toBotSendError } from './bot-refusals.ts';
import type { BotSentStore } from './bot-sent-store.ts';
import { keyboardOf } from './map-bot-outbound.ts';

const CHANGE_TIMEOUT_MS = 15_000;
/** Asks for the colourful form of a sign; Telegram's list of reactions goes without. */
const VARIATION_SELECTOR = /\uFE0F/g;
const NOT_MODIFIED = /message is not modified/i;
/** Its words stand under a file. */
const HAS_CAPTION = /no text in the message to edit/i;

/** Reactions, edits and deletions: what refers to messages that are there already. Rejects with SendErrors. */
export class BotChangeDesk {
  readonly #api: BotApi;
  readonly #store: BotSentStore;
  readonly #chats: BotChats;

  constructor(deps: { api: BotApi; store: BotSentStore; chats: BotChats }) {
    this.#api = deps.api;
    this.#store = deps.store;
    this.#chats = deps.chats;
  }

  async react(chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    const sign = emoji.replaceAll(VARIATION_SELECTOR, '');
    const reaction = sign === '' ? [] : [{ type: 'emoji', emoji: sign }];
    const { chatId } = this.#chats.require(chat);
    const message_id = this.#idOf(target.networkId);
    await this.#call(chat, 'setMessageReaction', { chat_id: chatId, message_id, reaction });
  }

  async edit(chat: Chat, networkId: string, body: string): Promise<void> {
    const place = this.#chats.require(chat);
    const target = { chat_id: place.chatId, message_id: this.#idOf(networkId), ...this.#keyboardOf(place, networkId) };
    try {
      await this.#call(chat, 'editMessageText', { ...target, text: body });
    } catch (error) {
      if (!(error instanceof SendError) || !HAS_CAPTION.test(error.nativeCode ?? '')) throw error;
      await this.#call(chat, 'editMessageCaption', { ...target, caption: body });
    }
  }

  /** All messages of an album go together: to the guest and to the daemon they are one. */
  async deleteForEveryone(chat: Chat, networkId: string): Promise<void> {
    const place = this.#chats.require(chat);
    const id = this.#idOf(networkId);
    const ids = this.#store.find(place.address, id)?.sent.flat() ?? [id];
    const chat_id = place.chatId;
    if (ids.length === 1) await this.#call(chat, 'deleteMessage', { chat_id, message_id: id });
    else await this.#call(chat, 'deleteMessages', { chat_id, message_ids: ids });
  }

  async #call(chat: Chat, method: BotMethod, payload: BotPayload): Promise<void> {
    try {
      await this.#api.call(method, payload, { timeoutMs: CHANGE_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof BotRefused && NOT_MODIFIED.test(error.description)) return; // it says so already
      throw toBotSendError(error, method, chat.kind);
    }
  }

  /** Buttons that are not named again would be removed. */
  #keyboardOf({ address }: BotChatPlace, networkId: string): BotPayload {
    const buttons = this.#store.find(address, this.#idOf(networkId))?.buttons;
    return buttons === undefined ? {} : { reply_markup: keyboardOf(buttons) };
  }

  /** Telegram's id of a message, for whatever the daemon calls it. */
  #idOf(networkId: string): number {
    const id = messageIdOf(networkId) ?? this.#store.get(networkId)?.sent[0]?.[0];
    if (id !== undefined) return id;
    throw new SendError('send_rejected', {
      certainty: 'not_sent',
      retryable: false,
      nativeCode: 'MESSAGE_ID_INVALID',
      detail: 'Telegram has given this message no id.',
    });
  }
}
