import type { Chat, ConnectorEvent, OutboundContent } from '../../src/connector-api/index.ts';
import type { Seen } from './connector-contract-harness.ts';

/** Words in which this network ends or refuses a connection. */
export type PigeonWord = 'lost' | 'away' | 'replaced' | 'banned' | 'unlinked';

export class PigeonError extends Error {
  readonly word: PigeonWord;
  constructor(word: PigeonWord) {
    super(word);
    this.word = word;
  }
}

/** Something for the account. It stays with the network until it is acknowledged. */
export interface Parcel {
  readonly id: string;
  readonly event: ConnectorEvent;
  /** A file that the event's attachment stands for. */
  readonly bytes?: Uint8Array;
}

export interface PigeonLine {
  onParcel(parcel: Parcel): void;
  onEnd(word: PigeonWord): void;
}

/** What an account says, as it goes to every guest of the chat. */
export interface Said {
  readonly networkId: string;
  readonly content: OutboundContent;
  /** Of each attachment, in order. */
  readonly files?: readonly Uint8Array[];
  readonly replyTo?: string;
}

/** One guest's client: shows each message once, and confirms it. */
export class PigeonGuest {
  readonly address: string;
  readonly seen: Seen[] = [];
  readonly unread: string[] = [];
  readonly #shown = new Set<string>();

  constructor(address: string) {
    this.address = address;
  }

  show(said: Said): void {
    if (this.#shown.has(said.networkId)) return;
    this.#shown.add(said.networkId);
    this.unread.push(said.networkId);
    this.seen.push(toSeen(said));
  }
}

/** An account on the network. Hands parcels over in order, and again until they are acknowledged. */
export class PigeonAccount {
  readonly address: string;
  readonly password: string;
  readonly guests = new Map<string, PigeonGuest>();
  /** The network names messages itself. */
  readonly #givesIds: boolean;
  /** The ids it gave, by those under which messages came: what comes twice is taken once. */
  readonly #given = new Map<string, string>();
  line: PigeonLine | undefined;
  refusal: PigeonWord | undefined;
  isStalled = false;
  losesNextAcknowledgement = false;
  #isHolding = false;
  #onIgnored: (() => void) | undefined;
  #parcels: Parcel[] = [];
  #lost = new Set<string>();

  constructor(address: string, password: string, givesIds: boolean) {
    this.address = address;
    this.password = password;
    this.#givesIds = givesIds;
  }

  async open(line: PigeonLine, signal: AbortSignal): Promise<void> {
    if (this.isStalled) await aborted(signal);
    if (this.isStalled) throw new PigeonError('lost');
    if (this.refusal !== undefined) throw new PigeonError(this.refusal);
    this.line = line;
    this.#lost.clear();
    const waiting = [...this.#parcels];
    setImmediate(() => waiting.forEach((parcel) => line === this.line && line.onParcel(parcel)));
  }

  end(word: PigeonWord): void {
    const { line } = this;
    this.line = undefined;
    if (line !== undefined) setImmediate(() => line.onEnd(word));
  }

  put(event: ConnectorEvent, id: string, bytes?: Uint8Array): void {
    const parcel = { id, event, ...(bytes === undefined ? {} : { bytes }) };
    this.#parcels.push(parcel);
    if (!this.#isHolding) setImmediate(() => this.line?.onParcel(parcel));
  }

  acknowledge(id: string): void {
    if (this.losesNextAcknowledgement && this.#parcels.some((parcel) => parcel.id === id)) {
      this.losesNextAcknowledgement = false;
      this.#lost.add(id);
    }
    if (!this.#lost.has(id)) this.#parcels = this.#parcels.filter((parcel) => parcel.id !== id);
  }

  /** Resolves when the account says something, which then gets no answer. */
  ignoreNextSend(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIgnored = resolve;
    });
  }

  hold(): void {
    this.#isHolding = true;
  }

  releaseReversed(): void {
    this.#isHolding = false;
    for (const parcel of this.#parcels.toReversed()) this.line?.onParcel(parcel);
  }

  /** Resolves, with the id that the message has from then on, when the network has what the account says. */
  async say(chat: Chat, letter: Said, signal: AbortSignal): Promise<string> {
    const onIgnored = this.#onIgnored;
    this.#onIgnored = undefined;
    if (onIgnored !== undefined) {
      onIgnored();
      await aborted(signal);
      throw new PigeonError('lost');
    }
    const said = { ...letter, networkId: this.#nameOf(letter.networkId) };
    for (const guest of this.of(chat)) {
      guest.show(said);
      if (chat.kind === 'group') continue;
      const receipt = { chat, networkIds: [said.networkId], status: 'delivered', at: Date.now() } as const;
      this.put({ type: 'receipt', receipt }, `delivered-${said.networkId}`);
    }
    return said.networkId;
  }

  #nameOf(chosen: string): string {
    if (!this.#givesIds) return chosen;
    const known = this.#given.get(chosen) ?? `n-${this.#given.size + 1}`;
    this.#given.set(chosen, known);
    return known;
  }

  of(chat: Chat): readonly PigeonGuest[] {
    if (chat.kind === 'group') return [...this.guests.values()];
    return [...this.guests.values()].filter(({ address }) => chat.addresses.includes(address));
  }
}

export class PigeonNetwork {
  readonly accounts = new Map<string, PigeonAccount>();
  readonly #givesIds: boolean;
  #serial = 100_000;

  constructor(options: { readonly givesIds: boolean }) {
    this.#givesIds = options.givesIds;
  }

  account(): PigeonAccount {
    const address = this.#address();
    const account = new PigeonAccount(address, `kit-password-${this.#serial}`, this.#givesIds);
    this.accounts.set(address, account);
    return account;
  }

  guest(account: PigeonAccount): PigeonGuest {
    const guest = new PigeonGuest(this.#address());
    account.guests.set(guest.address, guest);
    return guest;
  }

  #address(): string {
    this.#serial += 1;
    return `id:${this.#serial}`;
  }
}

function toSeen({ networkId, content, files, replyTo }: Said): Seen {
  switch (content.type) {
    case 'text':
      return { ...content, networkId, ...(replyTo === undefined ? {} : { replyTo }) };
    case 'media': {
      const { body, entities, attachments } = content;
      const caption = { ...(body === undefined ? {} : { body }), ...(entities === undefined ? {} : { entities }) };
      const [first, ...others] = attachments.map(({ kind, media, filename }, index) => {
        const named = filename === undefined ? {} : { filename };
        return { kind, bytes: files?.[index] ?? new Uint8Array(), mimeType: media.mimeType, ...named };
      });
      if (first === undefined) throw new Error('no file');
      if (others.length === 0) return { type: 'media', networkId, ...first, ...caption };
      return { type: 'album', networkId, files: [first, ...others], ...caption };
    }
    case 'location':
      return { type: 'location', networkId, location: content.location };
    case 'contacts':
      return { type: 'contacts', networkId, names: content.contacts.map(({ name }) => name) };
    case 'poll':
      return { type: 'poll', networkId, poll: content.poll };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
