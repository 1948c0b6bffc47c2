import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { openTestStore } from '../../support/open-test-store.ts';
import { runStoreChild } from '../../support/run-store-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellhop-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KILLS = 4;
const LANES = 7;

/** How far a message is that the child had told us of; a kill may leave it further, never less far. */
const REACHED: Readonly<Record<string, readonly string[]>> = {
  queued: ['queued', 'sending', 'sent'],
  sending: ['sending', 'queued', 'sent'],
  sent: ['sent'],
  received: ['received'],
};

describe('kill -9', () => {
  it('loses nothing that was resolved, at whatever moment it comes', async () => {
    const path = join(folder, 'kill.db');
    const told: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      const child = runStoreChild('write', path, String(LANES));
      await child.waitFor((lines) => lines.length >= 150 + round * 37);
      told.push(...(await child.kill()).filter((line) => line !== 'open'));
    }
    const { store } = await openTestStore({ url: `sqlite:${path}` });
    const last = new Map(told.map((line) => [line.split(' ')[1] ?? '', line.split(' ')[0] ?? '']));
    expect(last.size).toBeGreaterThan(KILLS * 40);
    for (const [id, status] of last) {
      expect(REACHED[status]).toContain((await store.getMessage(id, null))?.status);
    }
    const page = await store.listConversations({ property: null }, { limit: 100 });
    expect(page.data).toHaveLength(LANES);
    for (const { id, lastSeq } of page.data) {
      const events = await store.listConversationEvents(id, { fromSeq: 1, limit: 100_000 }, null);
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1));
    }
    await store.close();
    const database = new Database(path, { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  }, 60_000);

  it('frees the files for the next daemon', async () => {
    const path = join(folder, 'lock.db');
    const child = runStoreChild('lock', path);
    await child.waitFor((lines) => lines.length > 0);
    await expect(openTestStore({ url: `sqlite:${path}` })).rejects.toMatchObject({ code: 'store_locked' });
    await child.kill();
    const { store } = await openTestStore({ url: `sqlite:${path}` });
    await store.ping();
    await store.close();
  });
});
