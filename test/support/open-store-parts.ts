import Database from 'better-sqlite3';
import { IdFactory } from '../../src/core/ids.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { SecretBox } from '../../src/store/secret-box.ts';
import { migrate } from '../../src/store/sqlite/migrations.ts';
import type { StoreParts } from '../../src/store/sqlite/parts.ts';
import { makeParts } from '../../src/store/sqlite/parts.ts';
import { makeSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A store in memory with its inner parts in the open, and every statement that it prepares. */
export function openStoreParts(): {
  store: Store;
  parts: StoreParts;
  clock: VirtualClock;
  statements: readonly string[];
} {
  const clock = new VirtualClock();
  const statements: string[] = [];
  const database = new Database(':memory:');
  migrate(database, clock.now());
  const prepare = database.prepare.bind(database);
  database.prepare = (sql: string) => {
    statements.push(sql);
    return prepare(sql);
  };
  const parts = makeParts({
    database,
    clock,
    ids: new IdFactory({ clock, random: seededRandom(1) }),
    log: silentLogger,
    secrets: new SecretBox(new Uint8Array(32)),
  });
  return { store: makeSqliteStore(parts, () => database.close()), parts, clock, statements };
}
