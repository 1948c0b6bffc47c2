import type { SignalAuthState, SignedKeyPair, WASocket } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../src/core/clock.ts';
import { isRecord } from '../../src/core/json.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { AuthStore } from './auth-state.ts';
import type { Baileys } from './baileys.ts';
import { signedPreKeyIdIn } from './pre-key-message.ts';

const SERVER = '@s.whatsapp.net'; // Baileys S_WHATSAPP_NET
const NAMESPACE = 'whatsapp.signed-pre-key';
const DAY_MS = 24 * 60 * 60 * 1000;
/** What WhatsApp Web's own task waits between two rotations. */
const ROTATE_AFTER_MS = 27 * DAY_MS;
/** First contacts sealed for a key of long ago still come: from phones that were off, and that keep what they once fetched. */
const KEPT_EARLIER_KEYS = 3;
/** After a login there is better to do. */
const FIRST_LOOK_MS = 5 * 60 * 1000;
const NEXT_LOOK_MS = 6 * 60 * 60 * 1000;
const LARGEST_ID = 0xffffff; // three bytes on the wire

interface Kept {
  readonly key: SignedKeyPair;
  /** When it was first used; epoch ms. */
  readonly since: number;
}

/**
 * The key that vouches for new sessions with this device, replaced at WhatsApp Web's pace. Baileys can upload another but never does,
 * keeps it only once the server has it, and forgets the one before; here each is in the vault before the server hears of it, and
 * messages that name an earlier one are read with that.
 */
export class SignedPreKeys {
  readonly #baileys: Baileys;
  readonly #vault: SessionVault;
  readonly #auth: AuthStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  #timer: Timer | undefined;

  constructor(deps: { baileys: Baileys; vault: SessionVault; auth: AuthStore; clock: Clock; log: Logger }) {
    this.#baileys = deps.baileys;
    this.#vault = deps.vault;
    this.#auth = deps.auth;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Called when the connection is open. */
  start(sock: WASocket): void {
    this.#schedule(sock, FIRST_LOOK_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Credentials for a Signal repository, and how to run one decryption at a time with the key that its message names. */
  reader(creds: SignalAuthState['creds']): {
    readonly creds: SignalAuthState['creds'];
    readonly withKeyOf: <T>(ciphertext: Uint8Array, work: () => Promise<T>) => Promise<T>;
  } {
    let named: SignedKeyPair | undefined;
    const view = new Proxy(creds, {
      get: (target, name): unknown => (name === 'signedPreKey' ? named : undefined) ?? Reflect.get(target, name),
    });
    return {
      creds: view,
      withKeyOf: async (ciphertext, work) => {
        const id = signedPreKeyIdIn(ciphertext);
        named = id === undefined || id === creds.signedPreKey.keyId ? undefined : this.#kept(id)?.key;
        try {
          return await work();
        } finally {
          named = undefined;
        }
      },
    };
  }

  #schedule(sock: WASocket, delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => {
      this.#schedule(sock, NEXT_LOOK_MS);
      this.#look(sock).catch((error: unknown) => {
        this.#log.warn('signed pre-key not replaced', { error: error instanceof Error ? error.name : 'unknown' });
      });
    });
  }

  async #look(sock: WASocket): Promise<void> {
    const creds = this.#auth.load();
    if (creds?.account === undefined) return;
    const current = creds.signedPreKey;
    const since = this.#kept(current.keyId)?.since;
    if (since === undefined) this.#keep({ key: current, since: this.#clock.now() });
    else if (this.#clock.now() - since >= ROTATE_AFTER_MS) await this.#replace(sock, current.keyId);
  }

  /** The key of a try whose answer was lost is offered again: the server may have taken it. */
  async #replace(sock: WASocket, currentId: number): Promise<void> {
    const id = (currentId % LARGEST_ID) + 1;
    const identity = sock.authState.creds.signedIdentityKey;
    const key = this.#kept(id)?.key ?? this.#baileys.signedKeyPair(identity, id);
    this.#keep({ key, since: this.#clock.now() });
    const rotate = { tag: 'rotate', attrs: {}, content: [this.#baileys.xmppSignedPreKey(key)] };
    const attrs = { to: SERVER, type: 'set', xmlns: 'encrypt' };
    const answer: unknown = await sock.query({ tag: 'iq', attrs, content: [rotate] });
    if (answer === undefined) throw new Error('no answer'); // Baileys' way of saying so
    this.#auth.update({ signedPreKey: key });
    this.#forgetOldest(id);
    this.#log.info('signed pre-key replaced');
  }

  #kept(id: number): Kept | undefined {
    const bytes = this.#vault.secrets.get(NAMESPACE, String(id));
    return bytes === undefined ? undefined : this.#parse(bytes);
  }

  #keep(kept: Kept): void {
    const text = JSON.stringify(kept, this.#baileys.BufferJSON.replacer);
    this.#vault.secrets.set(NAMESPACE, String(kept.key.keyId), Buffer.from(text));
  }

  #forgetOldest(currentId: number): void {
    const earlier = this.#vault.secrets
      .entries(NAMESPACE)
      .filter(([id]) => Number(id) !== currentId)
      .map(([id, bytes]) => ({ id, since: this.#parse(bytes)?.since ?? 0 }))
      .sort((one, other) => other.since - one.since);
    for (const { id } of earlier.slice(KEPT_EARLIER_KEYS)) this.#vault.secrets.delete(NAMESPACE, id);
  }

  #parse(bytes: Uint8Array): Kept | undefined {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString(), this.#baileys.BufferJSON.reviver);
    return isKept(value) ? value : undefined;
  }
}

// The file is sealed and written by this class alone, so the outer shape stands for the rest.
function isKept(value: unknown): value is Kept {
  return isRecord(value) && typeof value['since'] === 'number' && isRecord(value['key']);
}
