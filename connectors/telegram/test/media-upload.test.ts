import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { FloodGate } from '../flood-gate.ts';
import { Line } from '../line.ts';
import { MediaUpload } from '../media-upload.ts';
import type { TlObject } from '../tl.ts';
import { lost, rpc, ScriptedClient } from './scripted-client.ts';
import { memoryMedia, never, refOf } from './send-support.ts';

const PART = 512 * 1024;
const MIB = 1024 * 1024;

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31) % 251);

function bench(bytes: Uint8Array): { upload: MediaUpload; client: ScriptedClient; run: () => Promise<TlObject> } {
  const client = new ScriptedClient();
  client.on('upload.saveFilePart', () => true).on('upload.saveBigFilePart', () => true);
  const line = new Line({ client, gate: new FloodGate({ clock: new VirtualClock() }) });
  const upload = new MediaUpload({ line, media: memoryMedia(new Map([['a', bytes]])), random: seededRandom(3) });
  return { upload, client, run: () => upload.upload(refOf('a', bytes, 'image/jpeg'), 'a.jpg', never) };
}

const joined = (parts: readonly TlObject[]): Buffer => Buffer.concat(parts.map((part) => part['bytes'] as Uint8Array));

describe('a small file', () => {
  it.each([1, PART - 1, PART, PART + 1, 3 * PART + 17])(
    'of %d bytes goes in parts, with a checksum',
    async (length) => {
      const bytes = bytesOf(length);
      const { client, run } = bench(bytes);
      const file = await run();
      const parts = client.called('upload.saveFilePart');
      expect(parts.map((part) => part['filePart'])).toEqual([...parts.keys()]);
      expect(parts.slice(0, -1).every((part) => (part['bytes'] as Uint8Array).length === PART)).toBe(true);
      expect(joined(parts).equals(Buffer.from(bytes))).toBe(true);
      expect(new Set(parts.map((part) => part['fileId']))).toEqual(new Set([file['id']]));
      expect(file).toMatchObject({
        _: 'inputFile',
        parts: Math.ceil(length / PART),
        name: 'a.jpg',
        md5Checksum: createHash('md5').update(bytes).digest('hex'),
      });
    },
  );
});

describe('a big file', () => {
  it('goes by the method for big files, from 10 MiB on, with the number of parts and no checksum', async () => {
    const bytes = bytesOf(10 * MIB);
    const { client, run } = bench(bytes);
    const file = await run();
    const parts = client.called('upload.saveBigFilePart');
    expect(parts).toHaveLength(20);
    expect(parts.every((part) => part['fileTotalParts'] === 20)).toBe(true);
    expect(joined(parts).equals(Buffer.from(bytes))).toBe(true);
    expect(file).toEqual({ _: 'inputFileBig', id: parts[0]?.['fileId'], parts: 20, name: 'a.jpg' });
  });

  it('is not big just below', async () => {
    const { run } = bench(bytesOf(10 * MIB - 1));
    await expect(run()).resolves.toMatchObject({ _: 'inputFile' });
  });
});

describe('an upload that fails', () => {
  it.each([
    [rpc(420, 'FLOOD_WAIT_9', 'upload.saveFilePart'), { code: 'rate_limited', retryAfterMs: 9_000, scope: 'message' }],
    [rpc(500, 'INTERNAL', 'upload.saveFilePart'), { code: 'send_timeout', retryable: true }],
    [rpc(400, 'FILE_PART_INVALID', 'upload.saveFilePart'), { code: 'media_transfer_failed', retryable: true }],
    [lost(true), { code: 'session_down', retryable: true }],
  ])('certainly sent no message: %s', async (error, expected) => {
    const { client, run } = bench(bytesOf(10));
    client.on('upload.saveFilePart', () => {
      throw error;
    });
    await expect(run()).rejects.toMatchObject({ ...expected, certainty: 'not_sent' });
  });

  it('says that the bytes are gone, or are not all there', async () => {
    const { upload } = bench(bytesOf(10));
    await expect(upload.upload(refOf('b', bytesOf(10), 'image/jpeg'), 'b', never)).rejects.toMatchObject({
      code: 'media_gone',
      retryable: false,
    });
    const longer = { ...refOf('a', bytesOf(10), 'image/jpeg'), sizeBytes: PART + 1 };
    await expect(upload.upload(longer, 'a', never)).rejects.toMatchObject({ code: 'media_gone' });
  });

  it('refuses an empty file, which Telegram does not know', async () => {
    const { run } = bench(new Uint8Array());
    await expect(run()).rejects.toMatchObject({ code: 'unsupported_content' });
  });
});
