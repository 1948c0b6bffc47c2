import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { OpenVault } from '../../../src/store/vault/index.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const masterKey = new Uint8Array(32).fill(7);
const clock = new VirtualClock();
const PAGE_BYTES = 4096;
const RANDOM_FLIPS = 300;

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellhop-vault-'));
  path = join(dir, 'front-desk.vault');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (): OpenVault => openVault({ dir, sessionId: 'front-desk', masterKey, clock });

function fill(vault: OpenVault): void {
  const random = seededRandom(5);
  vault.transaction(() => {
    for (let index = 0; index < 40; index += 1) {
      vault.secrets.set(`space-${index % 3}`, `key-${index}`, random.bytes(64 + index * 60));
      vault.spool.put(`spooled-${index}`, random.bytes(200));
    }
    for (let index = 0; index < 40; index += 3) vault.spool.settle(`spooled-${index}`);
    vault.cursor.set('pts', '77');
  });
}

function dump(vault: OpenVault): string {
  const hex = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('hex');
  return JSON.stringify({
    secrets: ['space-0', 'space-1', 'space-2'].map((space) =>
      vault.secrets.entries(space).map(([name, value]) => [name, hex(value), hex(vault.secrets.get(space, name))]),
    ),
    pending: vault.spool.pending(1_000).map((entry) => [entry.key, entry.putAt, hex(entry.body)]),
    spool: Array.from({ length: 40 }, (_, index) => vault.spool.get(`spooled-${index}`)?.settledAt ?? 'pending'),
    depth: vault.spool.depth(),
    cursor: vault.cursor.get('pts'),
  });
}

/** What a reader of the damaged file gets: the whole truth, an error code, or (never) something else. */
function outcomeOf(expected: string): string {
  let vault: OpenVault | undefined;
  try {
    vault = open();
    return dump(vault) === expected ? 'whole' : 'WRONG CONTENT';
  } catch (error) {
    return error instanceof BellhopError ? error.code : String(error);
  } finally {
    vault?.close();
  }
}

