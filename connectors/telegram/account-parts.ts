import type { Address, SessionContext } from '../../src/connector-api/index.ts';
import { FloodGate } from './flood-gate.ts';
import { Inbox } from './inbox.ts';
import { MediaDownload } from './media-download.ts';
import { MessageBook } from './message-book.ts';
import type { MtprotoClient } from './mtproto/client.ts';
import { OutboundStore } from './outbound-store.ts';
import { PeerBook } from './peer-book.ts';
import type { OwnSends } from './receiver.ts';
import type { SentPart } from './sent-ids.ts';
import { sentPartOf } from './sent-ids.ts';
import type { TlObject } from './tl.ts';
import { longAt, numberAt } from './tl-fields.ts';

/** What of a person's account outlives a connection. All of it is in the vault; memory holds what was asked for lately. */
export class AccountParts implements OwnSends {
  readonly #context: SessionContext<unknown>;
  readonly peers: PeerBook;
  readonly messages: MessageBook;
  readonly store: OutboundStore;
  readonly inbox: Inbox;
  /** In memory, but longer than a connection: a wait that Telegram has set does not end with a reconnect. */
  readonly gate: FloodGate;

  constructor(deps: {
    context: SessionContext<unknown>;
    /** The open connection, over which files of guests are fetched. */
    client: () => MtprotoClient | undefined;
  }) {
    const { context, client } = deps;
    const { clock, vault } = context;
    this.#context = context;
    this.peers = new PeerBook({ vault });
    this.messages = new MessageBook({ vault });
    this.store = new OutboundStore({ vault, clock });
    this.inbox = new Inbox({ context, fetchFile: new MediaDownload({ client, peers: this.peers }).fetch });
    this.gate = new FloodGate({ clock });
  }

  /**
   * What was sent is known under Telegram's ids from here on; when it is read, the daemon hears of it. A power cut may undo it, together
   * with the place in the updates: the send is then open again, and the difference or the random id settles it.
   */
  settle(chat: Address, parts: readonly SentPart[]): void {
    const settleAll = (): void => {
      for (const { randomId, messageId, at } of parts) {
        this.store.settle(randomId, { messageId, at });
        if (messageId > 0) this.messages.noteSent(chat, messageId);
      }
    };
    this.#context.vault.transaction(settleAll, { lazy: true });
  }

  settleByUpdate(update: TlObject): void {
    const randomId = longAt(update, 'randomId');
    const messageId = numberAt(update, 'id');
    const sent = randomId === undefined ? undefined : this.store.get(randomId);
    if (randomId === undefined || messageId === undefined || sent === undefined) return;
    this.settle(sent.chat, [{ randomId, messageId, at: undefined }]);
  }

  isOwnSend(chat: Address, message: TlObject): boolean {
    if (this.store.isKnown(chat, numberAt(message, 'id') ?? 0)) return true;
    const randomId = this.store.openMatch(chat, message);
    if (randomId === undefined) return false;
    this.settle(chat, [sentPartOf(message, randomId)]);
    return true;
  }
}
