import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOrCreateKeyFile, parseMasterKey } from '../../../src/store/vault/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellhop-key-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the text of a master key', () => {
  it('is 32 bytes of base64, with white space around it and either alphabet', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
    const base64 = Buffer.from(bytes).toString('base64');
    expect(parseMasterKey(`  ${base64}\n`)).toEqual(bytes);
    expect(parseMasterKey(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
  });

  it('is refused when it is anything else, and the text is not repeated', () => {
    const short = Buffer.alloc(31, 5).toString('base64');
    for (const text of ['', 'password', short, Buffer.alloc(33).toString('base64'), `${short}!!`, 'a b'.repeat(14)]) {
      const attempt = () => parseMasterKey(text);
      expect(attempt).toThrow(expect.objectContaining({ code: 'vault_key_missing' }));
      if (text !== '') expect(attempt).not.toThrow(text);
    }
  });
});

describe('the key file', () => {
  it('is made once, for its owner only, and read ever after', () => {
    const path = join(dir, 'nested', 'vault.key');
    const first = loadOrCreateKeyFile(path);
    expect(first.created).toBe(true);
    expect(first.key.length).toBe(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, 'nested'))).toEqual(['vault.key']);
    expect(loadOrCreateKeyFile(path)).toEqual({ key: first.key, created: false });
  });

  it('differs from one installation to the next', () => {
    expect(loadOrCreateKeyFile(join(dir, 'a')).key).not.toEqual(loadOrCreateKeyFile(join(dir, 'b')).key);
  });

  it('is refused when others may read it or when it holds something else', () => {
    const path = join(dir, 'vault.key');
    loadOrCreateKeyFile(path);
    chmodSync(path, 0o644);
    expect(() => loadOrCreateKeyFile(path)).toThrow(expect.objectContaining({ code: 'vault_key_missing' }));
    chmodSync(path, 0o600);
    writeFileSync(path, 'not a key');
    expect(() => loadOrCreateKeyFile(path)).toThrow(expect.objectContaining({ code: 'vault_key_missing' }));
  });
});
