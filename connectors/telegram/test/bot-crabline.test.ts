import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { missing } from '../../../test/support/programs.ts';
import { BotBench } from './bot-support.ts';
import { refOf } from './send-support.ts';
import { isEnd, isMessage } from './session-support.ts';

const PEERS = join(import.meta.dirname, '../../../test/peers');
const PROGRAM = join(PEERS, 'node_modules/@openclaw/crabline/dist/src/bin/crabline.js');
const isInstalled = existsSync(PROGRAM);
if (!isInstalled) missing('the peer server crabline (npm ci in test/peers)');

const BOT_TOKEN = '700001:AAF-crab';
const manifestSchema = z.object({
  recorderPath: z.string(),
  endpoints: z.object({ apiRoot: z.string(), adminInboundUrl: z.string() }),
});

let child: ChildProcess;
let folder: string;
let server: z.infer<typeof manifestSchema>;
let desk: BotBench;

/** Starts the server and resolves with what it says of itself. */
function startServer(): Promise<z.infer<typeof manifestSchema>> {
  const args = [PROGRAM, '--json', 'serve', 'telegram', '--recorder', join(folder, 'telegram.jsonl')];
  const env = { ...process.env, CRABLINE_BOT_TOKEN: BOT_TOKEN, CRABLINE_ADMIN_TOKEN: 'adm' };
  child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.trimEnd().endsWith('}')) resolve(manifestSchema.parse(JSON.parse(text)));
    });
    child.on('exit', () => reject(new Error('the peer server ended')));
  });
}

async function guestSays(text: string, more: object = {}): Promise<void> {
  const response = await fetch(server.endpoints.adminInboundUrl, {
    method: 'POST',
    headers: { 'x-crabline-admin-token': 'adm', 'content-type': 'application/json' },
    body: JSON.stringify({ chatId: 810001, fromId: 810001, fromUsername: 'anna_guest', text, ...more }),
  });
  if (!response.ok) throw new Error(`the peer server answered ${response.status}: ${await response.text()}`);
}

const recorded = (): string => readFileSync(server.recorderPath, 'utf8');

describe.runIf(isInstalled)('a Bot API server that others wrote', () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bellhop-crabline-'));
    server = await startServer();
    desk = new BotBench(server.endpoints.apiRoot, BOT_TOKEN);
  });
  afterEach(async () => {
    await desk.stop();
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended; // until then it writes its record
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries texts both ways, with formatting and buttons, and files out', async () => {
    await guestSays('Do you have a cot?', { entities: [{ type: 'bold', offset: 14, length: 3 }] });
    await desk.session.connect();
    const { message } = await desk.event(isMessage);
    expect(message).toMatchObject({
      content: { type: 'text', body: 'Do you have a cot?', entities: [{ type: 'bold', offset: 14, length: 3 }] },
      chat: { kind: 'direct', addresses: ['id:810001'] },
      sender: { addresses: ['id:810001', '@anna_guest'], displayName: 'QA User' },
    });
    const to = 'id:810001';
    const buttons = [{ id: 'yes', label: 'Yes, please' }] as const;
    const first = await desk.send(
      { type: 'text', body: 'In which room?', buttons },
      { to, replyTo: message.networkId },
    );
    const bytes = Buffer.from('a picture of a cot');
    desk.files.set('cot', bytes);
    const image = { kind: 'image', media: refOf('cot', bytes, 'image/jpeg'), filename: 'a "nice"; cot.jpg' } as const;
    const second = await desk.send({ type: 'media', body: 'This one?', attachments: [image] }, { to });
    expect(Number(second.networkId)).toBeGreaterThan(Number(first.networkId));
    expect(Math.abs(first.acceptedAt - Date.now())).toBeLessThan(60_000);
    await desk.session.edit?.(message.chat, first.networkId, 'In which of your rooms?');
    for (const words of ['In which room?', 'Yes, please', 'This one?', 'In which of your rooms?', 'sendPhoto']) {
      expect(recorded()).toContain(words);
    }
  });

  it('hands over what was said meanwhile, once', async () => {
    await desk.session.connect();
    await guestSays('one');
    await desk.event(isMessage);
    await desk.session.disconnect();
    await guestSays('two');
    await desk.restart().connect();
    const said = (): readonly unknown[] =>
      desk.events
        .filter(isMessage)
        .map(({ message: { content } }) => (content.type === 'text' ? content.body : content));
    await desk.event((event): event is never => isMessage(event) && said().includes('two'));
    expect(said()).toEqual(['one', 'two']);
  });

  it('ends the connection of whom another program has replaced', async () => {
    await desk.session.connect();
    await guestSays('one');
    await desk.event(isMessage);
    const other = new BotBench(server.endpoints.apiRoot, BOT_TOKEN);
    try {
      await other.session.connect();
      expect((await desk.event(isEnd)).cause).toMatchObject({ kind: 'replaced', code: 'telegram_bot_conflict' });
    } finally {
      await other.stop();
    }
  });
});
