import type { InitFacts } from '../rpc.ts';
import { hexOf, longOf, sha1, sha256 } from './bytes.ts';

const SALT_LIFE_S = 3600;
const OLD_SALT_LIFE_S = 1800; // a salt is taken this long after its time
const FIRST_SALT_LIFE_S = 1800; // the salt that both sides worked out while the key was made

/** A salt and the seconds since the epoch between which it is the one to use. */
export interface Salt {
  readonly salt: bigint;
  readonly validSince: number;
  readonly validUntil: number;
}

export interface AuthKeyFacts {
  readonly dcId: number;
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  readonly firstSalt?: bigint;
  /** Only of a temporary key: milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** A key that one client shares with one data centre, and what that client said about itself. */
export class AuthKey {
  readonly dcId: number;
  readonly bytes: Uint8Array;
  readonly id: Uint8Array;
  /** Lower-case hex of `id`. */
  readonly keyId: string;
  readonly madeAt: number;
  readonly expiresAt: number | undefined;
  readonly #firstSalt: bigint | undefined;
  /** The key that a temporary one stands for, from `auth.bindTempAuthKey` on. */
  boundTo: AuthKey | undefined;
  init: InitFacts | undefined;

  constructor({ dcId, bytes, madeAt, firstSalt, expiresAt }: AuthKeyFacts) {
    this.dcId = dcId;
    this.bytes = bytes;
    this.madeAt = madeAt;
    this.expiresAt = expiresAt;
    this.#firstSalt = firstSalt;
    this.id = AuthKey.idOf(bytes);
    this.keyId = hexOf(this.id);
  }

  static idOf(bytes: Uint8Array): Uint8Array {
    return sha1(bytes).subarray(-8);
  }

  get isTemporary(): boolean {
    return this.expiresAt !== undefined;
  }

  /** The key that accounts are bound to: itself, or the one that it stands for; nothing for a temporary key that is not bound. */
  get permanent(): AuthKey | undefined {
    return this.isTemporary ? this.boundTo : this;
  }

  /** The salt of the hour that holds `nowMs`, and those that follow. */
  salts(nowMs: number, count: number): Salt[] {
    const first = Math.floor(nowMs / 1000 / SALT_LIFE_S);
    return Array.from({ length: count }, (_nothing, index) => {
      const validSince = (first + index) * SALT_LIFE_S;
      return { salt: this.#saltOf(validSince), validSince, validUntil: validSince + SALT_LIFE_S };
    });
  }

  currentSalt(nowMs: number): bigint {
    return this.#saltOf(Math.floor(nowMs / 1000 / SALT_LIFE_S) * SALT_LIFE_S);
  }

  /** Whether a message may carry this salt now. */
  accepts(salt: bigint, nowMs: number): boolean {
    if (salt === this.currentSalt(nowMs) || salt === this.currentSalt(nowMs - OLD_SALT_LIFE_S * 1000)) return true;
    return salt === this.#firstSalt && nowMs - this.madeAt < FIRST_SALT_LIFE_S * 1000;
  }

  /** Whether the salt is that of the hour before, which is still taken. */
  isPast(salt: bigint, nowMs: number): boolean {
    return salt !== this.currentSalt(nowMs) && salt === this.currentSalt(nowMs - OLD_SALT_LIFE_S * 1000);
  }

  /** Worked out from the key, so that it needs no memory over a restart. */
  #saltOf(validSince: number): bigint {
    return longOf(sha256(this.bytes, Buffer.from(String(validSince))));
  }
}
