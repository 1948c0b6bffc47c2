import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import type { TlObject, TlValue } from '../../tl.ts';
import { TlReader } from '../tl/reader.ts';
import { AuthKey } from './auth-key.ts';
import { isEqual, longOf, sha1, xor } from './bytes.ts';
import { DH_GENERATOR, DH_PRIME, DhHalf } from './diffie-hellman.ts';
import { igeDecrypt, igeEncrypt } from './ige.ts';
import type { RsaKey } from './rsa-key.ts';
import { service } from './service-schema.ts';
import type { Puzzle } from './small-primes.ts';
import { makePuzzle } from './small-primes.ts';

/** A client's mistake while a key is made, without secrets. */
export class ExchangeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExchangeError';
  }
}

type Stage =
  | { readonly name: 'start' }
  | { readonly name: 'puzzle'; readonly nonces: Nonces; readonly puzzle: Puzzle }
  | { readonly name: 'halves'; readonly secret: Secret; readonly half: DhHalf };

interface Nonces {
  readonly nonce: Uint8Array;
  readonly serverNonce: Uint8Array;
}

interface Secret extends Nonces {
  readonly newNonce: Uint8Array;
  /** Only for a temporary key. */
  readonly lifeS: number | undefined;
  readonly aesKey: Buffer;
  readonly iv: Buffer;
}

const BLOCK_BYTES = 16;
const HASH_BYTES = 20;
const DC_MODULUS = 10_000; // a client of the test network adds it to the id of the data centre

/** Makes one key after the other on one connection (https://core.telegram.org/mtproto/auth_key). */
export class KeyExchange {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #rsa: RsaKey;
  readonly #dcId: number;
  readonly #made: (key: AuthKey) => void;
  #stage: Stage = { name: 'start' };

  constructor(deps: { clock: Clock; random: Random; rsa: RsaKey; dcId: number; made: (key: AuthKey) => void }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#rsa = deps.rsa;
    this.#dcId = deps.dcId;
    this.#made = deps.made;
  }

  /** The answer to one step. Throws ExchangeError or TlDecodeError; the exchange then begins anew. */
  answer(body: Uint8Array): Uint8Array {
    const stage = this.#stage;
    this.#stage = { name: 'start' };
    const { call, trailingBytes } = service.decodeCall(body);
    if (trailingBytes > 0) throw new ExchangeError('bytes follow the step');
    if (call._ === 'reqPqMulti' || call._ === 'reqPq') return this.#begin(call);
    if (call._ === 'reqDHParams' && stage.name === 'puzzle') return this.#offerHalf(call, stage);
    if (call._ === 'setClientDHParams' && stage.name === 'halves') return this.#finish(call, stage);
    throw new ExchangeError(`${call._} is not the next step`);
  }

