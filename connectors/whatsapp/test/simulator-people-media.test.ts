import { Agent, request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { openMedia, sealMedia } from '../simulator/people/media-crypto.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { ViolationLog } from '../simulator/violations.ts';

const PICTURE = new Uint8Array(Buffer.from('a picture of a broken lamp'.repeat(100)));

let server: MediaServer;
let violations: ViolationLog;
let agent: Agent;

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly complete: boolean;
}

function ask(method: string, path: string, body?: Uint8Array, headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(`https://${server.hostname}${path}`, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), complete: response.complete }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

function uploadPath(fileEncSha256: Uint8Array, auth = server.auth, kind = 'image'): string {
  const token = Buffer.from(fileEncSha256).toString('base64url');
  return `/mms/${kind}/${token}?auth=${auth}&token=${token}`;
}

beforeEach(async () => {
  violations = new ViolationLog({ clock: systemClock });
  server = new MediaServer({ clock: systemClock, violations, maxUploadBytes: 10_000 });
  await server.start();
  agent = new Agent({ ca: server.caPem });
});

afterEach(async () => {
  agent.destroy();
  await server.stop();
});

describe('media server of the simulated network', () => {
  it('gives back what was uploaded, to a client that trusts its authority', async () => {
    const sealed = sealMedia(PICTURE, 'Image');
    const upload = await ask('POST', uploadPath(sealed.fileEncSha256), sealed.blob);
    expect(upload.status).toBe(200);
    const { url, direct_path: directPath } = JSON.parse(upload.body.toString()) as Record<string, string>;
    expect(url).toBe(`https://${server.hostname}${directPath}`);
    const { body } = await ask('GET', String(directPath));
    expect(openMedia(new Uint8Array(body), sealed, 'Image')).toEqual(PICTURE);
    expect(violations.all()).toEqual([]);
  });

  it('is not trusted without its authority', async () => {
    agent.destroy();
    agent = new Agent();
    await expect(ask('GET', '/')).rejects.toThrow(/certificate/);
  });

  it('refuses and records uploads with a wrong auth, token or path', async () => {
    const sealed = sealMedia(PICTURE, 'Image');
    const wrong = [
      uploadPath(sealed.fileEncSha256, 'guessed'),
      uploadPath(sealed.fileSha256),
      uploadPath(sealed.fileEncSha256, server.auth, 'gif'),
    ];
    for (const path of wrong) expect((await ask('POST', path, sealed.blob)).status).toBe(400);
    expect(violations.all().map((violation) => violation.detail)).toEqual([
      'media upload: wrong auth',
      'media upload: the token is not the hash of the body',
      'media upload: unknown path',
    ]);
    expect(server.shelf.size).toBe(0);
  });

  it('refuses an upload over its limit', async () => {
    const sealed = sealMedia(new Uint8Array(20_000), 'Document');
    expect((await ask('POST', uploadPath(sealed.fileEncSha256, server.auth, 'document'), sealed.blob)).status).toBe(
      413,
    );
    expect(server.shelf.size).toBe(0);
  });

  it('answers a part when asked for one, and 404 for what it does not have', async () => {
    const { directPath } = server.shelf.put(PICTURE);
    const part = await ask('GET', directPath, undefined, { range: 'bytes=2-8' });
    expect([part.status, part.body.toString()]).toEqual([206, 'picture']);
    server.shelf.remove(directPath);
    expect((await ask('GET', directPath)).status).toBe(404);
  });

  it('misbehaves as often as told, and then no more', async () => {
    const { directPath } = server.shelf.put(PICTURE);
    server.faults.next('download', { kind: 'refuse', status: 503 });
    server.faults.next('download', { kind: 'truncate', bytes: 10 });
    server.faults.next('download', { kind: 'corrupt' });
    server.faults.next('download', { kind: 'drop' });
    expect((await ask('GET', directPath)).status).toBe(503);
    expect(await ask('GET', directPath)).toMatchObject({ complete: false });
    expect(new Uint8Array((await ask('GET', directPath)).body)).not.toEqual(PICTURE);
    await expect(ask('GET', directPath)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(new Uint8Array((await ask('GET', directPath)).body)).toEqual(PICTURE);
  });

  it('shows nothing of a file whose bytes, key or kind were altered', () => {
    const sealed = sealMedia(PICTURE, 'Video');
    const altered = sealed.blob.with(5, (sealed.blob[5] ?? 0) ^ 1);
    expect(() => openMedia(altered, sealed, 'Video')).toThrow('another hash');
    expect(() => openMedia(sealed.blob, sealed, 'Image')).toThrow('wrong MAC');
    expect(() => openMedia(sealed.blob, { ...sealed, fileSha256: new Uint8Array(32) }, 'Video')).toThrow(
      'another hash',
    );
  });
});
