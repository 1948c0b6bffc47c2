import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaTooLargeError } from '../../../src/connector-api/index.ts';
import { FileMediaStore } from '../../../src/store/media/index.ts';

const facts = { mimeType: 'image/jpeg', limitBytes: 1_000_000 };
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let dir: string;
let store: FileMediaStore;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'bellhop-media-')), 'media');
  mkdirSync(dir);
  store = new FileMediaStore({ dir });
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

async function* inChunks(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('the media store', () => {
  it('stores a stream under its hash, for its owner only, and streams it back', async () => {
    const bytes = Buffer.from(Array.from({ length: 150_001 }, (_, index) => index % 251));
    const ref = await store.write(inChunks(bytes), facts);
    expect(ref).toEqual({ sha256: hashOf(bytes), sizeBytes: bytes.length, mimeType: 'image/jpeg' });
    expect(filesIn(dir)).toEqual([`${ref.sha256.slice(0, 2)}/${ref.sha256.slice(2)}`]);
    expect(statSync(join(dir, ref.sha256.slice(0, 2), ref.sha256.slice(2))).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, ref.sha256.slice(0, 2))).mode & 0o777).toBe(0o700);
    expect((await buffer(store.open(ref))).equals(bytes)).toBe(true);
    expect(await store.sizeOf(ref.sha256)).toBe(bytes.length);
  });

  it('stores an empty file', async () => {
    const ref = await store.write(inChunks(new Uint8Array()), facts);
    expect(ref.sizeBytes).toBe(0);
    expect((await buffer(store.open(ref))).length).toBe(0);
  });

  it('keeps equal bytes once, also when they arrive at the same time', async () => {
    const bytes = Buffer.alloc(5_000, 3);
    const refs = await Promise.all(Array.from({ length: 5 }, () => store.write(inChunks(bytes), facts)));
    expect(new Set(refs.map((ref) => ref.sha256)).size).toBe(1);
    expect(filesIn(dir)).toHaveLength(1);
  });

  it('mends a file whose size betrays that it was cut', async () => {
    const bytes = Buffer.alloc(5_000, 3);
    const ref = await store.write(inChunks(bytes), facts);
    writeFileSync(join(dir, ref.sha256.slice(0, 2), ref.sha256.slice(2)), 'cut');
    await store.write(inChunks(bytes), facts);
    expect((await buffer(store.open(ref))).equals(bytes)).toBe(true);
  });

  it('stops at the limit, leaves nothing behind and lets the source go', async () => {
    let released = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(1_000);
      } finally {
        released = true;
      }
    }
    await expect(store.write(endless(), { ...facts, limitBytes: 4_500 })).rejects.toThrow(MediaTooLargeError);
    expect(released).toBe(true);
    expect(filesIn(dir)).toEqual([]);
    await expect(store.write(inChunks(new Uint8Array(4_500)), { ...facts, limitBytes: 4_500 })).resolves.toBeDefined();
  });

  it('leaves nothing behind when the source fails, and passes its error on', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw new Error('hung up');
    }
    await expect(store.write(failing(), facts)).rejects.toThrow('hung up');
    const cut = new Readable({ read: () => undefined });
    cut.push(Buffer.alloc(10));
    setImmediate(() => cut.destroy());
    await expect(store.write(cut, facts)).rejects.toThrow();
    expect(filesIn(dir)).toEqual([]);
  });

  it('says ENOENT for what is gone and for what cannot be a hash', async () => {
    const ref = await store.write(inChunks(Buffer.from('x')), facts);
    await store.delete(ref.sha256);
    await store.delete(ref.sha256);
    expect(await store.has(ref.sha256)).toBe(false);
    await expect(buffer(store.open(ref))).rejects.toMatchObject({ code: 'ENOENT' });
    writeFileSync(join(dir, '..', 'bellhop-canary'), 'x');
    for (const sha256 of ['../bellhop-canary', '', `${ref.sha256}/..`, ref.sha256.toUpperCase(), `${ref.sha256}\n`]) {
      await expect(buffer(store.open({ ...ref, sha256 }))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await store.has(sha256)).toBe(false);
      await store.delete(sha256);
    }
    expect(statSync(join(dir, '..', 'bellhop-canary')).size).toBe(1);
  });

  it('sweeps what a crash left and nothing that is still arriving or finished', async () => {
    mkdirSync(join(dir, '.incoming'));
    writeFileSync(join(dir, '.incoming', 'left-over'), 'half');
    const done = await store.write(inChunks(Buffer.from('done')), facts);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('slow');
      begun();
      await gate;
    }
    const arriving = store.write(slow(), facts);
    await started;
    expect(await store.sweep()).toBe(1);
    go();
    const ref = await arriving;
    expect((await buffer(store.open(ref))).toString()).toBe('slow');
    expect(await store.has(done.sha256)).toBe(true);
    expect(await new FileMediaStore({ dir: join(dir, 'never-made') }).sweep()).toBe(0);
  });

  it("shows a killed writer's file to nobody", async () => {
    const module = fileURLToPath(new URL('../../../src/store/media/index.ts', import.meta.url));
    const program = `
      const { FileMediaStore } = await import(${JSON.stringify(module)});
      async function* endless() { for (;;) { yield new Uint8Array(100_000); process.stdout.write('.'); } }
      await new FileMediaStore({ dir: ${JSON.stringify(dir)} }).write(endless(), { mimeType: 'x/y', limitBytes: 1e12 });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(filesIn(dir).every((name) => name.startsWith('.incoming/'))).toBe(true);
    expect(await store.sweep()).toBe(1);
    expect(filesIn(dir)).toEqual([]);
  });
});