  #begin(call: TlObject): Uint8Array {
    const nonces = { nonce: bytesIn(call, 'nonce'), serverNonce: this.#random.bytes(16) };
    const puzzle = makePuzzle(this.#random);
    this.#stage = { name: 'puzzle', nonces, puzzle };
    return service.encode({
      _: 'resPQ',
      ...nonces,
      pq: puzzle.pq,
      serverPublicKeyFingerprints: [this.#rsa.fingerprint],
    });
  }

  #offerHalf(call: TlObject, { nonces, puzzle }: Stage & { name: 'puzzle' }): Uint8Array {
    expectNonces(call, nonces);
    if (!isEqual(bytesIn(call, 'p'), puzzle.p) || !isEqual(bytesIn(call, 'q'), puzzle.q))
      throw new ExchangeError('the factors are wrong');
    if (call['publicKeyFingerprint'] !== this.#rsa.fingerprint) throw new ExchangeError('the RSA key is not ours');
    const opened = this.#rsa.open(bytesIn(call, 'encryptedData'));
    if (opened === undefined) throw new ExchangeError('the RSA padding does not fit');
    const inner = readPadded(opened);
    expectNonces(inner, nonces);
    if (!isEqual(bytesIn(inner, 'pq'), puzzle.pq)) throw new ExchangeError('the sealed pq is another');
    const dc = inner['dc'];
    if (typeof dc === 'number' && Math.abs(dc) % DC_MODULUS !== this.#dcId)
      throw new ExchangeError('the key is meant for another data centre');
    const newNonce = bytesIn(inner, 'newNonce');
    const lifeS = inner['expiresIn'];
    const secret = {
      ...nonces,
      newNonce,
      lifeS: typeof lifeS === 'number' ? lifeS : undefined,
      ...temporaryKeys(newNonce, nonces.serverNonce),
    };
    const half = new DhHalf({ random: this.#random });
    this.#stage = { name: 'halves', secret, half };
    const data = service.encode({
      _: 'serverDHInnerData',
      ...nonces,
      g: DH_GENERATOR,
      dhPrime: DH_PRIME,
      gA: half.publicValue,
      serverTime: Math.floor(this.#clock.now() / 1000),
    });
    const hashed = Buffer.concat([sha1(data), data]);
    const padding = this.#random.bytes((BLOCK_BYTES - (hashed.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return service.encode({
      _: 'serverDHParamsOk',
      ...nonces,
      encryptedAnswer: igeEncrypt(secret.aesKey, secret.iv, Buffer.concat([hashed, padding])),
    });
  }

  #finish(call: TlObject, { secret, half }: Stage & { name: 'halves' }): Uint8Array {
    expectNonces(call, secret);
    const sealed = bytesIn(call, 'encryptedData');
    if (sealed.length % BLOCK_BYTES !== 0) throw new ExchangeError('the sealed data have an impossible length');
    const inner = readHashed(igeDecrypt(secret.aesKey, secret.iv, sealed));
    expectNonces(inner, secret);
    if (inner._ !== 'clientDHInnerData' || inner['retryId'] !== 0n)
      throw new ExchangeError('the sealed data are not of this try');
    const bytes = half.agree(bytesIn(inner, 'gB'));
    if (bytes === undefined) throw new ExchangeError('g_b is not in the safe range');
    const { newNonce, nonce, serverNonce, lifeS } = secret;
    const madeAt = this.#clock.now();
    const key = new AuthKey({
      dcId: this.#dcId,
      bytes,
      madeAt,
      firstSalt: longOf(xor(newNonce.subarray(0, 8), serverNonce.subarray(0, 8))),
      ...(lifeS === undefined ? {} : { expiresAt: madeAt + lifeS * 1000 }),
    });
    // over all 256 bytes, as Telegram does: one key in 256 begins with a zero, which both libraries drop, and then disagree
    const newNonceHash1 = sha1(newNonce, Buffer.from([1]), sha1(bytes).subarray(0, 8)).subarray(4);
    this.#made(key);
    return service.encode({ _: 'dhGenOk', nonce, serverNonce, newNonceHash1 });
  }
}

function temporaryKeys(
  newNonce: Uint8Array,
  serverNonce: Uint8Array,
): { readonly aesKey: Buffer; readonly iv: Buffer } {
  const newServer = sha1(newNonce, serverNonce);
  const serverNew = sha1(serverNonce, newNonce);
  return {
    aesKey: Buffer.concat([newServer, serverNew.subarray(0, 12)]),
    iv: Buffer.concat([serverNew.subarray(12), sha1(newNonce, newNonce), newNonce.subarray(0, 4)]),
  };
}

function expectNonces(value: TlObject, { nonce, serverNonce }: Nonces): void {
  if (!isEqual(bytesIn(value, 'nonce'), nonce) || !isEqual(bytesIn(value, 'serverNonce'), serverNonce))
    throw new ExchangeError('the nonces are not those of this exchange');
}

function bytesIn(value: TlObject, field: string): Uint8Array {
  const found: TlValue | undefined = value[field];
  if (!(found instanceof Uint8Array)) throw new ExchangeError(`${value._} has no ${field}`);
  return found;
}

/** An object with anything behind it. */
function readPadded(bytes: Uint8Array): TlObject {
  return service.decodePrefix(new TlReader(bytes));
}

/** A hash, the object that it is of, and less than a block of padding. */
function readHashed(bytes: Buffer): TlObject {
  const reader = new TlReader(bytes.subarray(HASH_BYTES));
  const value = service.decodePrefix(reader);
  const end = bytes.length - reader.left;
  if (reader.left >= BLOCK_BYTES) throw new ExchangeError('the sealed data are padded too much');
  if (!isEqual(sha1(bytes.subarray(HASH_BYTES, end)), bytes.subarray(0, HASH_BYTES)))
    throw new ExchangeError('the hash of the sealed data does not fit');
  return value;
}
