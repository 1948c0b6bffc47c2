import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openVault } from '../../src/store/vault/index.ts';
import { Api } from '../support/api.ts';
import { DaemonProcess, makeWorkingDir, runCommand } from '../support/daemon-process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** These daemons have no network in a box, and without one pacing must not be off. */
const HUMAN = { BELLHOP_PACING__MODE: 'human' };
const KEY = Buffer.alloc(32, 1);
const dirs: { path: string; remove(): void }[] = [];
const daemons: DaemonProcess[] = [];

function folder(): string {
  const dir = makeWorkingDir();
  dirs.push(dir);
  return dir.path;
}

function start(cwd: string, env: Record<string, string> = {}, main?: string): DaemonProcess {
  const daemon = new DaemonProcess({
    cwd,
    env: { ...HUMAN, ...env },
    args: ['--no-sandbox'],
    ...(main === undefined ? {} : { main }),
  });
  daemons.push(daemon);
  return daemon;
}

const startToItsEnd = (cwd: string, env: Record<string, string> = {}) =>
  runCommand(['start', '--no-sandbox'], { cwd, env: { ...HUMAN, ...env } });

const isWell = async (daemon: DaemonProcess): Promise<boolean> => (await fetch(`${await daemon.url()}/readyz`)).ok;

function makeVault(cwd: string, sessionId: string): void {
  openVault({ dir: join(cwd, 'sessions'), sessionId, masterKey: KEY, clock: systemClock }).close();
}

afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.end('SIGKILL');
  for (const dir of dirs.splice(0)) dir.remove();
});

describe('a start that cannot succeed says why, and what to do', { timeout: 60_000 }, () => {
  it('refuses a second daemon on the same files and leaves the first in peace', async () => {
    const cwd = folder();
    const first = start(cwd);
    await first.url();
    const second = await startToItsEnd(cwd);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/Another daemon.*\n.*\n.*Stop the other/) });
    expect(second.stderr).toContain(String(first.pid));
    rmSync(join(cwd, 'data/daemon.json')); // also where only the store's own lock can tell
    const third = await startToItsEnd(cwd);
    expect(third).toMatchObject({ code: 1, stderr: expect.stringContaining('Another daemon') });
    expect(await isWell(first)).toBe(true);
  });

  it('says that the port is in use', async () => {
    const first = start(folder());
    const { port } = new URL(await first.url());
    const second = await startToItsEnd(folder(), { BELLHOP_SERVER__PORT: port });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/port is in use[\s\S]*server\.port/) });
    expect(await isWell(first)).toBe(true);
  });

  it('does not start with the wrong vault key', async () => {
    const cwd = folder();
    makeVault(cwd, 'front-desk');
    const env = { BELLHOP_SESSIONS__KEY: Buffer.alloc(32, 2).toString('base64') };
    expect(await startToItsEnd(cwd, env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/key does not open[\s\S]*Use the key/),
    });
    const right = start(cwd, { BELLHOP_SESSIONS__KEY: KEY.toString('base64') });
    expect(await isWell(right)).toBe(true);
  });

  it('makes no new key while there are vaults that it could not open', async () => {
    const cwd = folder();
    makeVault(cwd, 'front-desk');
    for (const _ of [1, 2]) {
      expect(await startToItsEnd(cwd)).toMatchObject({ code: 1, stderr: expect.stringContaining('No key for the') });
      expect(existsSync(join(cwd, 'sessions/vault.key'))).toBe(false);
    }
  });

  it('starts although the first vault is damaged', async () => {
    const cwd = folder();
    makeVault(cwd, 'spa');
    writeFileSync(join(cwd, 'sessions/annex.vault'), Buffer.alloc(8_192, 7));
    expect(await isWell(start(cwd, { BELLHOP_SESSIONS__KEY: KEY.toString('base64') }))).toBe(true);
  });

  it('says that the store is damaged, and leaves it as it is', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'data'));
    writeFileSync(join(cwd, 'data/bellhop.db'), Buffer.alloc(16_384, 7));
    expect(await startToItsEnd(cwd)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/file is damaged[\s\S]*Restore the last backup/),
    });
  });

  it('names line, key and what was expected in a wrong configuration', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'config.yaml'), 'server:\n  port: eighty\n  prot: 8080\n');
    const wrong = await startToItsEnd(cwd, { BELLHOP_SERVER__PORT: '' });
    expect(wrong.code).toBe(5);
    expect(wrong.stderr).toContain('config.yaml:3: server.prot: unknown key');
    writeFileSync(join(cwd, 'config.yaml'), 'server: {\n');
    expect(await startToItsEnd(cwd)).toMatchObject({ code: 5, stderr: expect.stringMatching(/config\.yaml:\d+: /) });
  });

  it('tells wrong use and an absent daemon apart', async () => {
    const cwd = folder();
    expect(await runCommand(['dance'], { cwd })).toMatchObject({ code: 2, stderr: expect.stringContaining('dance') });
    expect(await runCommand(['start', '--fast'], { cwd })).toMatchObject({ code: 2 });
    expect(await runCommand(['sessions'], { cwd })).toMatchObject({ code: 3 });
  });
});

describe('a product without the connector library', { timeout: 60_000 }, () => {
  it('runs, and says what to install when somebody wants to link', async () => {
    const cwd = folder();
    const product = folder();
    cpSync(join(ROOT, 'dist'), join(product, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(product, 'package.json'));
    mkdirSync(join(product, 'node_modules'));
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name === '@whiskeysockets') continue;
      symlinkSync(join(ROOT, 'node_modules', name), join(product, 'node_modules', name));
    }
    const daemon = start(cwd, {}, join(product, 'dist/src/main.js'));
    const api = new Api(await daemon.url(), await daemon.adminKey());
    expect(await api.post('/v1/sessions', { id: 'front-desk', channel: 'whatsapp' })).toMatchObject({ status: 201 });
    expect(await api.post('/v1/sessions/front-desk/link', { method: 'qr' })).toMatchObject({
      status: 503,
      body: { code: 'connector_missing', detail: 'npm install @whiskeysockets/baileys' },
    });
    expect(await isWell(daemon)).toBe(true);
  });
});
