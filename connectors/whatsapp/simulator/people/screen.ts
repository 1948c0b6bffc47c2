import type { Clock } from '../../../../src/core/clock.ts';
import { fingerprint, readContent, readQuotedId } from './content-reader.ts';
import type {
  DeviceListener,
  PeerMessage,
  ReceivedMessage,
  ReceivedReceipt,
  SeenChatState,
} from './device-listener.ts';
import { Inbox } from './inbox.ts';
import type { MediaShelf } from './media-shelf.ts';
import type { SeenItem } from './seen-item.ts';

/** What a person does when something new is on the screen; must not wait for the same device. */
export interface ScreenWatcher {
  onMessage?(message: ReceivedMessage): void;
  onPeerMessage?(message: PeerMessage): Promise<void>;
}

/** The screen of a simulated phone: turns what the device opened into what a person sees, and remembers what is unread. */
export class Screen implements DeviceListener {
  readonly inbox: Inbox;
  readonly #shelf: MediaShelf;
  #watcher: ScreenWatcher = {};
  #unread: ReceivedMessage[] = [];

  constructor(deps: { clock: Clock; shelf: MediaShelf; items?: readonly SeenItem[] | undefined }) {
    this.inbox = new Inbox({ clock: deps.clock, ...(deps.items === undefined ? {} : { items: deps.items }) });
    this.#shelf = deps.shelf;
  }

  watch(watcher: ScreenWatcher): void {
    this.#watcher = watcher;
  }

  get unread(): readonly ReceivedMessage[] {
    return this.#unread;
  }

  /** Hands over what was not read yet in this chat (in all, if none is given) and takes it as read. */
  takeUnread(chat?: string): readonly ReceivedMessage[] {
    const taken = this.#unread.filter((message) => chat === undefined || message.chat === chat);
    this.#unread = this.#unread.filter((message) => !taken.includes(message));
    return taken;
  }

  async onMessage(message: ReceivedMessage): Promise<void> {
    const content = readContent(message.message, this.#shelf);
    if (content === undefined) return;
    const { chat, author, fromMe, id } = message;
    const quotedId = readQuotedId(message.message);
    if (!fromMe) this.#unread.push(message);
    this.inbox.add({
      type: 'message',
      chat,
      author,
      fromMe,
      id,
      content,
      ...(quotedId === undefined ? {} : { quotedId }),
      fingerprint: fingerprint(content),
    });
    this.#watcher.onMessage?.(message);
  }

  async onPeerMessage(message: PeerMessage): Promise<void> {
    await this.#watcher.onPeerMessage?.(message);
  }

  onRepeatedMessage(): void {
    this.inbox.countRepeatedCopy();
  }

  onUnreadableMessage(message: { chat: string; author: string; id: string }): void {
    this.inbox.add({ type: 'unreadable', ...message });
  }

  async onReceipt(receipt: ReceivedReceipt): Promise<void> {
    const { chat, by, type, ids } = receipt;
    this.inbox.add({ type: 'receipt', chat, by, mark: type, ids });
  }

  onChatState(state: SeenChatState): void {
    this.inbox.add({ type: 'chat_state', ...state });
  }
}
