import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openStoreFile } from '../../../src/store/sqlite/store-file.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import { accept, inbound, linkSession, SESSION } from '../../support/store-fixture.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';

const root = mkdtempSync(join(tmpdir(), 'bellhop-open-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let path = '';
let url = '';
beforeEach(() => {
  count += 1;
  path = join(root, `data-${count}`, 'bellhop.db');
  url = `sqlite:${path}`;
});

async function fill(): Promise<VirtualClock> {
  const { store, clock } = await openTestStore({ url });
  await linkSession(store, clock);
  for (let index = 0; index < 40; index += 1) await store.recordInbound(inbound(`A${index}`, clock.now()));
  await store.saveWebhook({
    property: 'main',
    url: 'https://a.example',
    types: [],
    description: null,
    secret: 'whsec_CANARY',
  });
  await store.close();
  return clock;
}

function edit(work: (database: Database.Database) => void): void {
  const database = new Database(path);
  work(database);
  database.close();
}

describe('opening the store', () => {
  it('makes folder and files that only the daemon may read', async () => {
    await fill();
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    const modes = readdirSync(join(path, '..')).map((name) => statSync(join(path, '..', name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  it('waits for the disk at each commit, and writes a log', async () => {
    await fill();
    const file = openStoreFile(path);
    const pragma = (name: string) => file.database.pragma(name, { simple: true });
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1]);
    expect(pragma('cache_size')).toBe(-64 * 1024);
    file.close();
  });

  it('finds everything again', async () => {
    const clock = await fill();
    const { store } = await openTestStore({ url, clock, seed: 2 });
    expect((await store.getSession(SESSION))?.state).toBe('connected');
    expect((await store.recordInbound(inbound('A39', clock.now()))).duplicate).toBe(true);
    expect((await accept(store, 'N1')).seq).toBe(42);
    const query = { now: clock.now(), leaseUntil: clock.now() + 1, limit: 1, perWebhook: 1, exclude: [] };
    expect(await store.claimDeliveries(query)).toMatchObject([{ secret: 'whsec_CANARY' }]);
    await store.close();
  });

  it('keeps the secrets of webhooks out of the files', async () => {
    await fill();
    for (const name of readdirSync(join(path, '..'))) {
      expect(readFileSync(join(path, '..', name)).includes('whsec_CANARY')).toBe(false);
    }
  });

  it('lets a claim of an idempotency key go that a dead daemon had left', async () => {
    const claim = { scope: 's', key: 'k', fingerprint: 'f' };
    const first = await openTestStore({ url });
    await first.store.claimIdempotency(claim, 1);
    await first.store.close();
    const second = await openTestStore({ url, seed: 2 });
    expect(await second.store.claimIdempotency(claim, 2)).toEqual({ state: 'claimed' });
    await second.store.close();
  });

  it('refuses the files of a daemon that runs, and takes them when it has stopped', async () => {
    const { store } = await openTestStore({ url });
    await expect(openTestStore({ url })).rejects.toMatchObject({ code: 'store_locked' });
    await store.ping();
    await store.close();
    await (await openTestStore({ url })).store.close();
  });

  it('refuses a file of a newer version and leaves it as it is', async () => {
    await fill();
    edit((database) => database.exec("INSERT INTO schema_migrations VALUES (99, 'from the future', 1)"));
    await expect(openTestStore({ url })).rejects.toMatchObject({ code: 'store_too_new' });
    edit((database) => expect(database.pragma('quick_check', { simple: true })).toBe('ok'));
  });

  it('refuses another key', async () => {
    await fill();
    await expect(openTestStore({ url, secretKey: new Uint8Array(32) })).rejects.toMatchObject({
      code: 'vault_key_wrong',
    });
    await expect(openTestStore({ url, secretKey: new Uint8Array(5) })).rejects.toMatchObject({
      code: 'vault_key_missing',
    });
    await (await openTestStore({ url })).store.close();
  });

  it('refuses a file of another program', async () => {
    await (await openTestStore({ url })).store.close();
    rmSync(path);
    edit((database) => database.exec('CREATE TABLE notes (text TEXT)'));
    await expect(openTestStore({ url })).rejects.toMatchObject({ code: 'store_corrupt' });
  });

  it.each([
    ['text', () => writeFileSync(path, 'this is no database, it is text'.repeat(200))],
    ['a file cut short', () => truncateSync(path, Math.floor(statSync(path).size / 2))],
    [
      'a page of noise',
      () => {
        const bytes = readFileSync(path);
        bytes.fill(0xa5, 4096 * 3, 4096 * 5);
        writeFileSync(path, bytes);
      },
    ],
  ])('refuses %s as damaged', async (_name, damage) => {
    await fill();
    damage();
    await expect(openTestStore({ url })).rejects.toMatchObject({ code: 'store_corrupt' });
    // The lock is free again: the operator may put a backup in place without ending anything.
    rmSync(path);
    await (await openTestStore({ url })).store.close();
  });

  it.each(['postgres://db', 'sqlite:', './data.db'])('refuses %j as a URL', async (wrong) => {
    await expect(openTestStore({ url: wrong })).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('writes the log back once commits have paused', async () => {
    const { store, clock } = await openTestStore({ url });
    await linkSession(store, clock);
    const before = statSync(path).size;
    for (let index = 0; index < 50; index += 1) await accept(store, `N${index}`);
    await clock.advance(900);
    await accept(store, 'N-late');
    await clock.advance(900);
    expect(statSync(path).size).toBe(before);
    await clock.advance(100);
    expect(statSync(path).size).toBeGreaterThan(before);
    await store.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
