import type {
  AuthenticationState,
  BinaryNode,
  ConnectionState,
  SignalDataTypeMap,
  WAMessage,
  WASocket,
} from '@whiskeysockets/baileys';
import {
  addTransactionCapability,
  Browsers,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  initAuthCreds,
  makeWASocket,
  proto,
  unpadRandomMax16,
} from '@whiskeysockets/baileys';
import { vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { isGroup, isSameUser } from '../simulator/jid.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import type { KeyBundle, KeySource, PhoneIdentity, Resident } from '../simulator/resident.ts';
import { bytesOf, childrenOf, node } from '../simulator/wire/stanza.ts';

const ignore = (): void => undefined;
export const silent = {
  level: 'silent',
  child: () => silent,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

/** libsignal prints whole sessions; keep them out of the test output. */
export function muteLibsignal(): void {
  vi.spyOn(console, 'info').mockImplementation(ignore);
  vi.spyOn(console, 'warn').mockImplementation(ignore);
  vi.spyOn(console, 'error').mockImplementation(ignore);
  vi.spyOn(console, 'log').mockImplementation(ignore);
}

export async function startNetwork(): Promise<WhatsAppNetwork> {
  const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
  await network.start();
  return network;
}

/** An authentication state in memory that survives from one socket to the next, as a disk would. */
export function makeAuth(): AuthenticationState {
  const store = new Map<string, unknown>();
  return {
    creds: initAuthCreds(),
    keys: {
      get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
        const found: Record<string, SignalDataTypeMap[T]> = {};
        for (const id of ids) {
          const value = store.get(`${type} ${id}`);
          if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
        }
        return found;
      },
      set: async (data) => {
        for (const [type, values] of Object.entries(data)) {
          for (const [id, value] of Object.entries(values)) {
            if (value === null) store.delete(`${type} ${id}`);
            else store.set(`${type} ${id}`, value);
          }
        }
      },
    },
  };
}

export type ClientOptions = Partial<Parameters<typeof makeWASocket>[0]>;

/** One unmodified Baileys socket and what it told. */
export class TestClient {
  readonly sock: WASocket;
  readonly messages: { message: WAMessage; type: string }[] = [];
  readonly updates: { id: string; status: number | undefined; stub: string | undefined }[] = [];
  /** As they came: of two for one message in one flush, the library's events tell the later one only, though it say less. */
  readonly receipts: { id: string; type: string }[] = [];
  #state: Partial<ConnectionState> = {};
  #watchers: (() => void)[] = [];

  constructor(network: WhatsAppNetwork, auth: AuthenticationState, options: ClientOptions = {}) {
    this.sock = makeWASocket({
      auth,
      waWebSocketUrl: network.wsUrl,
      logger: silent,
      browser: Browsers.ubuntu('Chrome'),
      shouldSyncHistoryMessage: () => false,
      retryRequestDelayMs: 1,
      ...options,
    });
    this.sock.ev.on('creds.update', (update) => Object.assign(auth.creds, update));
    this.sock.ev.on('connection.update', (update) => {
      this.#state = { ...this.#state, ...update };
      this.#wake();
    });
    this.sock.ev.process(() => this.#wake());
    this.sock.ws.on('CB:receipt', ({ attrs }: BinaryNode) => {
      this.receipts.push({ id: attrs['id'] ?? '', type: attrs['type'] ?? 'delivered' });
      this.#wake();
    });
    this.sock.ev.on('messages.upsert', ({ messages, type }) => {
      this.messages.push(...messages.map((message) => ({ message, type })));
      this.#wake();
    });
    this.sock.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) {
        const stub = update.messageStubParameters?.[0] ?? undefined;
        this.updates.push({ id: key.id ?? '', status: update.status ?? undefined, stub });
      }
      this.#wake();
    });
  }

  /** Resolves as soon as `ready` holds; looked at after every event. */
  until<T>(ready: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const value = ready();
        if (value === undefined || value === false) this.#watchers.push(look);
        else resolve(value);
      };
      look();
    });
  }

  qr(): Promise<string> {
    return this.until(() => this.#state.qr);
  }

  async open(): Promise<void> {
    await this.until(() => this.#state.connection === 'open');
  }

  /** The status code of the end of this socket, and what came with it. */
  closed(): Promise<{ code: number | undefined; data: unknown }> {
    return this.until(() => {
      if (this.#state.connection !== 'close') return undefined;
      const error = this.#state.lastDisconnect?.error as
        | { output?: { statusCode?: number }; data?: unknown }
        | undefined;
      return { code: error?.output?.statusCode, data: error?.data };
    });
  }

  message(id: string): Promise<WAMessage> {
    return this.until(() => this.messages.find(({ message }) => message.key.id === id && message.message)?.message);
  }

  /** The first acknowledgement of the server for a message that is about to be sent. */
  ackOf(id: string): Promise<BinaryNode> {
    return new Promise((resolve) => {
      this.sock.ws.once(`TAG:${id}`, (ack: BinaryNode) => resolve(ack));
    });
  }

  async end(): Promise<void> {
    await this.sock.end(undefined);
  }

  #wake(): void {
    queueMicrotask(() => {
      const watchers = this.#watchers;
      this.#watchers = [];
      for (const watcher of watchers) watcher();
    });
  }
}

/** A person's device in its smallest form: seals and opens with Baileys' own Signal code, sends delivery receipts. */
export class TestDevice implements Resident, KeySource {
  readonly pn: string;
  readonly lid: string;
  readonly device = 0;
  readonly pushName: string;
  readonly received: { id: string; from: string; text: string }[] = [];
  readonly stanzas: BinaryNode[] = [];
  network: WhatsAppNetwork;
  readonly creds = initAuthCreds();
  readonly #keys = addTransactionCapability(makeAuth().keys, silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 });
  readonly #signal = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds: this.creds, keys: this.#keys }, silent);
  #nextKey = 1;
  #watchers: (() => void)[] = [];

  constructor(network: WhatsAppNetwork, number: string, name: string) {
    this.network = network;
    this.pn = `49${number}@s.whatsapp.net`;
    this.lid = `1000${number}@lid`;
    this.pushName = name;
    this.creds.me = { id: this.pn, lid: this.lid };
    network.attach(this, this);
  }

  bundle(): KeyBundle {
    const { keyPair, keyId, signature } = this.creds.signedPreKey;
    const id = this.#nextKey;
    this.#nextKey += 1;
    const pair = Curve.generateKeyPair();
    void this.#keys.set({ 'pre-key': { [String(id)]: pair } });
    return {
      registrationId: this.creds.registrationId,
      identityKey: this.creds.signedIdentityKey.public,
      signedPreKey: { id: keyId, publicKey: keyPair.public, signature },
      preKey: { id, publicKey: pair.public },
    };
  }

  async receive(stanza: BinaryNode): Promise<void> {
    this.stanzas.push(stanza);
    if (stanza.tag === 'message') await this.#open(stanza);
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  until<T>(ready: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const value = ready();
        if (value === undefined || value === false) this.#watchers.push(look);
        else resolve(value);
      };
      look();
    });
  }

  text(text: string): Promise<{ id: string; from: string; text: string }> {
    return this.until(() => this.received.find((entry) => entry.text === text));
  }

  receipt(id: string, type?: string): Promise<BinaryNode> {
    return this.until(() =>
      this.stanzas.find(({ tag, attrs }) => tag === 'receipt' && attrs['id'] === id && attrs['type'] === type),
    );
  }

  /** The network was restarted. */
  moveTo(network: WhatsAppNetwork): void {
    this.network = network;
    network.attach(this, this);
  }

  /** Sends a text to a user, sealed for each of the user's devices. */
  async say(to: string, id: string, text: string): Promise<void> {
    const parts: BinaryNode[] = [];
    for (const jid of this.network.devicesOf(to)) {
      parts.push(node('to', { jid }, [await this.#seal(jid, { conversation: text })]));
    }
    await this.network.submit(this, node('message', { to, id, type: 'text' }, [node('participants', {}, parts)]));
  }

  /** The same message sealed again for the one device that asked. */
  async resend(to: string, id: string, text: string, count: number): Promise<void> {
    await this.#signal.deleteSession([to]);
    const enc = await this.#seal(to, { conversation: text });
    const again = { ...enc, attrs: { ...enc.attrs, count: String(count) } };
    await this.network.submit(this, node('message', { to, id, type: 'text' }, [again]));
  }

  /** A peer message to an own companion. */
  async tellCompanion(jid: string, id: string, message: proto.IMessage): Promise<void> {
    const enc = await this.#seal(jid, message);
    await this.network.submit(this, node('message', { to: jid, id, type: 'text', category: 'peer' }, [enc]));
  }

  async sayInGroup(group: string, id: string, text: string): Promise<void> {
    const devices = this.network.groupMembers(group).flatMap((member) => this.network.devicesOf(member));
    const data = encodeWAMessage({ conversation: text });
    const { ciphertext, senderKeyDistributionMessage } = await this.#signal.encryptGroupMessage({
      group,
      meId: this.lid,
      data,
    });
    const message = {
      senderKeyDistributionMessage: {
        groupId: group,
        axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage,
      },
    };
    const parts: BinaryNode[] = [];
    for (const jid of devices.filter((device) => !isSameUser(device, this.lid))) {
      parts.push(node('to', { jid }, [await this.#seal(jid, message)]));
    }
    const content = [node('participants', {}, parts), node('enc', { v: '2', type: 'skmsg' }, ciphertext)];
    await this.network.submit(this, node('message', { to: group, id, type: 'text' }, content));
  }

  async #seal(jid: string, message: proto.IMessage): Promise<BinaryNode> {
    const known = await this.#signal.validateSession(jid);
    const bundle = known.exists ? undefined : this.network.fetchBundle(jid);
    if (bundle !== undefined) {
      await this.#signal.injectE2ESession({
        jid,
        session: {
          registrationId: bundle.registrationId,
          identityKey: prefixed(bundle.identityKey),
          signedPreKey: {
            keyId: bundle.signedPreKey.id,
            publicKey: prefixed(bundle.signedPreKey.publicKey),
            signature: bundle.signedPreKey.signature,
          },
          preKey: { keyId: bundle.preKey!.id, publicKey: prefixed(bundle.preKey!.publicKey) },
        },
      });
    }
    const { type, ciphertext } = await this.#signal.encryptMessage({ jid, data: encodeWAMessage(message) });
    return node('enc', { v: '2', type }, ciphertext);
  }

  async #open(stanza: BinaryNode): Promise<void> {
    const { id = '', from = '', participant, recipient } = stanza.attrs;
    const author = participant ?? from;
    const sender = author.endsWith('@lid')
      ? author
      : (this.network.lidOf(author) ?? author).replace('@', deviceOf(author));
    for (const enc of childrenOf(stanza, 'enc')) {
      const bytes = bytesOf(enc) ?? new Uint8Array(0);
      const type = enc.attrs['type'] ?? '';
      const plain =
        type === 'skmsg'
          ? await this.#signal.decryptGroupMessage({ group: from, authorJid: sender, msg: bytes })
          : await this.#signal.decryptMessage({ jid: sender, type: type as 'msg' | 'pkmsg', ciphertext: bytes });
      const message = proto.Message.decode(unpadRandomMax16(plain));
      if (message.senderKeyDistributionMessage) {
        const item = message.senderKeyDistributionMessage;
        await this.#signal.processSenderKeyDistributionMessage({ item, authorJid: sender });
      }
      const said = message.deviceSentMessage?.message ?? message;
      const text = said.conversation ?? said.extendedTextMessage?.text;
      if (text) this.received.push({ id, from: author, text });
    }
    const to = isGroup(from) ? { to: from, participant } : { to: from, recipient };
    await this.network.submit(
      this,
      node('receipt', { id, ...to, type: recipient === undefined ? undefined : 'sender' }),
    );
  }
}

