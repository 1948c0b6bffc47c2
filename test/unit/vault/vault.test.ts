import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import type { OpenVault } from '../../../src/store/vault/index.ts';
import { deleteVault, listVaults, openVault } from '../../../src/store/vault/index.ts';
import { vaultContract } from '../../contract/vault-contract.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const masterKey = new Uint8Array(32).fill(7);
const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

let dir: string;
const opened: OpenVault[] = [];
const clock = new VirtualClock();

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'bellhop-vault-')), 'sessions');
});
afterEach(() => {
  for (const vault of opened.splice(0)) vault.close();
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

function open(sessionId = 'front-desk', options: { key?: Uint8Array; maxBytes?: number } = {}): OpenVault {
  const vault = openVault({
    dir,
    sessionId,
    masterKey: options.key ?? masterKey,
    clock,
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
  });
  opened.push(vault);
  return vault;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof BellhopError ? error.code : String(error);
  }
  return 'no error';
}

vaultContract('the encrypted file', () => {
  const vault = open();
  return { vault, advance: (ms) => clock.advance(ms), dispose: () => vault.close() };
});

describe('the file of a vault', () => {
  it('gives everything back after closing and opening', () => {
    const first = open();
    first.secrets.set('keys', 'a', bytes('secret'));
    first.cursor.set('pts', '9');
    first.spool.put('m1', bytes('one'));
    first.spool.put('m2', bytes('two'));
    first.spool.settle('m1');
    first.close();
    const second = open();
    expect(second.secrets.entries('keys').map(([name]) => name)).toEqual(['a']);
    expect(second.cursor.get('pts')).toBe('9');
    expect(second.spool.pending(10).map((entry) => entry.key)).toEqual(['m2']);
    expect(second.spool.get('m1')?.settledAt).toBeDefined();
  });

  it('waits for the disk at every commit, and is locked for good', () => {
    const connections = new Set<Database.Database>();
    const pragma = Database.prototype.pragma;
    vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (this: Database.Database, ...args) {
      connections.add(this);
      const result: unknown = pragma.apply(this, args);
      return result;
    });
    open();
    const [connection] = connections;
    expect(connection?.pragma('synchronous', { simple: true })).toBe(2); // FULL: a power cut takes nothing back
    expect(connection?.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(connection?.pragma('locking_mode', { simple: true })).toBe('exclusive');
  });

  it('is readable by its owner only, and so are its folder and its log', () => {
    const vault = open();
    vault.cursor.set('pts', '1');
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  });

  it('never becomes a path outside its folder', () => {
    for (const id of ['../x', 'a/b', '', '.', 'A', 'a'.repeat(41), 'a\u0000', '-a', 'ü']) {
      expect(codeOf(() => open(id))).toBe('invalid_session_id');
      expect(codeOf(() => deleteVault({ dir, sessionId: id }))).toBe('invalid_session_id');
    }
    expect(existsSync(dir)).toBe(false);
  });

  it('does not follow a link that stands in its place', () => {
    open('other').close();
    const target = join(dir, '..', 'elsewhere');
    writeFileSync(target, '');
    symlinkSync(target, join(dir, 'front-desk.vault'));
    expect(codeOf(() => open())).toBe('vault_corrupt');
    expect(readFileSync(target).length).toBe(0);
  });

  it('is open once at a time, also within a process, and free again after closing', () => {
    const first = open();
    first.cursor.set('pts', '1');
    expect(codeOf(() => open())).toBe('store_locked');
    expect(first.cursor.get('pts')).toBe('1');
    first.close();
    expect(open().cursor.get('pts')).toBe('1');
  });

  it('says that the key is wrong, and nothing is lost by trying', () => {
    const first = open();
    first.cursor.set('pts', '1');
    first.close();
    expect(codeOf(() => open('front-desk', { key: new Uint8Array(32).fill(8) }))).toBe('vault_key_wrong');
    expect(open().cursor.get('pts')).toBe('1');
  });

  it('does not open under another session id', () => {
    open().close();
    writeFileSync(join(dir, 'pool-bar.vault'), readFileSync(join(dir, 'front-desk.vault')), { mode: 0o600 });
    expect(codeOf(() => open('pool-bar'))).toBe('vault_key_wrong');
  });

  it('refuses a key that is too short', () => {
    expect(codeOf(() => open('front-desk', { key: new Uint8Array(16) }))).toBe('vault_key_missing');
  });

  it('says store_full when there is no room, undoes the write whole, and goes on when there is', () => {
    const vault = open('front-desk', { maxBytes: 256 * 1024 });
    vault.secrets.set('keys', 'small', bytes('kept'));
    const big = new Uint8Array(100_000);
    expect(
      codeOf(() =>
        vault.transaction(() => {
          vault.cursor.set('pts', '1');
          for (const name of ['a', 'b', 'c', 'd']) vault.secrets.set('keys', name, big);
        }),
      ),
    ).toBe('store_full');
    expect(vault.secrets.entries('keys').map(([name]) => name)).toEqual(['small']);
    expect(vault.cursor.get('pts')).toBeUndefined();
    vault.secrets.set('keys', 'a', big);
    vault.close();
    expect(
      open()
        .secrets.entries('keys')
        .map(([name]) => name)
        .sort(),
    ).toEqual(['a', 'small']);
  });

  it('keeps nothing of a transaction whose full disk was overlooked by its caller', () => {
    const vault = open('front-desk', { maxBytes: 128 * 1024 });
    const outcome = codeOf(() =>
      vault.transaction(() => {
        try {
          vault.secrets.set('keys', 'big', new Uint8Array(300_000));
        } catch {
          // a careless caller
        }
        vault.cursor.set('pts', '1');
      }),
    );
    expect(outcome).toBe('internal_error');
    expect(vault.cursor.get('pts')).toBeUndefined();
  });

  it('begins anew where a first start was killed before it had written anything', () => {
    open('other').close();
    writeFileSync(join(dir, 'front-desk.vault'), '', { mode: 0o600 });
    const vault = open();
    vault.cursor.set('pts', '1');
    expect(vault.cursor.get('pts')).toBe('1');
  });

  it('answers clearly after it was closed', () => {
    const vault = open();
    vault.close();
    vault.close();
    expect(codeOf(() => vault.cursor.get('pts'))).toBe('store_unavailable');
    expect(codeOf(() => vault.cursor.set('pts', '1'))).toBe('store_unavailable');
  });

  it('lists vaults and deletes them with their logs', () => {
    expect(listVaults({ dir })).toEqual([]);
    const open1 = open('b');
    open1.cursor.set('pts', '1');
    open('a').close();
    writeFileSync(join(dir, 'README.md'), 'x');
    expect(listVaults({ dir })).toEqual(['a', 'b']);
    open1.close();
    deleteVault({ dir, sessionId: 'b' });
    deleteVault({ dir, sessionId: 'b' });
    expect(listVaults({ dir })).toEqual(['a']);
    expect(readdirSync(dir).filter((name) => name.startsWith('b.'))).toEqual([]);
    expect(open('b').cursor.get('pts')).toBeUndefined();
  });

  it('erases what is cleared from the file, not only from its index', () => {
    const vault = open();
    vault.secrets.set('keys', 'a', new Uint8Array(600).fill(9));
    vault.close();
    const before = readFileSync(join(dir, 'front-desk.vault'));
    const again = open();
    again.secrets.clear();
    again.close();
    const after = readFileSync(join(dir, 'front-desk.vault'));
    expect(sharedCiphertext(before, before)).toBeGreaterThan(400);
    expect(sharedCiphertext(before, after)).toBe(0);
  });
});

/** How much ciphertext of `left` still stands in `right`, in bytes; sampled in windows of 100 bytes. */
function sharedCiphertext(left: Buffer, right: Buffer): number {
  let shared = 0;
  for (let at = 0; at + 100 <= left.length; at += 50) {
    const window = left.subarray(at, at + 100);
    if (new Set(window).size < 70) continue; // the file's own structure
    if (right.includes(window)) shared += 50;
  }
  return shared;
}
