import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { eventData } from '../../../src/engine/model/event.ts';
import { message } from '../../../src/engine/model/message.ts';
import { sessionAccount } from '../../../src/engine/model/session.ts';
import type { Migration } from '../../../src/store/sqlite/migrations.ts';
import { migrate, migrations } from '../../../src/store/sqlite/migrations.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import { accept, inbound, linkSession } from '../../support/store-fixture.ts';

const one: Migration = { number: 1, name: 'one', sql: 'CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);' };
const two: Migration = { number: 2, name: 'two', sql: 'ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;' };
const broken: Migration = {
  number: 2,
  name: 'broken',
  sql: 'ALTER TABLE a ADD COLUMN y INTEGER; INSERT INTO nowhere VALUES (1);',
};

describe('migrations', () => {
  it('run forward, each once', () => {
    const database = new Database(':memory:');
    migrate(database, 5, [one]);
    migrate(database, 6, [one, two]);
    migrate(database, 7, [one, two]);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
    expect(database.prepare('SELECT number, applied_at FROM schema_migrations').all()).toEqual([
      { number: 1, applied_at: 5 },
      { number: 2, applied_at: 6 },
    ]);
  });

  it('leave nothing half-done when a step fails', () => {
    const database = new Database(':memory:');
    expect(() => migrate(database, 5, [one, broken])).toThrow('nowhere');
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1 }]);
    migrate(database, 6, [one, two]);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
  });

  it('are numbered without gaps from 1', () => {
    expect(migrations.map((step) => step.number)).toEqual(migrations.map((_, index) => index + 1));
  });
});

/** The object of a kind as it was before the fields came that migration 3 adds. */
function older(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { entities: _, albumId: __, buttons: ___, button: ____, forwarded: _____, ...rest } = object;
  const { poll } = rest;
  if (typeof poll !== 'object' || poll === null) return rest;
  return { ...rest, poll: Object.fromEntries(Object.entries(poll).filter(([name]) => name !== 'votes')) };
}

describe('a store of before there were formatting, buttons, votes and kinds of account', () => {
  const poll = { question: '?', options: ['a', 'b'], multiple: false };

  it('is read as if they had always been there', async () => {
    const { store, clock } = await openTestStore();
    await linkSession(store, clock);
    const texts = [
      await accept(store, 'N1'),
      (await store.recordInbound(inbound('A1', clock.now()))).message,
      await accept(store, 'N2', { body: null, poll }),
    ];
    const session = await store.getSession('front-desk');
    await store.close();
    const { kind: _, ...account } = session?.account ?? { address: '', displayName: null, kind: null };

    const database = new Database(':memory:');
    migrate(database, 1, migrations.slice(0, 2));
    const insertMessage = database.prepare(
      `INSERT INTO messages (id, conversation_id, seq, session_id, network_id, known, inbound, object)
       VALUES (@id, 'cnv', @seq, 's', 'n', 0, 0, @object)`,
    );
    const insertEvent = database.prepare(
      `INSERT INTO events (id, property, type, at, data) VALUES (@id, 'main', 'x', 1, @data)`,
    );
    for (const [seq, text] of texts.entries()) {
      insertMessage.run({ id: text.id, seq, object: JSON.stringify(older(text)) });
      insertEvent.run({ id: text.id, data: JSON.stringify({ message: older(text) }) });
    }
    const oldSession = JSON.stringify({ ...session, account });
    database
      .prepare(`INSERT INTO sessions (id, property, channel, object) VALUES ('s', 'main', 'c', ?)`)
      .run(oldSession);
    database
      .prepare(`INSERT INTO sessions (id, property, channel, object) VALUES ('t', 'main', 'c', '{"account":null}')`)
      .run();
    insertEvent.run({ id: 'session', data: `{"session":${oldSession}}` });
    insertEvent.run({ id: 'other', data: '{"cause":"x"}' });

    migrate(database, 2);
    const read = <T extends z.ZodType>(schema: T, sql: string): z.output<T>[] =>
      database
        .prepare<[], { json: string }>(sql)
        .all()
        .map(({ json }) => schema.parse(JSON.parse(json)));
    expect(read(message, 'SELECT object AS json FROM messages ORDER BY seq')).toEqual(texts);
    const events = read(eventData, 'SELECT data AS json FROM events ORDER BY cursor');
    expect(events.slice(0, 3)).toEqual(texts.map((text) => ({ message: text })));
    expect(events[3]).toMatchObject({ session: { account: { ...account, kind: null } } });
    expect(events[4]).toEqual({ cause: 'x' });
    const accounts = `SELECT object -> '$.account' AS json FROM sessions ORDER BY id`;
    expect(read(sessionAccount.nullable(), accounts)).toEqual([{ ...account, kind: null }, null]);
  });
});
