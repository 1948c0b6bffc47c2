import { z } from 'zod';
import type { Network } from '../resident.ts';
import { type Addressing, isGroup, toLid, toStyle } from './addresses.ts';
import { BoundedMap } from './bounded-map.ts';
import { Device, deviceSchema } from './device.ts';
import type { ReceivedMessage } from './device-listener.ts';
import type { Inbox } from './inbox.ts';
import type { MediaShelf } from './media-shelf.ts';
import { buildMessage, type MessageReference, type SaidContent } from './said-content.ts';
import { Screen } from './screen.ts';

const REMEMBERED_SAYINGS = 1_000; // what somebody can still quote, edit or delete

export const personSchema = z.object({ device: deviceSchema });
/** A person's phone as plain JSON; what was on the screen is not kept, what was shown is (nothing is shown twice). */
export type PersonState = z.input<typeof personSchema>;

export interface PersonOptions {
  readonly network: Network;
  readonly shelf: MediaShelf;
  readonly name: string;
  readonly pn: string;
  readonly lid: string;
  /** Style of address that this person's phone uses towards others; `lid` if not given, as phones do today. */
  readonly addressing?: Addressing;
  /** The network does not tell others this person's number. */
  readonly hidesNumber?: boolean;
  readonly state?: PersonState | undefined;
}

/** Somebody with a phone on the simulated network: says things, sees things. Guests and hotel phones are built on it. */
export class Person {
  readonly name: string;
  /** The device in this person's hand. */
  readonly handset: Device;
  readonly screen: Screen;
  readonly #network: Network;
  readonly #shelf: MediaShelf;
  readonly #addressing: Addressing;
  readonly #said = new BoundedMap<{ chat: string; text?: string }>(REMEMBERED_SAYINGS);

  constructor(options: PersonOptions) {
    const { network, shelf, name } = options;
    this.name = name;
    this.#network = network;
    this.#shelf = shelf;
    this.#addressing = options.addressing ?? 'lid';
    this.screen = new Screen({ clock: network.clock, shelf });
    this.handset = new Device({
      network,
      pn: options.pn,
      lid: options.lid,
      pushName: name,
      hidesNumber: options.hidesNumber ?? false,
      addressing: this.#addressing,
      listener: this.screen,
      state: options.state?.device,
    });
  }

  get pn(): string {
    return this.handset.pn;
  }

  get lid(): string {
    return this.handset.lid;
  }

  get inbox(): Inbox {
    return this.screen.inbox;
  }

  /** Makes the phone known to the network and online. */
  start(): void {
    this.handset.start();
  }

  /** Sends anything to a person (PN or LID) or group; resolves with the message's id when the network has taken it. */
  async send(chat: string, content: SaidContent): Promise<string> {
    const id = await this.handset.send(chat, buildMessage(content, this.#shelf, this.#network.clock.now()));
    this.#said.set(id, { chat, ...(content.kind === 'text' ? { text: content.text } : {}) });
    return id;
  }

  /** A reference to a message that this person said or saw, for replies, reactions, edits and deletions. */
  refer(id: string): MessageReference {
    const said = this.#said.get(id);
    if (said !== undefined) {
      return {
        id,
        author: this.#styled(said.chat, this.lid),
        chat: this.#styled(said.chat, said.chat),
        fromMe: true,
        ...(said.text === undefined ? {} : { text: said.text }),
      };
    }
    const seen = this.inbox.messages().find((message) => message.id === id);
    if (seen === undefined) throw new Error('this person neither said nor saw a message with that id');
    return {
      id,
      author: this.#styled(seen.chat, seen.author),
      chat: this.#styled(seen.chat, seen.chat),
      fromMe: seen.fromMe,
      ...('text' in seen.content ? { text: seen.content.text } : {}),
    };
  }

  /** Read marks for everything unread in the chat (everywhere, if none is given); resolves with the ids marked. */
  async read(chat?: string): Promise<readonly string[]> {
    const unread = this.screen.takeUnread(chat === undefined ? undefined : this.chatOf(chat));
    for (const messages of groupByReceiptAddress(unread)) await this.handset.sendReceipt(messages, 'read');
    return unread.map((message) => message.id);
  }

  /** The name under which the inbox keeps a chat: a group's address, or a person's hidden one. */
  chatOf(address: string): string {
    return isGroup(address) ? address : (toLid(this.#network, address) ?? address);
  }

  async startTyping(chat: string): Promise<void> {
    await this.handset.sendChatState(chat, 'composing');
  }

  async stopTyping(chat: string): Promise<void> {
    await this.handset.sendChatState(chat, 'paused');
  }

  goOffline(): void {
    this.handset.setOnline(false);
  }

  /** What waited is delivered now. */
  goOnline(): void {
    this.handset.setOnline(true);
  }

  exportState(): PersonState {
    return { device: this.handset.exportState() };
  }

  /** Groups speak in hidden addresses whatever the phone does in private chats. */
  #styled(chat: string, jid: string): string {
    return isGroup(jid) ? jid : toStyle(this.#network, jid, isGroup(chat) ? 'lid' : this.#addressing);
  }
}

function groupByReceiptAddress(messages: readonly ReceivedMessage[]): readonly ReceivedMessage[][] {
  const groups = new Map<string, ReceivedMessage[]>();
  for (const message of messages) {
    const key = `${message.receiptTo.to} ${message.receiptTo.participant ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), message]);
  }
  return [...groups.values()];
}
