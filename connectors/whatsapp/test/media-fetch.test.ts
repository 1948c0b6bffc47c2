import '../curve-first.ts'; // before anything that imports the library

import { Agent } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { loadBaileys } from '../baileys.ts';
import { MediaFetcher } from '../media-inbound.ts';
import type { MediaSource } from '../media-source.ts';
import { sealMedia } from '../simulator/people/media-crypto.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { ViolationLog } from '../simulator/violations.ts';
import { MemoryMedia } from './session-support.ts';

/** Pauses are over at once, so that a test of five seconds' patience takes none. */
const hastyClock: Clock = { ...systemClock, after: (_delayMs, work) => systemClock.after(0, work) };
const BYTES = new Uint8Array(Buffer.from('a lamp that does not burn'.repeat(4_000)));

const server = new MediaServer({ clock: systemClock, violations: new ViolationLog({ clock: systemClock }) });
let agent: Agent;
let media: MemoryMedia;
let fetcher: MediaFetcher;

beforeAll(async () => {
  await server.start();
  agent = new Agent({ ca: server.caPem, keepAlive: true });
});
afterAll(async () => {
  agent.destroy();
  await server.stop();
});
beforeEach(async () => {
  const baileys = await loadBaileys();
  media = new MemoryMedia();
  fetcher = new MediaFetcher({
    agent,
    media,
    clock: hastyClock,
    log: silentLogger,
    isPrivate: true,
    signal: new AbortController().signal,
    limitBytes: 10_000_000,
    deriveKeys: async (mediaKey, secretKind) => {
      const { iv, cipherKey, macKey } = await baileys.getMediaKeys(mediaKey, secretKind);
      return { iv, cipherKey, macKey: macKey ?? new Uint8Array(0) };
    },
  });
});

function upload(bytes = BYTES): MediaSource {
  const { mediaKey, blob, fileSha256, fileEncSha256 } = sealMedia(bytes, 'Image');
  const { url, directPath } = server.shelf.put(blob);
  return {
    kind: 'image',
    secretKind: 'image',
    mimeType: 'image/jpeg',
    url,
    directPath,
    mediaKey,
    sha256: fileSha256,
    sealedSha256: fileEncSha256,
  };
}

const nobodyAnswers = async (): Promise<undefined> => undefined;

describe('fetching a file', () => {
  it('stores the plain bytes under their hash', async () => {
    const source = upload();
    const attachment = await fetcher.fetch(source, nobodyAnswers);
    expect(attachment).toMatchObject({
      status: 'stored',
      media: { sha256: Buffer.from(source.sha256 ?? []).toString('hex'), sizeBytes: BYTES.length },
    });
  });

  it('opens files of any length around the block size', async () => {
    for (const length of [0, 1, 15, 16, 17, 31, 32]) {
      const source = upload(BYTES.slice(0, length));
      expect(await fetcher.fetch(source, nobodyAnswers)).toMatchObject({ media: { sizeBytes: length } });
    }
  });

  it('tries again when the server is busy, hangs up or stops half way', async () => {
    for (const fault of [{ kind: 'refuse', status: 503 }, { kind: 'drop' }, { kind: 'truncate', bytes: 50 }] as const) {
      server.faults.next('download', fault);
      expect(await fetcher.fetch(upload(), nobodyAnswers)).toMatchObject({ status: 'stored' });
    }
  });

  it('gives up after three tries and says why', async () => {
    for (let index = 0; index < 3; index += 1) server.faults.next('download', { kind: 'refuse', status: 503 });
    let asked = 0;
    const attachment = await fetcher.fetch(upload(), async () => {
      asked += 1;
      return undefined;
    });
    expect(attachment).toMatchObject({ status: 'unavailable', reason: 'unreachable', mimeType: 'image/jpeg' });
    expect(asked).toBe(1);
    expect(await fetcher.fetch(upload(), nobodyAnswers)).toMatchObject({ status: 'stored' }); // no fault was left over
  });

  it("asks the sender's phone for a file that the server has dropped, and takes the new place", async () => {
    const source = upload();
    server.shelf.remove(source.directPath ?? '');
    expect(await fetcher.fetch(source, nobodyAnswers)).toMatchObject({ status: 'unavailable', reason: 'gone' });
    expect(await fetcher.fetch(source, async () => upload())).toMatchObject({ status: 'stored' });
  });

  it.each(['sha256', 'sealedSha256', 'mediaKey'] as const)('refuses bytes that do not fit the %s', async (field) => {
    const source = { ...upload(), [field]: new Uint8Array(32) };
    expect(await fetcher.fetch(source, nobodyAnswers)).toMatchObject({ status: 'unavailable', reason: 'damaged' });
    expect(media.files.size).toBe(0);
  });

  it('keeps nothing of a file that was altered on the server', async () => {
    const { sha256: _hash, sealedSha256: _sealed, ...undeclared } = upload();
    server.faults.next('download', { kind: 'corrupt' });
    expect(await fetcher.fetch(undeclared, nobodyAnswers)).toMatchObject({ reason: 'damaged' });
    expect(media.files.size).toBe(0);
  });

  it('stops at the limit without asking anybody again', async () => {
    media.limitBytes = 1_000;
    const attachment = await fetcher.fetch(upload(), async () => {
      throw new Error('must not be asked');
    });
    expect(attachment).toMatchObject({ status: 'unavailable', reason: 'too_large' });
  });

  it('passes on a full disk, so that the message is tried again later', async () => {
    media.write = async () => {
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    };
    await expect(fetcher.fetch(upload(), nobodyAnswers)).rejects.toThrow('disk full');
  });

  it('needs a key and a place', async () => {
    const { mediaKey: _key, ...keyless } = upload();
    expect(await fetcher.fetch(keyless, nobodyAnswers)).toMatchObject({ reason: 'no_key' });
  });
});
