import { EventEmitter } from 'node:events';
import type { AuthenticationCreds, BinaryNode, WAMessage, WASocket } from '@whiskeysockets/baileys';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import { makeBaileysLogger } from '../baileys-log.ts';
import type { DurableFailure, DurableInbox, DurableSocket, InboxHandlers } from '../durable-socket.ts';
import { createDurableInbox } from '../durable-socket.ts';

export const ME = '4930111111:7@s.whatsapp.net';
export const MY_LID = '900111111:7@lid';
export const GUEST = '4915222222@s.whatsapp.net';
export const GUEST_LID = '800222222@lid';
export const GROUP = '120363000000000001@g.us';

type Repository = ReturnType<Baileys['DEFAULT_CONNECTION_CONFIG']['makeSignalRepository']>;

/** Somebody with a Signal library of their own: Baileys' stock repository over a vault of their own. */
export class Peer {
  readonly creds: AuthenticationCreds;
  readonly repository: Repository;
  readonly #baileys: Baileys;
  readonly jid: string;
  #serial = 0;

  constructor(baileys: Baileys, jid: string) {
    this.jid = jid;
    this.#baileys = baileys;
    this.creds = baileys.initAuthCreds();
    const stored = new Map<string, unknown>();
    const keys = baileys.addTransactionCapability(
      {
        get: (type, ids) =>
          Object.fromEntries(
            ids.map((id) => [id, stored.get(`${type}/${id}`)] as const).filter(([, key]) => key),
          ) as never,
        set: (data) => {
          for (const [type, values] of Object.entries(data)) {
            for (const [id, value] of Object.entries(values)) stored.set(`${type}/${id}`, value);
          }
        },
      },
      makeBaileysLogger(silentLogger),
      { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    );
    this.repository = baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      { creds: this.creds, keys },
      makeBaileysLogger(silentLogger),
    );
  }

  /** Learns the other's keys, as a server would hand them out. */
  async meet(
    jid: string,
    creds: AuthenticationCreds,
    preKey?: { keyId: number; publicKey: Uint8Array },
  ): Promise<void> {
    const { generateSignalPubKey } = this.#baileys;
    await this.repository.injectE2ESession({
      jid,
      session: {
        registrationId: creds.registrationId,
        identityKey: generateSignalPubKey(creds.signedIdentityKey.public),
        signedPreKey: {
          keyId: creds.signedPreKey.keyId,
          publicKey: generateSignalPubKey(creds.signedPreKey.keyPair.public),
          signature: creds.signedPreKey.signature,
        },
        ...(preKey === undefined
          ? {}
          : { preKey: { keyId: preKey.keyId, publicKey: generateSignalPubKey(preKey.publicKey) } }),
      },
    });
  }

  /** A text for `to`, sealed, in the stanza in which the server delivers it. */
  async say(body: string, to = ME, attrs: Record<string, string> = {}): Promise<BinaryNode> {
    return this.sayMessage({ conversation: body }, attrs, to);
  }

  async sayMessage(
    message: Parameters<Baileys['encodeWAMessage']>[0],
    attrs: Record<string, string> = {},
    to = ME,
  ): Promise<BinaryNode> {
    const { type, ciphertext } = await this.repository.encryptMessage({ jid: to, data: this.#padded(message) });
    return this.stanza([{ tag: 'enc', attrs: { v: '2', type }, content: ciphertext }], attrs);
  }

  async sayInGroup(body: string, to = ME): Promise<BinaryNode> {
    const { ciphertext, senderKeyDistributionMessage } = await this.repository.encryptGroupMessage({
      group: GROUP,
      meId: this.jid,
      data: this.#padded({ conversation: body }),
    });
    const key = await this.repository.encryptMessage({
      jid: to,
      data: this.#padded({
        senderKeyDistributionMessage: {
          groupId: GROUP,
          axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage,
        },
      }),
    });
    return this.stanza(
      [
        { tag: 'enc', attrs: { v: '2', type: key.type }, content: key.ciphertext },
        { tag: 'enc', attrs: { v: '2', type: 'skmsg' }, content: ciphertext },
      ],
      { from: GROUP, participant: this.jid },
    );
  }

  stanza(content: BinaryNode[], attrs: Record<string, string> = {}): BinaryNode {
    this.#serial += 1;
    const id = `3EB0${this.jid.slice(0, 6)}${String(this.#serial).padStart(6, '0')}`;
    return {
      tag: 'message',
      attrs: { from: this.jid, id, t: '1772600000', type: 'text', notify: 'Ada', ...attrs },
      content,
    };
  }

  #padded(message: Parameters<Baileys['encodeWAMessage']>[0]): Uint8Array {
    return this.#baileys.encodeWAMessage(message);
  }
}

export interface Handed {
  readonly kind: keyof InboxHandlers;
  readonly id: string;
  readonly text: string | undefined;
  readonly message?: WAMessage;
  readonly stanza: BinaryNode;
}

