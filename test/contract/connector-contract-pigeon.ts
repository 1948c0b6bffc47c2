import { Readable } from 'node:stream';
import { z } from 'zod';
import type {
  Account,
  Chat,
  Connected,
  Connector,
  ConnectorEvent,
  ConnectorManifest,
  ConnectorSession,
  DisconnectKind,
  LoginFlow,
  LoginProcess,
  LoginStep,
  MessageReference,
  OutboundMessage,
  SendResult,
  SessionContext,
} from '../../src/connector-api/index.ts';
import { attachmentKinds, DisconnectError, LoginError, SendError } from '../../src/connector-api/index.ts';
import type {
  Parcel,
  PigeonAccount,
  PigeonLine,
  PigeonNetwork,
  PigeonWord,
} from './connector-contract-pigeon-network.ts';
import { PigeonError } from './connector-contract-pigeon-network.ts';

/** Mistakes that the kit must find; each is one that a real connector could make. */
export type Mistake =
  | 'repeats message ids'
  | 'keeps credentials of a cancelled login'
  | 'sends under ids of its own'
  | 'tells receipts backwards'
  | 'drops the quote of a reply'
  | 'does not react'
  | 'acknowledges before the daemon stored'
  | 'gives up what the daemon refused'
  | 'renames what comes again'
  | 'forgets the link at the end'
  | 'does not speak while the daemon is slow'
  | 'tells an end twice'
  | 'calls everything a network fault'
  | 'does not hear a cancelled send'
  | 'does not end'
  | 'emits what cannot cross'
  | 'logs what is said';

const ADDRESS = /^(?:id|group):\d+$/;
const MIB = 1024 * 1024;
const RETRY_MS = 10;

const kinds: Readonly<Record<PigeonWord, DisconnectKind>> = {
  lost: 'network',
  away: 'network',
  replaced: 'replaced',
  banned: 'banned',
  unlinked: 'logged_out',
};

export const pigeonManifest: ConnectorManifest = {
  channel: 'pigeon',
  displayName: 'Pigeon post',
  library: 'none',
  configSchema: z.strictObject({ loft: z.string() }),
  linkMethods: ['password', 'qr'],
  capabilitiesFor: () => ({
    maxTextLength: 10_000,
    attachments: Object.fromEntries(attachmentKinds.map((kind) => [kind, { maxBytes: MIB }])),
    maxAttachments: 1,
    maxCaptionLength: 100,
    entities: false,
    maxButtons: 0,
    reply: true,
    location: true,
    contacts: true,
    poll: true,
    react: true,
    editWindowMs: 60_000,
    deleteWindowMs: 60_000,
    typing: true,
    readMarks: true,
  }),
  parseAddress: (text) => {
    if (!ADDRESS.test(text)) return { ok: false, expected: 'expected id:<digits> or group:<digits>' };
    return { ok: true, kind: text.startsWith('group:') ? 'group' : 'direct', address: text };
  },
  createMessageId: (random) => `p-${Buffer.from(random.bytes(12)).toString('hex')}`,
  isPrivateEndpoint: () => true,
};

/** A connector for a network that lives in this process: right in all things, but for the mistake it is told to make. */
export function pigeonConnector(network: PigeonNetwork, mistake?: Mistake): Connector<unknown> {
  const manifest =
    mistake === 'repeats message ids' ? { ...pigeonManifest, createMessageId: () => 'p-always' } : pigeonManifest;
  return { manifest, createSession: (context) => new PigeonSession({ context, network, mistake }) };
}

class PigeonSession implements ConnectorSession {
  readonly #context: SessionContext<unknown>;
  readonly #network: PigeonNetwork;
  readonly #mistake: Mistake | undefined;
  readonly #emitted = new Set<string>();
  #line: PigeonLine | undefined;
  #storing = 0;
  #renamed = 0;

