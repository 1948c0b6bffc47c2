import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FetchedMedia } from '../../../src/daemon/remote-media.ts';
import { FileMediaStore } from '../../../src/store/media/index.ts';
import { openTestStore } from '../../support/open-test-store.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const LIMIT_BYTES = 1_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bellhop-media-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function make(chunks: readonly Uint8Array[], declaredType = 'text/html') {
  const { store } = await openTestStore();
  const media = new FileMediaStore({ dir });
  const open = async () => ({ bytes: flow(chunks), declaredType });
  const openFiles = async () => ({ open, close: async () => undefined });
  return { media, store, remote: new FetchedMedia({ openFiles, media, store, limitBytes: LIMIT_BYTES }) };
}

async function* flow(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('a fetched file', () => {
  it('is stored like an upload: typed by its bytes, named by the last part of its path', async () => {
    const { media, store, remote } = await make([PNG.subarray(0, 10), PNG.subarray(10)]);
    const saved = await remote.fetch('https://pms.example/plans/Lageplan%20S%C3%BCd.png?token=x', 'main');
    expect(saved).toMatchObject({ mimeType: 'image/png', sizeBytes: PNG.length, filename: 'Lageplan Süd.png' });
    expect(await media.has(saved.sha256)).toBe(true);
    expect(await store.getMedia(saved.id, 'main')).toEqual(saved);
  });

  it('does not believe a server that calls a page harmless', async () => {
    const { remote } = await make([Buffer.from('<script>alert(1)</script>')]);
    expect(await remote.fetch('https://pms.example/', 'main')).toMatchObject({
      mimeType: 'application/octet-stream',
      filename: null,
    });
  });

  it('leaves nothing behind when it is larger than allowed', async () => {
    const { remote } = await make([new Uint8Array(LIMIT_BYTES), new Uint8Array(1)]);
    await expect(remote.fetch('https://pms.example/a', 'main')).rejects.toMatchObject({ code: 'media_too_large' });
    expect(await readdir(join(dir, '.incoming'))).toEqual([]);
  });
});
