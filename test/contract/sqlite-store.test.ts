import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openTestStore } from '../support/open-test-store.ts';
import { describeStoreContract } from './store-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellhop-store-'));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStoreContract('SQLite in memory', async (clock) => (await openTestStore({ clock })).store);

describeStoreContract('SQLite in a file', async (clock) => {
  files += 1;
  return (await openTestStore({ clock, url: `sqlite:${join(folder, `${files}.db`)}` })).store;
});
