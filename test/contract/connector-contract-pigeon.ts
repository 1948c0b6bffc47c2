import { Readable } from 'node:stream';
import type {
  Chat,
  Connected,
  Connector,
  ConnectorEvent,
  ConnectorSession,
  DisconnectKind,
  LoginFlow,
  LoginProcess,
  MessageReference,
  OutboundAttachment,
  OutboundMessage,
  SendResult,
  SessionContext,
  SessionVitals,
} from '../../src/connector-api/index.ts';
import { DisconnectError, SendError } from '../../src/connector-api/index.ts';
import { accountOf, PigeonLogin, turn } from './connector-contract-pigeon-login.ts';
import { manifestWith } from './connector-contract-pigeon-manifest.ts';
import type { Mistake } from './connector-contract-pigeon-mistakes.ts';
import { idUnder, misread, withoutFormatting } from './connector-contract-pigeon-mistakes.ts';
import type {
  Parcel,
  PigeonAccount,
  PigeonLine,
  PigeonNetwork,
  PigeonWord,
} from './connector-contract-pigeon-network.ts';
import { PigeonError } from './connector-contract-pigeon-network.ts';
import { canaryOf, PigeonPulse } from './connector-contract-pigeon-pulse.ts';

const MIB = 1024 * 1024;
const RETRY_MS = 10;

const kinds: Readonly<Record<PigeonWord, DisconnectKind>> = {
  lost: 'network',
  away: 'network',
  replaced: 'replaced',
  banned: 'banned',
  unlinked: 'logged_out',
};

/** A connector for a network that lives in this process: right in all things, but for the mistake it is told to make. */
export function pigeonConnector(network: PigeonNetwork, mistake?: Mistake): Connector<unknown> {
  const manifest = manifestWith(mistake);
  return { manifest, createSession: (context) => new PigeonSession({ context, network, mistake }) };
}

class PigeonSession implements ConnectorSession {
  readonly #context: SessionContext<unknown>;
  readonly #network: PigeonNetwork;
  readonly #mistake: Mistake | undefined;
  readonly #emitted = new Set<string>();
  readonly #pulse: PigeonPulse;
  #line: PigeonLine | undefined;
  #storing = 0;
  #renamed = 0;

