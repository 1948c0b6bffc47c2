import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Random } from '../../../src/core/random.ts';
import type { Applicant } from './applicant.ts';
import { bareJid } from './jid.ts';
import type { LinkCodeAnswerer, PhoneIdentity, Resident } from './resident.ts';
import type { CurveKeyPair } from './wire/curve.ts';
import { agree, makeKeyPair } from './wire/curve.ts';
import { bytesOf, childOf, node, SERVER_JID } from './wire/stanza.ts';

const derive = promisify(pbkdf2);

const CODE_ROUNDS = 131_072; // 2 << 16, as the clients do
const SALT_BYTES = 32;
const IV_BYTES = 16;
const KEY_BYTES = 32;
const GCM_IV_BYTES = 12;
const GCM_TAG_BYTES = 16;

/** A companion that showed a code for a phone number. */
interface Waiting {
  readonly applicant: Applicant;
  /** The number as its bare address. */
  readonly pn: string;
  /** salt ‖ iv ‖ the companion's ephemeral key under the code. */
  readonly wrappedEphemeral: Uint8Array;
  readonly ref: Uint8Array;
  /** Set once a phone has answered; the companion's last word goes here. */
  readonly finish: PromiseWithResolversLike<Uint8Array>;
}

interface PromiseWithResolversLike<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Linking by an eight-character code that is typed into the phone: the exchange up to the shared secret. */
export class LinkCodeDesk {
  readonly #random: Random;
  readonly #waiting = new Map<Applicant, Waiting>();

  constructor(deps: { random: Random }) {
    this.#random = deps.random;
  }

  /** A companion's `<link_code_companion_reg>`; returns the content of the answer, or undefined when it makes no sense. */
  receive(applicant: Applicant, request: BinaryNode): BinaryNode[] | undefined {
    switch (request.attrs['stage']) {
      case 'companion_hello':
        return this.#hello(applicant, request);
      case 'companion_finish': {
        const bundle = bytesOf(childOf(request, 'link_code_pairing_wrapped_key_bundle'));
        const waiting = this.#waiting.get(applicant);
        if (bundle === undefined || waiting === undefined) return undefined;
        waiting.finish.resolve(bundle);
        return [];
      }
      default:
        return undefined;
    }
  }

  /**
   * A person types the code into the phone. Resolves with the companion and the secret both sides now know; rejects when no
   * companion waits for this number, it leaves, or the code was wrong.
   */
  async enter(code: string, phone: Resident & PhoneIdentity): Promise<{ applicant: Applicant; advSecret: Uint8Array }> {
    const waiting = [...this.#waiting.values()].find((candidate) => candidate.pn === phone.pn);
    if (waiting === undefined) throw new Error('no companion waits for a code of this number');
    if (phone.linkCode === undefined) throw new Error('this phone does not link by code');
    const typed = code.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
    const ephemeral = makeKeyPair(this.#random);
    const companionEphemeral = await unwrap(waiting.wrappedEphemeral, typed);
    waiting.applicant.connection.send(
      node('notification', { from: SERVER_JID, type: 'link_code_companion_reg', id: `code-${typed.length}` }, [
        node('link_code_companion_reg', { stage: 'primary_hello' }, [
          node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, await this.#wrap(ephemeral.publicKey, typed)),
          node('primary_identity_pub', {}, phone.linkCode.identityKey),
          node('link_code_pairing_ref', {}, waiting.ref),
        ]),
      ]),
    );
    const bundle = await waiting.finish.promise;
    this.#waiting.delete(waiting.applicant);
    const advSecret = openBundle(bundle, {
      companionIdentity: waiting.applicant.identityKey,
      companionEphemeral,
      ephemeral,
      phone: phone.linkCode,
    });
    return { applicant: waiting.applicant, advSecret };
  }

  forget(applicant: Applicant): void {
    this.#waiting.get(applicant)?.finish.reject(new Error('the companion left before the code was confirmed'));
    this.#waiting.delete(applicant);
  }

  #hello(applicant: Applicant, request: BinaryNode): BinaryNode[] | undefined {
    const wrappedEphemeral = bytesOf(childOf(request, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
    const noiseKey = bytesOf(childOf(request, 'companion_server_auth_key_pub'));
    const { jid } = request.attrs;
    if (jid === undefined || wrappedEphemeral?.length !== SALT_BYTES + IV_BYTES + KEY_BYTES) return undefined;
    if (noiseKey === undefined || !Buffer.from(noiseKey).equals(applicant.noiseKey)) return undefined;
    const ref = Uint8Array.from(this.#random.bytes(16));
    this.#waiting.set(applicant, { applicant, pn: bareJid(jid), wrappedEphemeral, ref, finish: makeDeferred() });
    return [node('link_code_companion_reg', { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)])];
  }

  async #wrap(publicKey: Uint8Array, code: string): Promise<Uint8Array> {
    const salt = this.#random.bytes(SALT_BYTES);
    const iv = this.#random.bytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-ctr', await derive(code, salt, CODE_ROUNDS, KEY_BYTES, 'sha256'), iv);
    return Buffer.concat([salt, iv, cipher.update(publicKey), cipher.final()]);
  }
}

async function unwrap(wrapped: Uint8Array, code: string): Promise<Uint8Array> {
  const key = await derive(code, wrapped.subarray(0, SALT_BYTES), CODE_ROUNDS, KEY_BYTES, 'sha256');
  const decipher = createDecipheriv('aes-256-ctr', key, wrapped.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES));
  return Buffer.concat([decipher.update(wrapped.subarray(SALT_BYTES + IV_BYTES)), decipher.final()]);
}

/** Throws when the bundle was not sealed under the secret that the right code gives. */
function openBundle(
  bundle: Uint8Array,
  keys: {
    companionIdentity: Uint8Array;
    companionEphemeral: Uint8Array;
    ephemeral: CurveKeyPair;
    phone: LinkCodeAnswerer;
  },
): Uint8Array {
  const shared = agree(keys.ephemeral.privateKey, keys.companionEphemeral);
  const salt = bundle.subarray(0, SALT_BYTES);
  const iv = bundle.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES);
  const sealed = bundle.subarray(SALT_BYTES + GCM_IV_BYTES);
  const key = Buffer.from(hkdfSync('sha256', shared, salt, 'link_code_pairing_key_bundle_encryption_key', KEY_BYTES));
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(sealed.subarray(-GCM_TAG_BYTES));
  const plain = tryOpen(() => Buffer.concat([decipher.update(sealed.subarray(0, -GCM_TAG_BYTES)), decipher.final()]));
  const [companion, primary, secret] = [0, 1, 2].map((part) =>
    plain.subarray(part * KEY_BYTES, (part + 1) * KEY_BYTES),
  );
  const isOurs = companion?.equals(keys.companionIdentity) === true && primary?.equals(keys.phone.identityKey) === true;
  if (!isOurs || secret === undefined) throw new Error('the companion confirmed other identities');
  const material = Buffer.concat([shared, keys.phone.agree(keys.companionIdentity), secret]);
  return new Uint8Array(hkdfSync('sha256', material, new Uint8Array(0), 'adv_secret', KEY_BYTES));
}

function tryOpen(open: () => Buffer): Buffer {
  try {
    return open();
  } catch (cause) {
    throw new Error('the code is wrong', { cause });
  }
}

function makeDeferred<T>(): PromiseWithResolversLike<T> {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } = { resolve: ignore, reject: ignore };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(ignore); // a companion may leave before anybody has typed its code
  return { promise, ...settle };
}

function ignore(): void {
  // nobody listens yet
}
