import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Migration } from '../../../src/store/sqlite/migrations.ts';
import { migrate, migrations } from '../../../src/store/sqlite/migrations.ts';

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
