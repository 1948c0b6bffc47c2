import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_MAX_VAULT_BYTES, VaultDatabase } from '../../../src/store/vault/vault-database.ts';

// Values of SQLite's `PRAGMA synchronous`.
const NORMAL = 1;
const FULL = 2;

let folder: string;
let database: VaultDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellhop-vault-'));
  const path = join(folder, 'vault');
  writeFileSync(path, '');
  database = VaultDatabase.open(path, DEFAULT_MAX_VAULT_BYTES, () => undefined);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const sync = (): unknown => database.prepare('PRAGMA synchronous').pluck().get();

describe('a lazy transaction of the vault', () => {
  it('leaves its fsync to the next one, which waits for the disk again', () => {
    const seen = [
      database.transaction(sync),
      database.transaction(sync, { lazy: true }),
      database.transaction(sync, { lazy: true }),
      database.transaction(sync),
    ];
    expect(seen).toEqual([FULL, NORMAL, NORMAL, FULL]);
  });

  it('does not make the next one lazy when it fails', () => {
    const fails = (): void => {
      throw new Error('no');
    };
    expect(() => database.transaction(fails, { lazy: true })).toThrow('no');
    expect(database.transaction(sync)).toBe(FULL);
  });

  it('joins an outer one that counts without changing it', () => {
    const seen = database.transaction(() => [database.transaction(sync, { lazy: true }), sync()]);
    expect(seen).toEqual([FULL, FULL]);
  });
});
