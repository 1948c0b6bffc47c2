import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressPolicy } from '../../../src/webhooks/address-policy.ts';
import { createRemoteFiles, type RemoteFiles } from '../../../src/webhooks/remote-file.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function files(allow: string[] = ['127.0.0.0/8'], timeoutMs = 5_000): RemoteFiles {
  const made = createRemoteFiles({ policy: new AddressPolicy(allow), userAgent: 'Bellhop/test', timeoutMs });
  open.push(made);
  return made;
}

async function read(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('reading a file by its URL', () => {
  it('gives the bytes and what the server says they are', async () => {
    const url = await serve((request, response) => {
      response.setHeader('content-type', 'application/pdf').end(`bytes of ${request.url}`);
    });
    const file = await files().open(`${url}/invoices/7.pdf?token=x`);
    expect(file.declaredType).toBe('application/pdf');
    expect(await read(file.bytes)).toBe('bytes of /invoices/7.pdf?token=x');
  });

  it('reaches no private address that is not listed, by number or by name', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.end();
    });
    const { port } = new URL(url);
    for (const target of [url, `http://localhost:${port}/`, `http://[::ffff:127.0.0.1]:${port}/`]) {
      await expect(files([]).open(target)).rejects.toMatchObject({
        code: 'media_fetch_failed',
        detail: expect.stringContaining('not a public address'),
      });
    }
    expect(asked).toBe(0);
  });

  it('follows no redirect, which could lead anywhere', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(files().open(`${url}/a`)).rejects.toMatchObject({
      code: 'media_fetch_failed',
      detail: expect.stringContaining('302'),
    });
    expect(asked).toBe(1);
  });

  it('fails on a file that stops half way', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    const file = await files().open(url);
    await expect(read(file.bytes)).rejects.toMatchObject({ code: 'media_fetch_failed' });
  });

  it('gives up on a server that drips, also when its first bytes came in time', async () => {
    const url = await serve((_request, response) => void response.write('a'));
    const file = await files(['127.0.0.0/8'], 200).open(url);
    await expect(read(file.bytes)).rejects.toMatchObject({
      code: 'media_fetch_failed',
      detail: 'The server took too long.',
    });
  });

  it('refuses what is no http URL, and never repeats the URL', async () => {
    for (const url of ['ftp://x/y', 'file:///etc/passwd', 'https://user:secret@x.example/', 'nonsense']) {
      const refusal: unknown = await files()
        .open(url)
        .catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'invalid_request' });
      expect(String(refusal)).not.toContain('secret');
    }
  });
});