  constructor(deps: { context: SessionContext<unknown>; network: PigeonNetwork; mistake: Mistake | undefined }) {
    this.#context = deps.context;
    this.#network = deps.network;
    this.#mistake = deps.mistake;
    this.#pulse = new PigeonPulse(deps.context.clock, deps.mistake);
    deps.context.signal.addEventListener('abort', () => this.#drop(), { once: true });
  }

  isLinked(): boolean {
    return this.#account() !== undefined;
  }

  async connect(): Promise<Connected> {
    const account = this.#account();
    if (account === undefined) throw new DisconnectError({ kind: 'logged_out', code: 'pigeon_not_linked' });
    const line: PigeonLine = {
      onParcel: (parcel) => void this.#receive(account, parcel),
      onEnd: (word) => this.#onEnd(line, word),
    };
    try {
      await account.open(line, this.#context.signal);
    } catch (error) {
      throw new DisconnectError(this.#causeOf(error instanceof PigeonError ? error.word : 'lost'));
    }
    this.#line = line;
    this.#pulse.begin();
    const isNameless = this.#mistake === 'does not tell the kind of its account';
    return { account: isNameless ? { address: account.address } : accountOf(account), version: '1.0' };
  }

  async disconnect(): Promise<void> {
    if (this.#mistake === 'does not end' && this.#storing > 0) await new Promise(() => undefined);
    if (this.#mistake === 'forgets the link at the end' && !this.#context.signal.aborted) {
      this.#context.vault.secrets.clear();
    }
    this.#drop();
  }

  async logout(): Promise<void> {
    this.#drop();
    this.#context.vault.secrets.clear();
  }

  beginLogin(flow: LoginFlow): LoginProcess {
    return new PigeonLogin({ context: this.#context, network: this.#network, flow, mistake: this.#mistake });
  }

  async send(message: OutboundMessage, { signal }: { signal: AbortSignal }): Promise<SendResult> {
    const account = this.#online(signal);
    const { chat, content } = message;
    if (this.#mistake === 'logs what is said' && content.type === 'text') {
      this.#context.log.debug('a message goes out', { body: content.body });
    }
    while (this.#mistake === 'does not speak while the daemon is slow' && this.#storing > 0) await turn();
    const networkId = idUnder(message, this.#mistake);
    const replyTo = this.#mistake === 'drops the quote of a reply' ? undefined : message.replyTo?.networkId;
    const files = content.type === 'media' ? await this.#readAll(content.attachments) : undefined;
    const written = this.#mistake === 'drops formatting' ? withoutFormatting(content) : content;
    const said = {
      networkId,
      content: written,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(files === undefined ? {} : { files }),
    };
    const heard = this.#mistake === 'does not hear a cancelled send' ? new AbortController().signal : signal;
    try {
      const given = await account.say(chat, said, heard);
      const hides = this.#mistake === 'sends under ids of its own' || this.#mistake === 'answers with the chosen id';
      return { networkId: hides ? message.networkId : given, acceptedAt: this.#context.clock.now() };
    } catch {
      throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: true });
    }
  }

  async setTyping(chat: Chat, on: boolean): Promise<void> {
    for (const guest of this.#online().of(chat)) guest.seen.push({ type: 'typing', on });
  }

  async markRead(chat: Chat, messages: readonly MessageReference[]): Promise<void> {
    for (const guest of this.#online().of(chat)) {
      for (const { networkId } of messages) guest.seen.push({ type: 'read', target: networkId });
    }
  }

  async react(chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    if (this.#mistake === 'does not react') return;
    for (const guest of this.#online().of(chat)) guest.seen.push({ type: 'reaction', target: target.networkId, emoji });
  }

  async edit(chat: Chat, networkId: string, body: string): Promise<void> {
    for (const guest of this.#online().of(chat)) guest.seen.push({ type: 'edited', target: networkId, body });
  }

  async deleteForEveryone(chat: Chat, networkId: string): Promise<void> {
    for (const guest of this.#online().of(chat)) guest.seen.push({ type: 'deleted', target: networkId });
  }

  vitals(): SessionVitals {
    return this.#pulse.vitals(this.#line !== undefined);
  }

  async sendCanary(token: string): Promise<void> {
    const account = this.#mistake === 'takes canaries without a line' ? this.#account() : this.#online();
    if (account !== undefined && this.#mistake !== 'loses canaries') account.put(canaryOf(token, this.#mistake), token);
  }

  #account(): PigeonAccount | undefined {
    const kept = this.#context.vault.secrets.get('pigeon', 'address');
    return kept === undefined ? undefined : this.#network.accounts.get(Buffer.from(kept).toString());
  }

  #online(signal?: AbortSignal): PigeonAccount {
    const account = this.#account();
    if (account === undefined || this.#line === undefined || account.line !== this.#line || signal?.aborted === true) {
      throw new SendError('session_down', { certainty: 'not_sent', retryable: true });
    }
    return account;
  }

  #drop(): void {
    const line = this.#line;
    this.#line = undefined;
    for (const account of this.#network.accounts.values()) if (account.line === line) account.line = undefined;
  }

  async #readAll(attachments: readonly OutboundAttachment[]): Promise<readonly Uint8Array[]> {
    const wanted = this.#mistake === 'sends the first file of an album only' ? attachments.slice(0, 1) : attachments;
    return Promise.all(wanted.map(({ media }) => this.#read(media)));
  }

  async #read(media: Parameters<SessionContext<unknown>['media']['open']>[0]): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#context.media.open(media)) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  /** The network keeps a parcel until it is acknowledged, so nothing has to be kept here: acknowledging last is enough. */
  async #receive(account: PigeonAccount, parcel: Parcel): Promise<void> {
    this.#pulse.pushed(parcel);
    const isEarly = this.#mistake === 'acknowledges before the daemon stored';
    if (isEarly) account.acknowledge(parcel.id);
    if (parcel.event.type === 'message') this.#storing += 1;
    const event = await this.#eventOf(parcel);
    if (this.#mistake !== 'calls a slow daemon stuck') this.#pulse.handedOn(parcel);
    while (!(await this.#told(event))) {
      if (this.#context.signal.aborted || this.#mistake === 'gives up what the daemon refused') break;
      await new Promise<void>((resolve) => this.#context.clock.after(RETRY_MS, resolve));
    }
    if (this.#context.signal.aborted) return;
    if (parcel.event.type === 'message') this.#storing -= 1;
    account.acknowledge(parcel.id);
  }

  #told(event: ConnectorEvent): Promise<boolean> {
    return this.#context.emit(event).then(
      () => true,
      () => false,
    );
  }

  async #eventOf({ event: parcelled, id, bytes }: Parcel): Promise<ConnectorEvent> {
    let event = parcelled;
    if (event.type === 'receipt' && this.#mistake === 'tells receipts backwards') {
      return { ...event, receipt: { ...event.receipt, status: event.receipt.status === 'read' ? 'sent' : 'read' } };
    }
    if (event.type === 'poll_vote' && this.#mistake === 'does not tell that a vote was taken back') {
      return event.options.length === 0 ? { ...event, options: [0] } : event;
    }
    if (event.type !== 'message') return event;
    if (this.#mistake !== undefined) event = misread(event, this.#mistake);
    const isRepeated = this.#emitted.has(id);
    this.#emitted.add(id);
    if (this.#mistake === 'renames what comes again' && isRepeated) {
      this.#renamed += 1;
      return { ...event, message: { ...event.message, networkId: `${id}-${this.#renamed}` } };
    }
    if (this.#mistake === 'emits what cannot cross') {
      return { ...event, message: { ...event.message, sentAt: new Date(event.message.sentAt) as unknown as number } };
    }
    if (bytes === undefined || event.message.content.type !== 'media') return event;
    const [attachment] = event.message.content.attachments;
    const mimeType = attachment.status === 'stored' ? attachment.media.mimeType : attachment.mimeType;
    const media = await this.#context.media.write(Readable.from([bytes]), { mimeType, limitBytes: MIB });
    const stored = { ...attachment, status: 'stored', media } as const;
    return { ...event, message: { ...event.message, content: { type: 'media', attachments: [stored] } } };
  }

  #onEnd(line: PigeonLine, word: PigeonWord): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    const event = { type: 'disconnected', cause: this.#causeOf(word) } as const;
    void this.#told(event);
    if (this.#mistake === 'tells an end twice') void this.#told(event);
  }

  #causeOf(word: PigeonWord) {
    const kind = this.#mistake === 'calls everything a network fault' ? 'network' : kinds[word];
    return { kind, code: `pigeon_${word}` };
  }
}
