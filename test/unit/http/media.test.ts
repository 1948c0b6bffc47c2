import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRange } from '../../../src/http/files/byte-range.ts';
import { attachmentHeader } from '../../../src/http/files/content-disposition.ts';
import { ADMIN_KEY, type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';
import { listen } from '../../support/http-fixture-socket.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function form(bytes: Buffer, facts: { filename?: string; type?: string; name?: string } = {}): Buffer {
  const { filename = 'photo.png', type = 'image/png', name = 'file' } = facts;
  return Buffer.concat([
    Buffer.from(
      `--edge\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\ncontent-type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n--edge--\r\n'),
  ]);
}

const multipart = { 'content-type': 'multipart/form-data; boundary=edge' };
const upload = (payload: Buffer, headers: Record<string, string> = {}) =>
  http.ask('POST', '/v1/media', { payload, headers: { ...multipart, ...headers } });

describe('an upload', () => {
  it('is stored under the type that its bytes have, not the one that was claimed', async () => {
    const answer = await upload(form(PNG, { type: 'text/html', filename: 'x.html' }));
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ mimeType: 'image/png', sizeBytes: PNG.length, filename: 'x.html' });
    expect(answer.headers['location']).toBe(`/v1/media/${answer.json.id}`);
  });

  it.each([
    ['text/html', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['text/plain; charset=utf-8', 'text/plain'],
  ])('without a signature claimed as %s becomes %s', async (type, stored) => {
    const answer = await upload(form(Buffer.from('<b>hello</b> there'), { type }));
    expect(answer.json).toMatchObject({ mimeType: stored });
  });

  it('comes back byte for byte, as an attachment that cannot run', async () => {
    const bytes = Buffer.alloc(100_000, 'abc');
    const { id } = (await upload(form(bytes, { filename: 'Rechnung für März.txt' }))).json;
    const answer = await http.ask('GET', `/v1/media/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.bytes.equals(bytes)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-length': '100000', 'accept-ranges': 'bytes' });
    expect(String(answer.headers['content-disposition'])).toContain('attachment;');
    expect(String(answer.headers['content-security-policy'])).toContain('sandbox');
    expect((await http.ask('HEAD', `/v1/media/${id}`)).headers['content-length']).toBe('100000');
  });

  it('with a name full of tricks keeps only a name', async () => {
    const { json } = await upload(form(PNG, { filename: '..%2f../../etc/pass\twd' }));
    expect(json['filename']).toBe('passwd');
  });

  it('over the limit is refused and leaves nothing', async () => {
    const answer = await upload(form(Buffer.alloc(200_001)));
    expect(answer.status).toBe(413);
    expect(answer.json.code).toBe('media_too_large');
    expect((await upload(form(Buffer.alloc(200_000)))).status).toBe(201);
  });

  it.each([
    ['no file', Buffer.from('--edge--\r\n'), 400, 'invalid_request'],
    ['nothing', Buffer.alloc(0), 400, 'invalid_request'],
    ['a form cut off', form(PNG).subarray(0, -12), 400, 'media_incomplete'],
    ['a form cut off in its head', form(PNG).subarray(0, 40), 400, 'media_incomplete'],
    ['a prototype as field name', form(PNG, { name: '__proto__' }), 400, 'invalid_request'],
    ['noise', Buffer.from('nonsense'), 400, 'media_incomplete'],
  ])('with %s is refused', async (_name, payload, status, code) => {
    const answer = await upload(payload);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  it('without a boundary is refused', async () => {
    const answer = await http.ask('POST', '/v1/media', {
      payload: form(PNG),
      headers: { 'content-type': 'multipart/form-data' },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  it('as JSON is refused', async () => {
    expect((await http.ask('POST', '/v1/media', { body: { file: 'x' } })).status).toBe(415);
  });

  it('repeated with the same idempotency key gives the same media object', async () => {
    const headers = { 'idempotency-key': 'up-1' };
    const first = await upload(form(PNG), headers);
    const second = await upload(form(PNG), headers);
    expect(second.text).toBe(first.text);
    const other = await upload(form(Buffer.from('other bytes')), headers);
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('that stops half way over a real socket is dropped, and the server goes on', async () => {
    const port = await listen(http);
    const whole = form(Buffer.alloc(150_000, 'x'));
    let saved = 0;
    const { saveMedia } = http.store;
    http.store.saveMedia = (input) => {
      saved += 1;
      return saveMedia.call(http.store, input);
    };
    const { write } = http.media;
    const outcome = new Promise<unknown>((resolve) => {
      http.media.write = (source, facts) => {
        const result = write.call(http.media, source, facts);
        result.then(() => resolve('stored'), resolve);
        return result;
      };
    });
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /v1/media HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: multipart/form-data; boundary=edge\r\ncontent-length: ${whole.length}\r\n\r\n`,
    );
    socket.write(whole.subarray(0, 80_000), () => socket.destroy());
    expect(await outcome).toBeInstanceOf(Error);
    expect(saved).toBe(0);
    expect((await http.ask('GET', '/healthz')).status).toBe(200);
  });
});

describe('a download', () => {
  const bytes = Buffer.from('0123456789');
  let id: string;
  beforeEach(async () => {
    id = (await upload(form(bytes, { type: 'text/plain', filename: 'a.txt' }))).json.id;
  });

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-1,4-5', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
    ['bytes=5-3', 200, '0123456789', undefined],
  ])('of %s is answered %i', async (range, status, text, contentRange) => {
    const answer = await http.ask('GET', `/v1/media/${id}`, { headers: { range } });
    expect([answer.status, answer.text, answer.headers['content-range']]).toEqual([status, text, contentRange]);
  });

  it('outside the file is a 416 that names the size', async () => {
    const answer = await http.ask('GET', `/v1/media/${id}`, { headers: { range: 'bytes=10-' } });
    expect([answer.status, answer.json.code]).toEqual([416, 'range_not_satisfiable']);
    expect(answer.headers['content-range']).toBe('bytes */10');
  });

  it('is not sent again when the client has it', async () => {
    const first = await http.ask('GET', `/v1/media/${id}`);
    const etag = String(first.headers['etag']);
    const again = await http.ask('GET', `/v1/media/${id}`, { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
    const stale = await http.ask('GET', `/v1/media/${id}`, { headers: { range: 'bytes=0-1', 'if-range': '"other"' } });
    expect([stale.status, stale.text]).toEqual([200, '0123456789']);
  });

  it('of bytes that are gone is a 410', async () => {
    const { data } = { data: await http.store.getMedia(id, null) };
    await http.media.delete(data?.sha256 ?? '');
    const answer = await http.ask('GET', `/v1/media/${id}`);
    expect([answer.status, answer.json.code]).toEqual([410, 'media_gone']);
  });
});

describe('names and ranges', () => {
  it.each([
    ['a.txt', 'attachment; filename="a.txt"'],
    [null, 'attachment; filename="file"'],
    ['..', 'attachment; filename="file"'],
    ['a"b\\c.txt', `attachment; filename="c.txt"`],
    ['a"b.txt', `attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt`],
    ['x\r\nset-cookie: a=b', 'attachment; filename="xset-cookie: a=b"'],
    ['日本.pdf', `attachment; filename="__.pdf"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf`],
  ])('writes %j safely', (name, header) => {
    expect(attachmentHeader(name)).toBe(header);
  });

  it('knows that an empty file has no range', () => {
    expect(readRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(readRange('bytes=-5', 0)).toBe('unsatisfiable');
    expect(readRange(undefined, 0)).toBeNull();
  });
});
