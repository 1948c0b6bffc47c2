import '../curve-first.ts'; // before anything that imports the library

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferJSON, initAuthCreds } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../../src/core/clock.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { missing } from '../../../test/support/programs.ts';
import { installCurve } from '../curve-install.ts';
import { muteConsole, TestSession } from './session-support.ts';

const PEERS = join(import.meta.dirname, '../../../test/peers');
const PROGRAM = join(PEERS, 'node_modules/@openclaw/crabline/dist/src/bin/crabline.js');
const isInstalled = existsSync(PROGRAM);
if (!isInstalled) missing('the peer server crabline (npm ci in test/peers)');
const GUEST = '15551234567@s.whatsapp.net';

const manifestSchema = z.object({
  selfJid: z.string(),
  recorderPath: z.string(),
  endpoints: z.object({ baileysWebSocketUrl: z.string(), adminInboundUrl: z.string() }),
});
type Manifest = z.infer<typeof manifestSchema>;

let child: ChildProcess;
let folder: string;
let server: Manifest;
let hotel: TestSession;

/** Starts the server and resolves with what it says of itself. */
function startServer(): Promise<Manifest> {
  const args = [PROGRAM, '--json', 'serve', 'whatsapp', '--recorder', join(folder, 'whatsapp.jsonl')];
  const env = { ...process.env, CRABLINE_ACCESS_TOKEN: 'tok', CRABLINE_ADMIN_TOKEN: 'adm' };
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

/** The server knows no linking: it takes whoever comes for a device that is linked already. */
function linkedVault(selfJid: string): MemoryVault {
  const vault = new MemoryVault({ clock: systemClock });
  const account = { details: '', accountSignatureKey: '', accountSignature: '', deviceSignature: '' };
  const creds = { ...initAuthCreds(), me: { id: selfJid, name: 'Hotel' }, account, registered: true };
  vault.secrets.set('creds', 'creds', Buffer.from(JSON.stringify(creds, BufferJSON.replacer)));
  return vault;
}

async function guestSays(text: string): Promise<void> {
  const response = await fetch(server.endpoints.adminInboundUrl, {
    method: 'POST',
    headers: { 'x-crabline-admin-token': 'adm', 'content-type': 'application/json' },
    body: JSON.stringify({ from: '15551234567', senderId: '15551234567', chatJid: GUEST, senderJid: GUEST, text }),
  });
  if (!response.ok) throw new Error(`the peer server answered ${response.status}: ${await response.text()}`);
}

const recorded = (): string => readFileSync(server.recorderPath, 'utf8');

describe.runIf(isInstalled)('a WhatsApp server that others wrote', () => {
  beforeEach(async () => {
    muteConsole();
    folder = mkdtempSync(join(tmpdir(), 'bellhop-crabline-'));
    server = await startServer();
    hotel = new TestSession({ endpoint: server.endpoints.baileysWebSocketUrl }, linkedVault(server.selfJid));
  });
  afterEach(async () => {
    await hotel.close();
    child.removeAllListeners('exit');
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused as it is: it shows the certificates of the real network without their key', async () => {
    await expect(hotel.session.connect()).rejects.toMatchObject({ reason: { code: 'whatsapp_untrusted_server' } });
  });

  it('carries texts both ways once a test trusts it', async () => {
    vi.spyOn((await installCurve()).trust, 'acceptChain').mockReturnValue(true);
    const { account } = await hotel.session.connect();
    expect(account.address).toBe('+15550000000');
    await guestSays('Do you have a cot?');
    const { message } = await hotel.event('message');
    expect(message).toMatchObject({
      direction: 'inbound',
      content: { type: 'text', body: 'Do you have a cot?' },
      chat: { kind: 'direct', addresses: expect.arrayContaining(['+15551234567']) },
    });
    const { networkId } = await hotel.send(message.chat, { type: 'text', body: 'A cot is in your room' });
    expect(recorded()).toContain(networkId);
    expect(recorded()).toContain('A cot is in your room'); // the peer decrypted it
    expect(await hotel.session.probe()).toBeGreaterThanOrEqual(0);
  });
});
