import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { livePage, liveVersion } from '../live-version.ts';
import { manifest } from '../manifest.ts';

describe('the version that WhatsApp publishes', () => {
  let status = 200;
  let page = '';
  let url = '';
  const server = createServer((_request, response) => {
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end(page);
  });
  const signal = new AbortController().signal;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sw.js`; // a TCP server's address is one
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['self.x = JSON.parse("{\\"client_revision\\":1043857760,\\"a\\":1}")', '2.3000.1043857760'],
    ['{"client_revision": 1043857761}', '2.3000.1043857761'],
    ['{"client_revision":"none"}', undefined],
    ['<html>Sorry</html>', undefined],
  ])('is read from the page: %s', async (text, version) => {
    status = 200;
    page = text;
    expect(await liveVersion({ liveVersions: url }, { signal })).toBe(version);
    if (version !== undefined) expect(manifest.versionOrder?.(version)).toHaveLength(3);
  });

  it.each([400, 302, 503])('is unknown when the page answers %i', async (code) => {
    status = code;
    page = '{"client_revision":1043857760}';
    expect(await liveVersion({ liveVersions: url }, { signal })).toBeUndefined();
  });

  it('cannot be had when nobody answers', async () => {
    await expect(liveVersion({ liveVersions: 'http://127.0.0.1:9/sw.js' }, { signal })).rejects.toThrow();
  });

  it("is asked of WhatsApp's own page, and of none for a private endpoint, unless it is configured", () => {
    expect(livePage({})).toBe('https://web.whatsapp.com/sw.js');
    expect(livePage({ endpoint: 'wss://web.whatsapp.com/ws/chat' })).toBe('https://web.whatsapp.com/sw.js');
    expect(livePage({ endpoint: 'ws://127.0.0.1:9/ws/chat' })).toBeUndefined();
    expect(livePage({ endpoint: 'ws://127.0.0.1:9/ws/chat', liveVersions: url })).toBe(url);
    expect(livePage({ liveVersions: 'off' })).toBeUndefined();
  });
});
