import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { z } from 'zod';
import type { LinkCodeAnswerer, Network, PhoneIdentity, Resident } from '../resident.ts';
import { isGroup, toLid } from './addresses.ts';
import { base64Schema, toBase64 } from './bytes.ts';
import {
  type AppStateKey,
  makeAppStateKey,
  toHistoryNotification,
  toKeyShare,
  toPlaceholderAnswer,
} from './companion-introduction.ts';
import type { PeerMessage } from './device-listener.ts';
import { Person, type PersonOptions, personSchema } from './person.ts';
import { PhoneMemory } from './phone-memory.ts';
import { withTypeByte } from './sealer.ts';
import { signalLibrary } from './signal-library.ts';

export const phoneSchema = z.object({
  person: personSchema,
  appStateKey: z.object({ id: base64Schema, data: base64Schema, createdAtMs: z.number() }),
  introduced: z.array(z.string()),
});
export type PhoneState = z.input<typeof phoneSchema>;

export interface PhoneOptions extends Omit<PersonOptions, 'state'> {
  readonly state?: PhoneState | undefined;
}

/**
 * The hotel's own phone: the primary device of an account, which links companions such as the daemon under test. Its Signal
 * identity is the account key that vouches for them.
 */
export class Phone extends Person implements Resident, PhoneIdentity {
  readonly accountKey: PhoneIdentity['accountKey'];
  readonly linkCode: LinkCodeAnswerer;
  readonly device = 0;
  readonly #network: Network;
  readonly #memory = new PhoneMemory();
  readonly #appStateKey: AppStateKey;
  readonly #introduced: Set<string>;
  readonly #introducing = new Set<string>();
  #isOff = false;

  constructor(options: PhoneOptions) {
    const { state, ...rest } = options;
    super({ ...rest, state: state?.person });
    this.#network = options.network;
    const parsed = state === undefined ? undefined : phoneSchema.parse(state);
    this.#appStateKey = parsed?.appStateKey ?? makeAppStateKey(options.network.clock.now());
    this.#introduced = new Set(parsed?.introduced ?? []);
    const { keys } = this.handset;
    this.accountKey = { publicKey: keys.identityKey, sign: (message) => keys.sign(message) };
    this.linkCode = {
      identityKey: keys.identityKey,
      agree: (peer) => signalLibrary.calculateAgreement(withTypeByte(peer), keys.identity.privateKey),
    };
    this.screen.watch({
      onMessage: (message) => this.#memory.remember(message),
      onPeerMessage: (message) => this.#answerCompanion(message),
    });
  }

  get pushName(): string {
    return this.name;
  }

  override start(): void {
    this.handset.start(this);
  }

  async receive(stanza: BinaryNode): Promise<void> {
    await this.handset.receive(stanza);
  }

  /** Scans the QR code that a companion shows; resolves when the companion is part of the account. */
  scan(qr: string): Promise<void> {
    return this.#network.completeLink(qr, this);
  }

  /** Types the eight-character code that a companion shows after it was given this phone's number. */
  enterCode(code: string): Promise<void> {
    return this.#network.completeLink({ code }, this);
  }

  async onCompanionLinked(): Promise<void> {
    // Sessions begin when the companion is online: until then it has uploaded no one-time keys.
  }

  /** Once for each companion: the key for shared settings, then what was said before. */
  async onCompanionOnline(deviceJid: string): Promise<void> {
    if (this.#isOff) return;
    if (this.#introduced.has(deviceJid) || this.#introducing.has(deviceJid)) return;
    this.#introducing.add(deviceJid);
    try {
      await this.#introduce(deviceJid);
      this.#introduced.add(deviceJid);
    } catch (error) {
      if (this.companions().includes(deviceJid)) throw error; // unlinked meanwhile: nobody left to tell
    } finally {
      this.#introducing.delete(deviceJid);
    }
  }

  /** Switched off, or out of reach: nothing is received, answered or introduced until it is on again. */
  override goOffline(): void {
    this.#isOff = true;
    super.goOffline();
  }

  override goOnline(): void {
    this.#isOff = false;
    super.goOnline();
    for (const deviceJid of this.companions()) {
      this.onCompanionOnline(deviceJid).catch((error: unknown) => {
        this.#network.violations.record('resident_failed', deviceJid, `onCompanionOnline: ${String(error)}`);
      });
    }
  }

  /** A member of staff writes on the phone itself; companions get a copy. */
  async sayFromPhone(to: string, text: string): Promise<string> {
    const id = await this.send(to, { kind: 'text', text });
    this.#memory.remember({
      chat: isGroup(to) ? to : (toLid(this.#network, to) ?? to),
      author: this.lid,
      fromMe: true,
      id,
      sentAtSeconds: Math.floor(this.#network.clock.now() / 1_000),
      message: { conversation: text },
    });
    return id;
  }

  /** A member of staff reads on the phone itself: the guest sees it, companions are told. */
  readOnPhone(chat?: string): Promise<readonly string[]> {
    return this.read(chat);
  }

  /** LID style device addresses of what is linked. */
  companions(): readonly string[] {
    return this.#network.companionsOf(this.lid);
  }

  /** "Log out" in the phone's list of linked devices. */
  removeCompanion(deviceJid: string): void {
    this.#introduced.delete(deviceJid);
    this.handset.forgetSession(deviceJid);
    this.#network.removeCompanion(deviceJid);
  }

  exportPhoneState(): PhoneState {
    return {
      person: this.exportState(),
      appStateKey: {
        id: toBase64(this.#appStateKey.id),
        data: toBase64(this.#appStateKey.data),
        createdAtMs: this.#appStateKey.createdAtMs,
      },
      introduced: [...this.#introduced],
    };
  }

  async #introduce(deviceJid: string): Promise<void> {
    await this.handset.sendToOwnDevice(deviceJid, toKeyShare(this.#appStateKey));
    const { INITIAL_BOOTSTRAP, PUSH_NAME } = proto.HistorySync.HistorySyncType;
    const conversations = this.#memory.toConversations((lid) => this.#network.pnOf(lid));
    await this.handset.sendToOwnDevice(deviceJid, await toHistoryNotification({ conversations }, INITIAL_BOOTSTRAP));
    const pushnames = [{ id: this.lid, pushname: this.name }];
    await this.handset.sendToOwnDevice(deviceJid, await toHistoryNotification({ pushnames }, PUSH_NAME));
  }

  /** A companion that could not read a message asks the phone for its copy. */
  async #answerCompanion(request: PeerMessage): Promise<void> {
    const operation = request.message.protocolMessage?.peerDataOperationRequestMessage;
    const asked = operation?.placeholderMessageResendRequest ?? [];
    if (asked.length === 0) return;
    const found = asked.map(({ messageKey }) => (messageKey?.id ? this.#memory.find(messageKey.id) : undefined));
    await this.handset.sendToOwnDevice(request.fromDevice, toPlaceholderAnswer(request.id, found));
  }
}
