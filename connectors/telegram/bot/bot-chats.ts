import type { Address, Chat, SessionVault } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { chatAddressOf, chatIdOf } from './bot-people.ts';

/** Groups that have become supergroups, by their old number. */
const MOVED = 'telegram.bot.moved';

/** Where a chat of the API is at the Bot API. */
export interface BotChatPlace {
  readonly chatId: number;
  readonly address: Address;
}

/** Finds chats for the Bot API, and follows groups that moved. In the vault. */
export class BotChats {
  readonly #vault: SessionVault;

  constructor(deps: { vault: SessionVault }) {
    this.#vault = deps.vault;
  }

  /** Throws `recipient_unknown` for somebody whom a bot cannot reach. */
  require(chat: Pick<Chat, 'addresses'>): BotChatPlace {
    const chatId = chatIdOf(chat);
    if (chatId !== undefined) return this.#follow(chatId);
    throw new SendError('recipient_unknown', {
      certainty: 'not_sent',
      retryable: false,
      nativeCode: 'no id',
      detail: 'A bot reaches people by id:<digits>, once they have written to it; it cannot look up numbers and names.',
    });
  }

  /** Durable when it returns, or with the transaction around it. */
  noteMoved(from: number, to: number): void {
    this.#vault.secrets.set(MOVED, String(from), Buffer.from(String(to), 'utf8'));
  }

  #follow(chatId: number): BotChatPlace {
    const moved = chatId < 0 ? this.#vault.secrets.get(MOVED, String(chatId)) : undefined;
    const now = moved === undefined ? chatId : Number(Buffer.from(moved).toString('utf8'));
    return { chatId: now, address: chatAddressOf(now) };
  }
}
