import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import type { LimitRow } from '../../../src/store/sqlite/limit-table.ts';
import { LimitTable } from '../../../src/store/sqlite/limit-table.ts';
import { migrate, migrations } from '../../../src/store/sqlite/migrations.ts';
import { openStoreParts } from '../../support/open-store-parts.ts';
import { linkSession, SESSION } from '../../support/store-fixture.ts';

let open: ReturnType<typeof openStoreParts>;
beforeEach(async () => {
  open = openStoreParts();
  await linkSession(open.store, open.clock);
});
afterEach(() => open.store.close());

describe('the limits that are kept in memory', () => {
  it('are those of the file after a transaction that was undone', async () => {
    const { parts, clock } = open;
    const row: LimitRow = {
      sessionId: SESSION,
      scope: 'account',
      conversationId: null,
      code: 'rate_limited',
      nativeCode: null,
      since: clock.now(),
      until: clock.now() + 1_000,
      isAssumed: false,
      origin: 'send',
      state: 'closed',
      quotaLeft: null,
      quotaAt: null,
    };
    const undone = parts.write(() => {
      parts.limits.put(row);
      expect(parts.limits.of(SESSION)).toEqual([row]);
      throw new BellhopError('not_found');
    });
    await expect(undone).rejects.toMatchObject({ code: 'not_found' });
    expect(parts.limits.of(SESSION)).toEqual([]);
    await parts.write(() => parts.limits.put(row));
    parts.limits.forget();
    expect(parts.limits.of(SESSION)).toEqual([row]);
  });

  it('are none for a session that was written before there were any', async () => {
    const { store, parts } = open;
    parts.database.exec("UPDATE sessions SET object = json_remove(object, '$.limits')");
    parts.sessions.forget();
    expect((await store.getSession(SESSION))?.limits).toEqual([]);
  });
});

describe('a store of before limits came without a send', () => {
  it('keeps its limits, and shows those of earlier events in full', () => {
    const database = new Database(':memory:');
    migrate(database, 1, migrations.slice(0, 7));
    const limit = { scope: 'account', conversationId: null, code: 'rate_limited', nativeCode: 'X' };
    database.exec(`
      INSERT INTO sessions (id, property, channel, object) VALUES ('s', 'main', 'whatsapp', '{}');
      INSERT INTO session_limits VALUES ('s', 'account', '', 'rate_limited', 'X', 1, 9, 1);
    `);
    const insert = database.prepare("INSERT INTO events (id, property, type, at, data) VALUES (?, 'main', 'x', 1, ?)");
    insert.run('e1', JSON.stringify({ limit, session: { limits: [limit, limit] } }));
    insert.run('e2', JSON.stringify({ session: { limits: [] } }));
    migrate(database, 2, migrations);
    const facts = { origin: 'send', state: 'closed', quotaLeft: null, quotaAt: null };
    expect(new LimitTable({ database }).all()).toEqual([
      { ...facts, ...limit, sessionId: 's', since: 1, until: 9, isAssumed: true },
    ]);
    const data = database.prepare<[], { data: string }>('SELECT data FROM events ORDER BY id').all();
    const full = { ...limit, source: 'network', state: 'closed' };
    expect(data.map((row) => JSON.parse(row.data) as unknown)).toEqual([
      { limit: full, session: { limits: [full, full] } },
      { session: { limits: [] } },
    ]);
  });
});
