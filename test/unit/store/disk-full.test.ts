import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStoreParts } from '../../support/open-store-parts.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import { findProgram } from '../../support/programs.ts';
import { runLimitedStoreChild } from '../../support/run-store-child.ts';
import { accept, linkSession } from '../../support/store-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellhop-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIMIT_KIB = 1500;
const prlimit = findProgram('prlimit', 'util-linux');
const bash = findProgram('bash', 'bash');

describe('a full disk', () => {
  it('refuses with store_full, leaves nothing half-done, and heals by itself', async () => {
    const { store, parts, clock } = openStoreParts();
    await linkSession(store, clock);
    await accept(store, 'N0');
    const pages = parts.database.pragma('page_count', { simple: true });
    parts.database.pragma(`max_page_count = ${String(pages)}`);
    const accepted = new Set(['N0']);
    let refused = 0;
    for (let index = 1; refused < 3; index += 1) {
      try {
        await accept(store, `N${index}`);
        accepted.add(`N${index}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'store_full' });
        refused += 1;
      }
    }
    parts.database.pragma('max_page_count = 100000');
    await accept(store, 'N-last');
    accepted.add('N-last');
    const events = (await store.listEvents({ property: null, types: ['message.queued'], limit: 1000 })).data;
    expect(events.map((event) => event.data.message?.channelMessageId)).toEqual([...accepted]);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 2));
    expect((await store.figures(0)).queued).toMatchObject([{ count: accepted.size }]);
    await store.close();
  });

  it.skipIf(prlimit === null || bash === null)(
    'accepts nothing that it could not write, and goes on when there is space',
    async () => {
      const path = join(folder, 'full.db');
      const child = runLimitedStoreChild(LIMIT_KIB, 'fill', path);
      await child.waitFor((lines) => lines.some((line) => line.startsWith('refused')));
      execFileSync(prlimit ?? '', ['--pid', String(child.process.pid), '--fsize=unlimited:']);
      await child.waitFor((lines) => lines.includes('healed'));
      const lines = await child.kill();
      expect(new Set(lines.filter((line) => line.startsWith('refused')))).toEqual(new Set(['refused store_full']));
      const { store } = await openTestStore({ url: `sqlite:${path}` });
      const told = lines.filter((line) => line.startsWith('queued')).map((line) => line.slice('queued '.length));
      expect(told.length).toBeGreaterThan(10);
      for (const id of told) expect((await store.getMessage(id, null))?.status).toBe('queued');
      const queued = (await store.figures(0)).queued[0]?.count;
      expect(queued).toBe(told.length);
      await store.close();
    },
    60_000,
  );
});