export class TestPhone extends TestDevice implements PhoneIdentity {
  readonly linked: string[] = [];
  readonly online: string[] = [];
  readonly accountKey = {
    publicKey: this.creds.signedIdentityKey.public,
    sign: (message: Uint8Array) => Curve.sign(this.creds.signedIdentityKey.private, message),
  };

  readonly linkCode = {
    identityKey: this.creds.signedIdentityKey.public,
    agree: (peer: Uint8Array) => Curve.sharedKey(this.creds.signedIdentityKey.private, peer),
  };

  async onCompanionLinked(companionDeviceJid: string): Promise<void> {
    this.linked.push(companionDeviceJid);
  }

  async onCompanionOnline(deviceJid: string): Promise<void> {
    this.online.push(deviceJid);
  }
}

/** Links a fresh client by QR, through the restart, and returns it open. */
export async function linkClient(
  network: WhatsAppNetwork,
  phone: TestPhone,
  auth = makeAuth(),
  options: ClientOptions = {},
): Promise<TestClient> {
  const first = new TestClient(network, auth, options);
  await network.completeLink(await first.qr(), phone);
  await first.closed();
  const client = new TestClient(network, auth, options);
  await client.open();
  return client;
}

function prefixed(key: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(5), key]);
}

function deviceOf(jid: string): string {
  const match = /:(\d+)@/.exec(jid);
  return match === null ? '@' : `:${match[1]}@`;
}
