import { proto } from '@whiskeysockets/baileys';
import type { Random } from '../../../../src/core/random.ts';
import type { NoiseCredentials } from './certificates.ts';
import { CounterCipher, deriveTwoKeys, sha256 } from './cipher.ts';
import type { CurveKeyPair } from './curve.ts';
import { agree, makeKeyPair } from './curve.ts';

/** `WA`, protocol 6, dictionary 3: the first bytes a client sends, and part of the handshake's transcript. */
export const NOISE_HEADER = Buffer.from([0x57, 0x41, 6, 3]);

const PROTOCOL_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0', 'latin1'); // 32 bytes: used unhashed
const EMPTY = new Uint8Array(0);

/** What the client said and proved in its last handshake message. */
export interface ClientFinish {
  /** The client's static Noise key, proved by the handshake. */
  readonly noiseKey: Uint8Array;
  /** An encoded `ClientPayload`. */
  readonly payload: Uint8Array;
}

export interface TransportKeys {
  readonly fromClient: CounterCipher;
  readonly toClient: CounterCipher;
}

/**
 * The server's half of Noise XX as WhatsApp speaks it. Each method takes one frame of the client and throws when it does not
 * parse or authenticate. Order: {@link answerHello}, {@link finish}, {@link split}.
 */
export class NoiseResponder {
  readonly #credentials: NoiseCredentials;
  readonly #ephemeral: CurveKeyPair;
  #hash: Uint8Array = PROTOCOL_NAME;
  #chainingKey: Uint8Array = PROTOCOL_NAME;
  #cipher = new CounterCipher(PROTOCOL_NAME);

  constructor(deps: { credentials: NoiseCredentials; random: Random }) {
    this.#credentials = deps.credentials;
    this.#ephemeral = makeKeyPair(deps.random);
    this.#mixHash(NOISE_HEADER);
  }

  answerHello(frame: Uint8Array): Uint8Array {
    const clientEphemeral = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (clientEphemeral?.length !== 32) throw new Error('client hello without an ephemeral key');
    this.#mixHash(clientEphemeral);
    this.#mixHash(this.#ephemeral.publicKey);
    this.#mixKey(agree(this.#ephemeral.privateKey, clientEphemeral));
    const staticKey = this.#seal(this.#credentials.staticKey.publicKey);
    this.#mixKey(agree(this.#credentials.staticKey.privateKey, clientEphemeral));
    const payload = this.#seal(this.#credentials.chain);
    const serverHello = { ephemeral: this.#ephemeral.publicKey, static: staticKey, payload };
    return proto.HandshakeMessage.encode({ serverHello }).finish();
  }

  finish(frame: Uint8Array): ClientFinish {
    const message = proto.HandshakeMessage.decode(frame).clientFinish;
    if (!message?.static || !message.payload) throw new Error('client finish without key or payload');
    const noiseKey = this.#open(message.static);
    this.#mixKey(agree(this.#ephemeral.privateKey, noiseKey));
    return { noiseKey, payload: this.#open(message.payload) };
  }

  split(): TransportKeys {
    const [fromClient, toClient] = deriveTwoKeys(EMPTY, this.#chainingKey);
    return { fromClient: new CounterCipher(fromClient), toClient: new CounterCipher(toClient) };
  }

  #seal(plain: Uint8Array): Buffer {
    const sealed = this.#cipher.seal(plain, this.#hash);
    this.#mixHash(sealed);
    return sealed;
  }

  #open(sealed: Uint8Array): Buffer {
    const plain = this.#cipher.open(sealed, this.#hash);
    this.#mixHash(sealed);
    return plain;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = sha256(this.#hash, data);
  }

  #mixKey(material: Uint8Array): void {
    const [chainingKey, key] = deriveTwoKeys(material, this.#chainingKey);
    this.#chainingKey = chainingKey;
    this.#cipher = new CounterCipher(key);
  }
}
