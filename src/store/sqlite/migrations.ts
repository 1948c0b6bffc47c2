import type Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import { SCHEMA_1 } from './schema.ts';
import { SCHEMA_2 } from './schema-2.ts';
import { SCHEMA_3 } from './schema-3.ts';
import { SCHEMA_4 } from './schema-4.ts';
import { SCHEMA_5 } from './schema-5.ts';
import { SCHEMA_6 } from './schema-6.ts';
import { SCHEMA_7 } from './schema-7.ts';
import { SCHEMA_8 } from './schema-8.ts';

/** One step of the schema. Steps are never changed once released, only added; there is no way back. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { number: 1, name: 'first schema', sql: SCHEMA_1 },
  { number: 2, name: 'limits of networks and early receipts', sql: SCHEMA_2 },
  { number: 3, name: 'formatting, buttons, votes and kinds of account', sql: SCHEMA_3 },
  { number: 4, name: 'client versions', sql: SCHEMA_4 },
  { number: 5, name: 'alerts', sql: SCHEMA_5 },
  { number: 6, name: 'consent of guests', sql: SCHEMA_6 },
  { number: 7, name: 'the send log and plans of what is queued', sql: SCHEMA_7 },
  { number: 8, name: 'limits that come without a send', sql: SCHEMA_8 },
];

/**
 * Brings the file to the newest schema, each step in one transaction of its own. Called while opening; blocks.
 * Throws `store_too_new` when a later version of the daemon has written the file.
 */
export function migrate(database: Database.Database, now: number, steps: readonly Migration[] = migrations): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  );
  const applied =
    database.prepare<[], { newest: number | null }>('SELECT MAX(number) AS newest FROM schema_migrations').get()
      ?.newest ?? 0;
  const known = steps.at(-1)?.number ?? 0;
  if (applied > known) {
    throw new BellhopError('store_too_new', {
      detail: `The store has schema ${applied}; this version knows ${known}.`,
    });
  }
  const record = database.prepare('INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)');
  for (const step of steps) {
    if (step.number <= applied) continue;
    database
      .transaction(() => {
        database.exec(step.sql);
        record.run(step.number, step.name, now);
      })
      .immediate();
  }
}