/** The wire side of a socket, without Baileys behind it: the test calls the repository as Baileys does. */
export class FakeSocket {
  readonly ws = new EventEmitter();
  readonly ev = new EventEmitter();
  ended = false;
  readonly retries: BinaryNode[] = [];
  readonly placeholders: unknown[] = [];
  authState = { creds: {} };

  async end(): Promise<void> {
    this.ended = true;
  }

  async sendRetryRequest(stanza: BinaryNode): Promise<void> {
    this.retries.push(stanza);
  }

  async requestPlaceholderResend(key: unknown): Promise<void> {
    this.placeholders.push(key);
  }
}

/** A session's inbox over a memory vault; `nextLife()` is what a kill leaves. */
export class House {
  readonly clock = new VirtualClock();
  readonly vault = new MemoryVault({ clock: this.clock });
  readonly handed: Handed[] = [];
  readonly failures: DurableFailure[] = [];
  /** Replaces what the handlers do; by default they resolve at once. */
  onHandOver: (handed: Handed) => Promise<void> = async () => undefined;
  onMessageFacts: (facts: { readonly wasUnreadable: boolean }) => void = () => undefined;
  inbox: DurableInbox;
  readonly #baileys: Baileys;

  constructor(baileys: Baileys) {
    this.#baileys = baileys;
    this.inbox = this.#createInbox();
  }

  nextLife(): DurableInbox {
    this.inbox = this.#createInbox();
    return this.inbox;
  }

  prepare(): DurableSocket {
    return this.inbox.prepareSocket({
      purpose: 'connect',
      onFailure: (failure) => this.failures.push(failure),
    });
  }

  /** Opens a line with credentials as after linking. */
  open(): { sock: FakeSocket; repository: Repository; creds: AuthenticationCreds; detach: () => void } {
    const durable = this.prepare();
    const { auth, makeSignalRepository, transactionOpts, logger } = durable.config;
    const sock = new FakeSocket();
    durable.attach(sock as unknown as WASocket);
    if (auth.creds.account === undefined) {
      Object.assign(auth.creds, { me: { id: ME, lid: MY_LID }, account: { details: Buffer.from('x') } });
      sock.ev.emit('creds.update', auth.creds);
    }
    const keys = this.#baileys.addTransactionCapability(auth.keys, logger, transactionOpts);
    const repository = makeSignalRepository({ creds: auth.creds, keys }, logger);
    Object.assign(sock, { signalRepository: repository });
    return { sock, repository, creds: auth.creds, detach: () => durable.detach() };
  }

  get texts(): readonly (string | undefined)[] {
    return this.handed.map(({ text }) => text);
  }

  #createInbox(): DurableInbox {
    const { clock, vault } = this;
    const note = async (kind: keyof InboxHandlers, stanza: BinaryNode, message?: WAMessage): Promise<void> => {
      const content = message?.message;
      const handed: Handed = {
        kind,
        id: stanza.attrs['id'] ?? '',
        text: content?.conversation ?? content?.extendedTextMessage?.text ?? undefined,
        stanza,
        ...(message === undefined ? {} : { message }),
      };
      await this.onHandOver(handed);
      this.handed.push(handed);
    };
    return createDurableInbox({
      baileys: this.#baileys,
      vault,
      clock,
      random: seededRandom(1),
      log: silentLogger,
      handlers: {
        onMessage: (message, stanza, facts) => {
          this.onMessageFacts(facts);
          return note('onMessage', stanza, message);
        },
        onUnreadable: (message, stanza) => note('onUnreadable', stanza, message),
        onPoison: (message, stanza) => note('onPoison', stanza, message),
        onReceipt: (stanza) => note('onReceipt', stanza),
        onNotification: (stanza) => note('onNotification', stanza),
        onCall: (stanza) => note('onCall', stanza),
        onCanary: async () => undefined,
      },
    });
  }
}

/** What Baileys does with a message before it sends the receipt: every part through the repository, in order. */
export async function receive(line: { sock: FakeSocket; repository: Repository }, stanza: BinaryNode): Promise<void> {
  line.sock.ws.emit('CB:message', stanza);
  const author = stanza.attrs['participant'] ?? stanza.attrs['from'] ?? '';
  for (const { tag, attrs, content } of Array.isArray(stanza.content) ? stanza.content : []) {
    if (tag !== 'enc' || !(content instanceof Uint8Array)) continue;
    if (attrs['type'] === 'skmsg') {
      await line.repository.decryptGroupMessage({ group: stanza.attrs['from'] ?? '', authorJid: author, msg: content });
    } else {
      const type = attrs['type'] === 'pkmsg' ? 'pkmsg' : 'msg';
      await line.repository.decryptMessage({ jid: author, type, ciphertext: content });
    }
  }
}

/** The same stanza as it comes a second time: equal bytes, other objects. */
export function again(stanza: BinaryNode): BinaryNode {
  const content = Array.isArray(stanza.content)
    ? stanza.content.map((child) => ({
        ...child,
        ...(child.content instanceof Uint8Array ? { content: Buffer.from(child.content) } : {}),
      }))
    : stanza.content;
  return {
    ...stanza,
    attrs: { ...stanza.attrs, offline: '0' },
    ...(content === undefined ? {} : { content }),
  };
}
