import type { SignalStorage } from 'whatsapp-rust-bridge';
import { z } from 'zod';
import type { KeyBundle, KeySource } from '../resident.ts';
import { base64Schema, toBase64 } from './bytes.ts';
import { signalLibrary } from './signal-library.ts';

const SIGNED_PRE_KEY_ID = 1;
const FIRST_PRE_KEY_ID = 1;

const keyPairSchema = z.object({ publicKey: base64Schema, privateKey: base64Schema });

export const deviceKeysSchema = z.object({
  registrationId: z.number(),
  identity: keyPairSchema,
  signedPreKey: keyPairSchema.extend({ signature: base64Schema }),
  nextPreKeyId: z.number(),
  preKeys: z.record(z.string(), keyPairSchema),
  sessions: z.record(z.string(), base64Schema),
  senderKeys: z.record(z.string(), base64Schema),
});

/** {@link DeviceKeys} as plain JSON. It holds private keys of people who do not exist. */
export type DeviceKeysState = z.input<typeof deviceKeysSchema>;

interface KeyPair {
  readonly publicKey: Uint8Array; // 33 bytes, with the type byte
  readonly privateKey: Uint8Array;
}

/** Identity, one-time keys, sessions and sender keys of one simulated device, in memory. */
export class DeviceKeys implements KeySource {
  readonly registrationId: number;
  readonly identity: KeyPair;
  readonly #signedPreKey: KeyPair & { readonly signature: Uint8Array };
  readonly #preKeys = new Map<number, KeyPair>();
  readonly #sessions = new Map<string, Uint8Array>();
  readonly #senderKeys = new Map<string, Uint8Array>();
  #nextPreKeyId = FIRST_PRE_KEY_ID;

  constructor(state?: DeviceKeysState) {
    if (state === undefined) {
      const identity = signalLibrary.generateIdentityKeyPair();
      const signed = signalLibrary.generateSignedPreKey(identity, SIGNED_PRE_KEY_ID);
      this.registrationId = signalLibrary.generateRegistrationId();
      this.identity = { publicKey: identity.pubKey, privateKey: identity.privKey };
      this.#signedPreKey = {
        publicKey: signed.keyPair.pubKey,
        privateKey: signed.keyPair.privKey,
        signature: signed.signature,
      };
      return;
    }
    const parsed = deviceKeysSchema.parse(state);
    this.registrationId = parsed.registrationId;
    this.identity = parsed.identity;
    this.#signedPreKey = parsed.signedPreKey;
    this.#nextPreKeyId = parsed.nextPreKeyId;
    for (const [id, pair] of Object.entries(parsed.preKeys)) this.#preKeys.set(Number(id), pair);
    for (const [address, session] of Object.entries(parsed.sessions)) this.#sessions.set(address, session);
    for (const [name, key] of Object.entries(parsed.senderKeys)) this.#senderKeys.set(name, key);
  }

  /** The 32 bytes of the identity key, as they stand in bundles and signatures. */
  get identityKey(): Uint8Array {
    return this.identity.publicKey.slice(1);
  }

  /** XEdDSA with the identity key. */
  sign(message: Uint8Array): Uint8Array {
    return signalLibrary.calculateSignature(this.identity.privateKey, message);
  }

  /** A bundle with a new one-time key. */
  bundle(): KeyBundle {
    const id = this.#nextPreKeyId;
    this.#nextPreKeyId += 1;
    const { keyPair } = signalLibrary.generatePreKey(id);
    this.#preKeys.set(id, { publicKey: keyPair.pubKey, privateKey: keyPair.privKey });
    return {
      registrationId: this.registrationId,
      identityKey: this.identityKey,
      signedPreKey: {
        id: SIGNED_PRE_KEY_ID,
        publicKey: this.#signedPreKey.publicKey.slice(1),
        signature: this.#signedPreKey.signature,
      },
      preKey: { id, publicKey: keyPair.pubKey.slice(1) },
    };
  }

  hasSession(address: string): boolean {
    return this.#sessions.has(address);
  }

  deleteSession(address: string): void {
    this.#sessions.delete(address);
  }

  deleteAllSessions(): void {
    this.#sessions.clear();
    this.#senderKeys.clear();
  }

  deleteSenderKey(name: string): void {
    this.#senderKeys.delete(name);
  }

  /** The store as the Signal library wants it. Every peer's identity key is trusted, and told to `onIdentity` if it is asked for. */
  storage(onIdentity?: (identityKey: Uint8Array) => void): SignalStorage {
    return {
      loadSession: (address) => this.#sessions.get(address) ?? null,
      storeSession: (address, record) => {
        this.#sessions.set(address, record.serialize());
      },
      getOurIdentity: () => ({ pubKey: this.identity.publicKey, privKey: this.identity.privateKey }),
      getOurRegistrationId: () => this.registrationId,
      isTrustedIdentity: (_name, identityKey) => {
        onIdentity?.(identityKey);
        return true;
      },
      loadPreKey: (id) => {
        const pair = this.#preKeys.get(id);
        return pair === undefined ? null : { pubKey: pair.publicKey, privKey: pair.privateKey };
      },
      removePreKey: (id) => {
        this.#preKeys.delete(id);
      },
      loadSignedPreKey: () => ({
        keyId: SIGNED_PRE_KEY_ID,
        keyPair: { pubKey: this.#signedPreKey.publicKey, privKey: this.#signedPreKey.privateKey },
        signature: this.#signedPreKey.signature,
      }),
      loadSenderKey: (name) => this.#senderKeys.get(name) ?? null,
      storeSenderKey: (name, record) => {
        this.#senderKeys.set(name, record);
      },
    };
  }

  exportState(): DeviceKeysState {
    return {
      registrationId: this.registrationId,
      identity: exportPair(this.identity),
      signedPreKey: { ...exportPair(this.#signedPreKey), signature: toBase64(this.#signedPreKey.signature) },
      nextPreKeyId: this.#nextPreKeyId,
      preKeys: Object.fromEntries([...this.#preKeys].map(([id, pair]) => [String(id), exportPair(pair)])),
      sessions: exportBytes(this.#sessions),
      senderKeys: exportBytes(this.#senderKeys),
    };
  }
}

function exportPair(pair: KeyPair): { publicKey: string; privateKey: string } {
  return { publicKey: toBase64(pair.publicKey), privateKey: toBase64(pair.privateKey) };
}

function exportBytes(values: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...values].map(([name, bytes]) => [name, toBase64(bytes)]));
}
