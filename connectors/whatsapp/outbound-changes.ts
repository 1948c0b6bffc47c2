import type { WAMessageKey } from '@whiskeysockets/baileys';
import type { Chat, MessageReference } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Random } from '../../src/core/random.ts';
import type { AddressLookup } from './address-lookup.ts';
import { destinationOf } from './chats.ts';
import { createMessageId, jidOfAddress, nativeId } from './ids.ts';
import type { Sender } from './outbound.ts';
import type { Line } from './socket.ts';

/** The stanza's `edit` attribute (Baileys `sendMessage`). */
const EDIT = { edit: '1' };
const REVOKE_OWN = { edit: '7' };

/** Reactions, edits, deletions and read marks: what refers to messages that are there already. Rejects with SendErrors. */
export class ChangeDesk {
  readonly #line: Line;
  readonly #sender: Sender;
  readonly #lookup: AddressLookup;
  readonly #random: Random;

  constructor(deps: { line: Line; sender: Sender; lookup: AddressLookup; random: Random }) {
    this.#line = deps.line;
    this.#sender = deps.sender;
    this.#lookup = deps.lookup;
    this.#random = deps.random;
  }

  async react(chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    const jid = requireJid(chat);
    await this.#sender.sendChange(jid, this.#newId(), { react: { text: emoji, key: this.#keyOf(chat, jid, target) } });
  }

  async edit(chat: Chat, networkId: string, body: string): Promise<void> {
    const jid = requireJid(chat);
    const content = { text: body, linkPreview: null, edit: this.#keyOf(chat, jid, { networkId }) };
    await this.#sender.sendChange(jid, this.#newId(), content, EDIT);
  }

  async deleteForEveryone(chat: Chat, networkId: string): Promise<void> {
    const jid = requireJid(chat);
    const content = { delete: this.#keyOf(chat, jid, { networkId }) };
    await this.#sender.sendChange(jid, this.#newId(), content, REVOKE_OWN);
  }

  async markRead(chat: Chat, messages: readonly [MessageReference, ...MessageReference[]]): Promise<void> {
    const jid = requireJid(chat);
    try {
      await this.#line.sock.readMessages(messages.map((message) => this.#keyOf(chat, jid, message)));
    } catch (cause) {
      throw new SendError('session_down', { certainty: 'maybe_sent', retryable: true, cause });
    }
  }

  #newId(): string {
    return createMessageId(this.#random);
  }

  #keyOf(chat: Chat, remoteJid: string, reference: MessageReference): WAMessageKey {
    const { sender } = reference;
    const id = nativeId(reference.networkId);
    const author = sender === undefined ? undefined : jidOfAddress(sender);
    if (author === undefined || chat.kind === 'direct') return { remoteJid, id, fromMe: author === undefined };
    return { remoteJid, id, fromMe: false, participant: this.#lookup.memberJid(remoteJid, author) };
  }
}

function requireJid(chat: Chat): string {
  const jid = destinationOf(chat);
  if (jid === undefined) throw new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false });
  return jid;
}
