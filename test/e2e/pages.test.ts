import { createRequire } from 'node:module';
import { PNG } from 'pngjs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../support/api.ts';
import { DaemonProcess, makeWorkingDir } from '../support/daemon-process.ts';
import { findProgram } from '../support/programs.ts';

const require = createRequire(import.meta.url);
// jsqr is CommonJS whose types and exports disagree about `default`
const { default: readQr } = require('jsqr') as {
  default: (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
};

const chromium = findProgram('chromium', 'chromium');
/** Containers have no user namespaces, a small /dev/shm and no graphics card. */
const BROWSER_ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
const ONE_OPERATION = '#operations-Messages-sendMessage';

interface Sight {
  readonly page: Page;
  /** Whatever a person would find in the browser's console, what the page was not allowed to do, and what failed to load. */
  readonly complaints: string[];
  readonly requests: string[];
}

/** The pages that people open in a browser, in a browser. */
describe.skipIf(chromium === null)('pages', { timeout: 60_000 }, () => {
  const dir = makeWorkingDir();
  let daemon: DaemonProcess;
  let browser: Browser;
  let api: Api;
  let key = '';

  beforeAll(async () => {
    daemon = new DaemonProcess({ cwd: dir.path });
    key = await daemon.adminKey();
    api = new Api(await daemon.url(), key);
    browser = await puppeteer.launch({ executablePath: chromium ?? '', args: BROWSER_ARGS });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await daemon.end('SIGKILL');
    dir.remove();
  });

  async function open(path: string): Promise<Sight> {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 1000 });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`${api.url}${path}`, { waitUntil: 'networkidle0' });
    return { page, complaints, requests };
  }

  it('shows the API on /docs, without a complaint and without asking anybody else', async () => {
    const { page, complaints, requests } = await open('/docs');
    await page.waitForSelector(ONE_OPERATION);
    const shown = (await page.$$('.opblock[id^="operations-"]')).length;
    type Calls = Record<string, Record<string, unknown>>;
    const { body } = await api.get<{ paths: Calls; webhooks: Calls }>('/openapi.json');
    expect(shown).toBe(
      [...Object.values(body.paths), ...Object.values(body.webhooks)].flatMap((methods) => Object.keys(methods)).length,
    );
    expect(requests.filter((url) => !url.startsWith(`${api.url}/`) && !url.startsWith('data:'))).toEqual([]);
    expect(requests.length).toBeGreaterThan(3);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('opens an operation and tells its fields', async () => {
    const { page, complaints } = await open('/docs');
    await (await page.waitForSelector(`${ONE_OPERATION} .opblock-summary-control`))?.click();
    await page.waitForSelector(`${ONE_OPERATION} .opblock-body`);
    const text = await readText(page, ONE_OPERATION);
    for (const word of ['idempotency-key', 'Your room is ready.', '202', '422'])
      expect(text.toLowerCase()).toContain(word.toLowerCase());
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('runs an operation from the page with a key', async () => {
    const { page, complaints } = await open('/docs');
    await (await page.waitForSelector('.auth-wrapper .authorize'))?.click();
    await (await page.waitForSelector('.auth-container input'))?.type(key);
    await (await page.waitForSelector('.auth-container .authorize'))?.click();
    await (await page.waitForSelector('.auth-container .btn-done'))?.click();
    const list = '#operations-Sessions-listSessions';
    await (await page.waitForSelector(`${list} .opblock-summary-control`))?.click();
    await (await page.waitForSelector(`${list} .execute`))?.click();
    await page.waitForSelector(`${list} .live-responses-table .response-col_status`);
    const answer = await readText(page, `${list} .live-responses-table`);
    expect(answer).toContain('200');
    expect(answer).toContain('front-desk');
    expect(complaints).toEqual([]);
    await page.close();
  });

  describe('the QR code of a session that is being linked', () => {
    const path = '/v1/sessions/back-office/link';

    beforeAll(async () => {
      expect((await api.post('/v1/sessions', { id: 'back-office', channel: 'whatsapp' })).status).toBe(201);
      expect((await api.post(path, { method: 'qr' })).status).toBe(200);
    });

    const currentQr = async (): Promise<string> => (await api.get<{ qr: string }>(path)).body.qr;

    async function fetchPicture(accept: string): Promise<{ type: string | null; bytes: Buffer }> {
      const answer = await fetch(`${api.url}${path}`, { headers: { accept, authorization: `Bearer ${key}` } });
      return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) };
    }

    it('reads the same from the PNG as from the JSON', async () => {
      const before = await currentQr();
      const { type, bytes } = await fetchPicture('image/png');
      expect(type).toBe('image/png');
      expect([before, await currentQr()]).toContain(read(bytes)); // the code may have changed meanwhile
    });

    it('reads the same from the SVG in a browser as from the JSON', async () => {
      const before = await currentQr();
      const { type, bytes } = await fetchPicture('image/svg+xml');
      expect(type).toMatch(/^image\/svg\+xml/);
      const after = await currentQr();
      const page = await browser.newPage();
      await page.setContent(`<body style="margin:0"><img src="data:image/svg+xml;base64,${bytes.toString('base64')}">`);
      const picture = await (await page.waitForSelector('img'))?.screenshot();
      expect([before, after]).toContain(read(Buffer.from(picture ?? [])));
      await page.close();
    });
  });
});

/** As text for the browser: the types of its document are not among ours. */
async function readText(page: Page, selector: string): Promise<string> {
  const text: unknown = await page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent`);
  return typeof text === 'string' ? text : '';
}

/** What a phone's camera would read. */
function read(png: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(png);
  return readQr(new Uint8ClampedArray(data), width, height)?.data;
}
