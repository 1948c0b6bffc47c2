import type { Chat, MessageReference } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import { messageIdOf, randomIdOf } from './ids.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import { RpcFailure } from './mtproto/client.ts';
import type { OutboundStore } from './outbound-store.ts';
import type { PeerBook } from './peer-book.ts';
import type { Recipient, Recipients } from './recipients.ts';
import { readWord } from './rpc-word.ts';
import type { TlObject, TlValue } from './tl.ts';
import { isObject } from './tl-fields.ts';

const CHANGE_TIMEOUT_MS = 15_000;
/** Asks for the colourful form of a sign; Telegram's list of reactions goes without. */
const VARIATION_SELECTOR = /\uFE0F/g;
const NOT_MODIFIED = 'MESSAGE_NOT_MODIFIED';

/** Reactions, edits, deletions and read marks: what refers to messages that are there already. Rejects with SendErrors. */
export class ChangeDesk {
  readonly #line: Caller;
  readonly #store: OutboundStore;
  readonly #peers: PeerBook;
  readonly #recipients: Recipients;
  readonly #feedAnswer: (answer: TlObject, options: { readonly channelId?: bigint }) => void;

  constructor(deps: {
    line: Caller;
    store: OutboundStore;
    peers: PeerBook;
    recipients: Recipients;
    feedAnswer: (answer: TlObject, options: { readonly channelId?: bigint }) => void;
  }) {
    this.#line = deps.line;
    this.#store = deps.store;
    this.#peers = deps.peers;
    this.#recipients = deps.recipients;
    this.#feedAnswer = deps.feedAnswer;
  }

  async react(chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    const to = this.#recipients.require(chat);
    const emoticon = emoji.replaceAll(VARIATION_SELECTOR, '');
    const reaction = emoticon === '' ? {} : { reaction: [{ _: 'reactionEmoji', emoticon }] };
    await this.#call(to, {
      _: 'messages.sendReaction',
      peer: to.input,
      msgId: this.#idOf(target.networkId),
      ...reaction,
    });
  }

  async edit(chat: Chat, networkId: string, body: string): Promise<void> {
    const to = this.#recipients.require(chat);
    await this.#call(to, {
      _: 'messages.editMessage',
      peer: to.input,
      id: this.#idOf(networkId),
      message: body,
    });
  }

  /** All messages of an album go together: to the guest and to the daemon they are one. */
  async deleteForEveryone(chat: Chat, networkId: string): Promise<void> {
    const to = this.#recipients.require(chat);
    const id = this.#store.siblings(to.address, this.#idOf(networkId));
    const channel = this.#channelOf(to);
    await this.#call(
      to,
      channel === undefined
        ? { _: 'messages.deleteMessages', revoke: true, id }
        : { _: 'channels.deleteMessages', channel, id },
    );
  }

  /** Telegram reads a chat up to a message, never single ones. */
  async markRead(chat: Chat, messages: readonly [MessageReference, ...MessageReference[]]): Promise<void> {
    const to = this.#recipients.require(chat);
    const maxId = Math.max(...messages.map(({ networkId }) => this.#idOf(networkId)));
    const channel = this.#channelOf(to);
    await this.#call(
      to,
      channel === undefined
        ? { _: 'messages.readHistory', peer: to.input, maxId }
        : { _: 'channels.readHistory', channel, maxId },
    );
  }

  async #call(to: Recipient, call: TlObject): Promise<void> {
    let answer: TlValue;
    try {
      answer = await this.#line.invoke(call, { timeoutMs: CHANGE_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof RpcFailure && readWord(error.text).word === NOT_MODIFIED) return; // it says so already
      throw toSendError(error, call._);
    }
    if (isObject(answer)) this.#feedAnswer(answer, to.peer.type === 'channel' ? { channelId: to.peer.id } : {});
  }

  #channelOf({ peer }: Recipient): TlObject | undefined {
    return peer.type === 'channel' ? this.#peers.inputChannel(peer.id) : undefined;
  }

  /** Telegram's id of a message, for whatever the daemon calls it. */
  #idOf(networkId: string): number {
    const randomId = randomIdOf(networkId);
    const id = randomId === undefined ? messageIdOf(networkId) : this.#store.get(randomId)?.messageId;
    if (id !== undefined && id !== 0) return id;
    throw new SendError('send_rejected', {
      certainty: 'not_sent',
      retryable: false,
      nativeCode: 'MESSAGE_ID_INVALID',
      detail: 'Telegram has given this message no id.',
    });
  }
}