describe('a damaged vault', () => {
  it('never serves a flipped bit: it opens whole or says what is wrong', () => {
    const vault = open();
    fill(vault);
    const expected = dump(vault);
    vault.close();
    const original = readFileSync(path);
    const random = seededRandom(11);
    const positions = Array.from({ length: RANDOM_FLIPS }, () => Math.floor(random.next() * original.length));
    for (let page = 0; page < original.length; page += PAGE_BYTES) {
      for (let offset = 0; offset < 12; offset += 3) positions.push(page + offset); // cell counts and pointers
    }
    const outcomes = new Map<string, number>();
    for (const position of positions) {
      const damaged = Buffer.from(original);
      damaged.writeUInt8(damaged.readUInt8(position) ^ (1 << Math.floor(random.next() * 8)), position);
      writeFileSync(path, damaged, { mode: 0o600 });
      const outcome = outcomeOf(expected);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      rmSync(`${path}-wal`, { force: true });
    }
    expect(
      [...outcomes.keys()].filter((outcome) => !['whole', 'vault_corrupt', 'store_too_new'].includes(outcome)),
    ).toEqual([]);
    expect(outcomes.get('vault_corrupt')).toBeGreaterThan(RANDOM_FLIPS / 2);
  });

  it('is found out when its file is cut short, is empty but for noise, or is no vault', () => {
    const vault = open();
    fill(vault);
    vault.close();
    const whole = readFileSync(path);
    truncateSync(path, PAGE_BYTES * 3);
    expect(outcomeOf('')).toBe('vault_corrupt');
    truncateSync(path, 700);
    expect(outcomeOf('')).toBe('vault_corrupt');
    writeFileSync(path, Buffer.from(seededRandom(1).bytes(10_000)));
    expect(outcomeOf('')).toBe('vault_corrupt');
    writeFileSync(path, Buffer.concat([whole.subarray(0, PAGE_BYTES), Buffer.alloc(whole.length - PAGE_BYTES)]));
    expect(outcomeOf('')).toBe('vault_corrupt');
    const other = new Database(join(dir, 'other.vault'));
    other.exec('CREATE TABLE t (x)');
    other.close();
    expect(() => openVault({ dir, sessionId: 'other', masterKey, clock })).toThrow(
      expect.objectContaining({ code: 'vault_corrupt' }),
    );
  });

  it('does not take a row in the place of another, nor one from before it was cleared', () => {
    const vault = open();
    vault.secrets.set('keys', 'mine', Buffer.from('mine'));
    vault.secrets.set('keys', 'yours', Buffer.from('yours'));
    vault.close();
    const before = new Database(path);
    const rows = before.prepare('SELECT row, space, id, sealed FROM secrets ORDER BY row').all() as {
      sealed: Buffer;
    }[];
    before.prepare('UPDATE secrets SET sealed = ? WHERE row = 1').run(rows[1]?.sealed);
    before.close();
    expect(outcomeOf('')).toBe('vault_corrupt');

    const restore = new Database(path);
    restore.prepare('UPDATE secrets SET sealed = ? WHERE row = 1').run(rows[0]?.sealed);
    restore.close();
    const cleared = open();
    cleared.secrets.clear();
    cleared.close();
    const splice = new Database(path);
    splice.prepare('INSERT INTO secrets (row, space, id, sealed) VALUES (@row, @space, @id, @sealed)').run(rows[0]);
    splice.close();
    expect(outcomeOf('')).toBe('vault_corrupt');
  });

  it('notices rows whose order or state was changed from outside', () => {
    for (const change of [
      'UPDATE spool SET seq = seq + 100 WHERE seq = 2',
      'UPDATE spool SET settled_at = 5 WHERE seq = 2',
    ]) {
      const vault = open();
      fill(vault);
      vault.close();
      const outside = new Database(path);
      outside.exec(change);
      outside.close();
      expect(outcomeOf('')).toBe('vault_corrupt');
      rmSync(path);
    }
  });
});

describe('what a thief of the files learns', () => {
  it('finds none of the planted names and values, neither in the file nor in its log', () => {
    const canaries = [
      '+4915112345678',
      '4915112345678@s.whatsapp.net',
      'signal-session-canary',
      'Room 214 is noisy',
      'pts-canary',
    ];
    const [phone = '', jid = '', name = '', body = '', cursor = ''] = canaries;
    const vault = open();
    vault.secrets.set(name, jid, Buffer.from(phone));
    vault.secrets.set(phone, name, Buffer.from(body));
    vault.cursor.set(cursor, phone);
    vault.spool.put(jid, Buffer.from(body));
    vault.spool.put(body, Buffer.from(JSON.stringify({ from: phone })));
    vault.spool.settle(body);
    const log = readFileSync(`${path}-wal`);
    expect(log.length).toBeGreaterThan(0);
    vault.close();
    const file = readFileSync(path);
    for (const canary of canaries) {
      for (const encoded of [
        Buffer.from(canary),
        Buffer.from(canary, 'utf16le'),
        Buffer.from(Buffer.from(canary).toString('base64')),
      ]) {
        expect(log.includes(encoded)).toBe(false);
        expect(file.includes(encoded)).toBe(false);
      }
    }
    expect(file.includes(Buffer.from(masterKey))).toBe(false);
  });

  it('cannot tell equal values apart from different ones', () => {
    const vault = open();
    vault.secrets.set('keys', 'a', new Uint8Array(64).fill(1));
    vault.secrets.set('keys', 'b', new Uint8Array(64).fill(1));
    vault.close();
    const database = new Database(path);
    const rows = database.prepare('SELECT sealed FROM secrets').all() as { sealed: Buffer }[];
    database.close();
    expect(rows[0]?.sealed.equals(rows[1]?.sealed ?? Buffer.alloc(0))).toBe(false);
  });
});
