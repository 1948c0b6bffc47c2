import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { systemRandom } from '../../../src/core/random.ts';
import { readServerKey } from '../mtproto/server-keys.ts';
import { TlReader } from '../simulator/tl/reader.ts';
import { longOf, sha1, sha256, xor } from '../simulator/wire/bytes.ts';
import { DH_PRIME } from '../simulator/wire/diffie-hellman.ts';
import { igeDecrypt, igeEncrypt } from '../simulator/wire/ige.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject, TlValue } from '../tl.ts';

export interface RawKey {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
  readonly firstSalt: bigint;
}

export interface KeyOptions {
  /** May change each step before it is sent or sealed. */
  readonly spoil?: (step: TlObject) => TlObject;
  /** Seconds: a temporary key. */
  readonly lifeS?: number;
  /** Looks for a key that begins with a zero byte. */
  readonly wantsLeadingZero?: boolean;
}

interface KeyWire {
  send(step: TlObject): void;
  answer(): Promise<TlObject>;
}

/** The client's half of a key exchange. Rejects where the server refuses it. */
export async function makeRawKey(wire: KeyWire, publicKeyPem: string, options: KeyOptions): Promise<RawKey> {
  const { spoil = (step) => step, lifeS, wantsLeadingZero = false } = options;
  const nonce = systemRandom.bytes(16);
  wire.send(spoil({ _: 'reqPqMulti', nonce }));
  const puzzle = await wire.answer();
  const pq = bytesIn(puzzle, 'pq');
  const serverNonce = bytesIn(puzzle, 'serverNonce');
  const nonces = { nonce, serverNonce };
  const [p, q] = factors(pq);
  const newNonce = systemRandom.bytes(32);
  const inner: TlObject = { _: 'pQInnerDataDc', ...nonces, pq, p, q, newNonce, dc: 2 };
  const data = spoil(lifeS === undefined ? inner : { ...inner, _: 'pQInnerDataTempDc', expiresIn: lifeS });
  const publicKeyFingerprint = BigInt(readServerKey(publicKeyPem).fingerprint);
  const encryptedData = rsaPad(service.encode(data), publicKeyPem);
  wire.send(spoil({ _: 'reqDHParams', ...nonces, p, q, publicKeyFingerprint, encryptedData }));
  const { aesKey, iv } = temporaryKeys(newNonce, serverNonce);
  const opened = igeDecrypt(aesKey, iv, bytesIn(await wire.answer(), 'encryptedAnswer'));
  const gA = bytesIn(service.decodePrefix(new TlReader(opened.subarray(20))), 'gA');
  const { gB, bytes } = half(gA, (key) => !wantsLeadingZero || key[0] === 0);
  const sealed = seal(spoil({ _: 'clientDHInnerData', ...nonces, retryId: 0n, gB }), { aesKey, iv });
  wire.send(spoil({ _: 'setClientDHParams', ...nonces, encryptedData: sealed }));
  const answer = await wire.answer();
  if (answer._ !== 'dhGenOk') throw new Error(answer._);
  expectProof(answer['newNonceHash1'], sha1(newNonce, Uint8Array.of(1), sha1(bytes).subarray(0, 8)).subarray(4));
  const firstSalt = longOf(xor(newNonce.subarray(0, 8), serverNonce.subarray(0, 8)));
  return { id: sha1(bytes).subarray(-8), bytes, firstSalt };
}

/** g^b and g_a^b, b counted up until the key is wanted. */
function half(gA: Uint8Array, isWanted: (key: Buffer) => boolean): { readonly gB: Buffer; readonly bytes: Buffer } {
  const prime = toNumber(DH_PRIME);
  const theirs = toNumber(gA);
  let ours = 1n;
  let shared = 1n;
  const least = 1500 + Math.floor(systemRandom.next() * 1000);
  for (let b = 1; ; b += 1) {
    ours = (ours * 3n) % prime;
    shared = (shared * theirs) % prime;
    const [gB, bytes] = [toBytes(ours), toBytes(shared)];
    if (b >= least && isWanted(bytes)) return { gB, bytes };
  }
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(512, '0'), 'hex');
}

function seal(value: TlObject, { aesKey, iv }: { readonly aesKey: Buffer; readonly iv: Buffer }): Buffer {
  const data = service.encode(value);
  const hashed = Buffer.concat([sha1(data), data]);
  const padding = systemRandom.bytes((16 - (hashed.length % 16)) % 16);
  return igeEncrypt(aesKey, iv, Buffer.concat([hashed, padding]));
}

function expectProof(given: TlValue | undefined, proof: Buffer): void {
  if (!(given instanceof Uint8Array) || !proof.equals(given)) throw new Error('the server does not prove the key');
}

function factors(pq: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const product = Number(toNumber(pq));
  let p = 1_000_001;
  while (product % p !== 0) p += 2;
  const bytes = (value: number): Uint8Array => Buffer.from(value.toString(16).padStart(6, '0'), 'hex');
  return [bytes(p), bytes(product / p)];
}

function rsaPad(data: Uint8Array, pem: string): Uint8Array {
  const padded = Buffer.concat([data, systemRandom.bytes(192 - data.length)]);
  for (;;) {
    const secret = systemRandom.bytes(32);
    const plain = Buffer.concat([Buffer.from(padded).reverse(), sha256(secret, padded)]);
    const covered = igeEncrypt(secret, new Uint8Array(32), plain);
    const block = Buffer.concat([xor(secret, sha256(covered)), covered]);
    if ((block[0] ?? 0) >= 128) continue; // might be above the modulus
    return publicEncrypt({ key: createPublicKey(pem), padding: constants.RSA_NO_PADDING }, block);
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

function bytesIn(value: TlObject, field: string): Uint8Array {
  const found = value[field];
  if (!(found instanceof Uint8Array)) throw new Error(`${value._} has no ${field}`);
  return found;
}
