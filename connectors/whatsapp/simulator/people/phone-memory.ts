import type { proto } from '@whiskeysockets/baileys';
import type { ReceivedMessage } from './device-listener.ts';

const KEPT_MESSAGES = 1_000; // what a phone can show a companion that asks

interface Remembered {
  readonly chat: string;
  readonly author: string;
  readonly fromMe: boolean;
  readonly id: string;
  readonly sentAtSeconds: number;
  readonly message: proto.IMessage;
}

/** The messages of a primary phone: a companion gets them as history when it is linked, and single ones when it lost them. */
export class PhoneMemory {
  readonly #messages: Remembered[] = [];

  remember(message: Pick<ReceivedMessage, keyof Remembered>): void {
    this.#messages.push(message);
    if (this.#messages.length > KEPT_MESSAGES) this.#messages.shift();
  }

  find(id: string): proto.IWebMessageInfo | undefined {
    const message = this.#messages.find((candidate) => candidate.id === id);
    return message === undefined ? undefined : toWebMessage(message);
  }

  /** Everything so far as conversations, newest message first in each, as phones send it. */
  toConversations(pnOf: (lid: string) => string | undefined): proto.IConversation[] {
    const chats = [...new Set(this.#messages.map((message) => message.chat))];
    return chats.map((id) => {
      const pnJid = pnOf(id);
      const messages = this.#messages.filter((message) => message.chat === id).reverse();
      return {
        id,
        ...(pnJid === undefined ? {} : { pnJid }),
        messages: messages.map((message) => ({ message: toWebMessage(message) })),
      };
    });
  }
}

function toWebMessage(message: Remembered): proto.IWebMessageInfo {
  const inGroup = message.chat.endsWith('@g.us');
  return {
    key: {
      remoteJid: message.chat,
      fromMe: message.fromMe,
      id: message.id,
      ...(inGroup && !message.fromMe ? { participant: message.author } : {}),
    },
    messageTimestamp: message.sentAtSeconds,
    message: message.message,
  };
}
