import { createHash, timingSafeEqual } from 'node:crypto';
import { BellhopError } from '../../core/errors.ts';
import type { VaultCipher } from './vault-cipher.ts';
import type { VaultDatabase } from './vault-database.ts';
import { blobOf, integerOf } from './vault-rows.ts';

/**
 * The first record of a vault: tells a wrong key from a damaged file, and counts how often the vault was cleared.
 * Every sealed record carries this generation, so what was cleared cannot come back.
 */
export class VaultHeader {
  readonly #database: VaultDatabase;
  readonly #cipher: VaultCipher;
  #generation = 1;

  constructor(deps: { database: VaultDatabase; cipher: VaultCipher }) {
    this.#database = deps.database;
    this.#cipher = deps.cipher;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Writes the header of a new vault. */
  write(createdAt: number): void {
    this.#save(1, createdAt);
  }

  /** Reads it; throws `vault_key_wrong` or `vault_corrupt`. */
  load(): void {
    const row = this.#database.prepare('SELECT * FROM header WHERE id = 1').get();
    if (row === undefined) throw damaged();
    const generation = integerOf(row, 'generation');
    const createdAt = integerOf(row, 'created_at');
    if (generation === undefined || createdAt === undefined) throw damaged();
    const check = blobOf(row, 'key_check');
    if (!same(blobOf(row, 'digest'), digest(generation, createdAt, check))) throw damaged();
    if (!same(check, this.#check(generation, createdAt))) throw new BellhopError('vault_key_wrong');
    this.#generation = generation;
  }

  /** Begins the next generation; called inside the transaction that clears the vault. */
  advance(): void {
    const row = this.#database.prepare('SELECT created_at FROM header WHERE id = 1').get();
    this.#save(this.#generation + 1, integerOf(row, 'created_at') ?? 0);
  }

  #save(generation: number, createdAt: number): void {
    const check = this.#check(generation, createdAt);
    this.#database
      .prepare('INSERT OR REPLACE INTO header (id, generation, created_at, key_check, digest) VALUES (1, ?, ?, ?, ?)')
      .run(generation, createdAt, check, digest(generation, createdAt, check));
    this.#generation = generation;
  }

  #check(generation: number, createdAt: number): Uint8Array {
    return this.#cipher.nameId('header', String(generation), String(createdAt));
  }
}

function digest(generation: number, createdAt: number, check: Uint8Array): Uint8Array {
  return createHash('sha256').update(`${generation} ${createdAt} `).update(check).digest();
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function damaged(): BellhopError {
  return new BellhopError('vault_corrupt', { detail: 'The header of the session vault is damaged.' });
}