  constructor(deps: { context: SessionContext<unknown>; network: PigeonNetwork; mistake: Mistake | undefined }) {
    this.#context = deps.context;
    this.#network = deps.network;
    this.#mistake = deps.mistake;
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
    return { account: accountOf(account), version: '1.0' };
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
    const networkId = this.#mistake === 'sends under ids of its own' ? `own-${message.networkId}` : message.networkId;
    const replyTo = this.#mistake === 'drops the quote of a reply' ? undefined : message.replyTo?.networkId;
    const bytes = content.type === 'media' ? await this.#read(content.attachments[0].media) : undefined;
    const said = { networkId, content, ...(replyTo === undefined ? {} : { replyTo }), ...(bytes ? { bytes } : {}) };
    const heard = this.#mistake === 'does not hear a cancelled send' ? new AbortController().signal : signal;
    try {
      await account.say(chat, said, heard);
    } catch {
      throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: true });
    }
    return { networkId: message.networkId, acceptedAt: this.#context.clock.now() };
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

  async #read(media: Parameters<SessionContext<unknown>['media']['open']>[0]): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#context.media.open(media)) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  /** The network keeps a parcel until it is acknowledged, so nothing has to be kept here: acknowledging last is enough. */
  async #receive(account: PigeonAccount, parcel: Parcel): Promise<void> {
    const isEarly = this.#mistake === 'acknowledges before the daemon stored';
    if (isEarly) account.acknowledge(parcel.id);
    if (parcel.event.type === 'message') this.#storing += 1;
    const event = await this.#eventOf(parcel);
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

  async #eventOf({ event, id, bytes }: Parcel): Promise<ConnectorEvent> {
    if (event.type === 'receipt' && this.#mistake === 'tells receipts backwards') {
      return { ...event, receipt: { ...event.receipt, status: event.receipt.status === 'read' ? 'sent' : 'read' } };
    }
    if (event.type !== 'message') return event;
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

interface PigeonLoginDeps {
  readonly context: SessionContext<unknown>;
  readonly network: PigeonNetwork;
  readonly flow: LoginFlow;
  readonly mistake: Mistake | undefined;
}

class PigeonLogin implements LoginProcess {
  readonly #deps: PigeonLoginDeps;
  #asked = false;
  #linked: PigeonAccount | undefined;
  #wake: () => void = () => undefined;
  #isCancelled = false;

  constructor(deps: PigeonLoginDeps) {
    this.#deps = deps;
  }

  async next(): Promise<LoginStep> {
    this.#failIfCancelled();
    if (!this.#asked) {
      this.#asked = true;
      if (this.#deps.flow.method === 'qr') {
        return { type: 'display', display: 'qr', data: 'pigeon', expiresAt: this.#deps.context.clock.now() + 60_000 };
      }
      return { type: 'input', fields: [{ id: 'password', label: 'Password' }] };
    }
    while (this.#linked === undefined) {
      this.#failIfCancelled();
      this.#linked = this.#scanned();
      if (this.#linked === undefined) await Promise.race([turn(), new Promise<void>((wake) => (this.#wake = wake))]);
    }
    this.#keep(this.#linked);
    return { type: 'complete', account: accountOf(this.#linked) };
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    const accounts = [...this.#deps.network.accounts.values()];
    const account = accounts.find(({ password }) => password === input['password']);
    if (account === undefined) throw new LoginError('rejected');
    this.#linked = account;
    this.#wake();
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    const [account] = this.#deps.network.accounts.values();
    if (this.#deps.mistake === 'keeps credentials of a cancelled login' && account !== undefined) this.#keep(account);
    this.#wake();
  }

  #failIfCancelled(): void {
    if (this.#isCancelled) throw new LoginError('cancelled');
  }

  #scanned(): PigeonAccount | undefined {
    if (this.#deps.flow.method !== 'qr') return undefined;
    return [...this.#deps.network.accounts.values()].at(-1);
  }

  #keep(account: PigeonAccount): void {
    this.#deps.context.vault.secrets.set('pigeon', 'address', Buffer.from(account.address));
  }
}

const accountOf = ({ address }: PigeonAccount): Account => ({ address });

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
