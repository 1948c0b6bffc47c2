import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { WriteQueue } from '../../../src/store/sqlite/write-queue.ts';
import { settle, VirtualClock } from '../../support/virtual-clock.ts';

// Values of SQLite's `PRAGMA synchronous`.
const NORMAL = 1;
const FULL = 2;

let database: Database.Database;
let clock: VirtualClock;
let queue: WriteQueue;
let forgotten: number;
let commits: number;

beforeEach(() => {
  database = new Database(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec(
    'CREATE TABLE t (x INTEGER PRIMARY KEY); CREATE TABLE child (x INTEGER REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED)',
  );
  clock = new VirtualClock();
  forgotten = 0;
  commits = 0;
  queue = new WriteQueue({ database, clock, log: silentLogger, forget: () => (forgotten += 1) });
  queue.onCommit(() => (commits += 1));
});

const add = (x: number): Promise<number> =>
  queue.run(() => database.prepare('INSERT INTO t VALUES (?)').run(x).changes);
const rows = (): unknown[] => database.prepare('SELECT x FROM t ORDER BY x').pluck().all();

describe('the write queue', () => {
  it('gives the operations of one turn one commit', async () => {
    expect(await Promise.all([add(1), add(2), add(3)])).toEqual([1, 1, 1]);
    expect(commits).toBe(1);
    await add(4);
    expect(commits).toBe(2);
  });

  it('lets operations of the next turns join while each turn brings more', async () => {
    const all = [add(1), add(2)];
    await new Promise((resolve) => {
      setImmediate(() => {
        all.push(add(3));
        setImmediate(() => resolve(all.push(add(4))));
      });
    });
    await Promise.all(all);
    expect(commits).toBe(1);
  });

  it('lets nobody wait who is alone', async () => {
    const first = add(1);
    await new Promise((resolve) => {
      setImmediate(() => resolve(commits));
    }).then((seen) => expect(seen).toBe(1));
    await first;
  });

  it('commits after some milliseconds although more comes', async () => {
    let now = 0;
    const ticking: Clock = { now: () => now, monotonic: () => (now += 3), after: () => ({ cancel: () => undefined }) };
    queue = new WriteQueue({ database, clock: ticking, log: silentLogger, forget: () => undefined });
    queue.onCommit(() => (commits += 1));
    const all = [add(1), add(2)];
    const more = async (turns: number): Promise<void> => {
      if (turns === 0) return;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      all.push(add(100 + turns));
      await more(turns - 1);
    };
    await more(5);
    await Promise.all(all);
    expect(commits).toBeGreaterThan(1);
  });

  it('leaves the fsync of lazy work to the next commit that counts, and to no later one', async () => {
    const seen: unknown[] = [];
    const look = (): void => void seen.push(database.pragma('synchronous', { simple: true }));
    await queue.run(look, { lazy: true });
    await queue.run(look);
    await Promise.all([queue.run(look, { lazy: true }), queue.run(look)]);
    await queue.run(look, { lazy: true });
    await expect(
      queue.run(() => {
        throw new BellhopError('not_found');
      }),
    ).rejects.toThrow();
    await queue.run(look);
    expect(seen).toEqual([NORMAL, FULL, FULL, FULL, NORMAL, FULL]);
  });

  it('resolves nothing before the commit', async () => {
    const open: boolean[] = [];
    const first = queue.run(() => open.push(database.inTransaction)).then(() => open.push(database.inTransaction));
    await Promise.all([first, add(1)]);
    expect(open).toEqual([true, false]);
  });

  it('undoes one that fails, with all that it wrote, and keeps the others', async () => {
    const fails = queue.run(() => {
      database.prepare('INSERT INTO t VALUES (7)').run();
      throw new BellhopError('not_found');
    });
    const outcomes = await Promise.allSettled([add(1), fails, add(2), add(1)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    await expect(fails).rejects.toMatchObject({ code: 'not_found' });
    expect(rows()).toEqual([1, 2]);
    expect(forgotten).toBe(3); // once for all that ran together, then for each of the two that failed again
    expect(commits).toBe(1);
  });

  it('tells nobody of a commit in which everything failed', async () => {
    await expect(queue.run(() => database.exec('nonsense'))).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(commits).toBe(0);
  });

  it('refuses the whole turn when its commit fails, and goes on after it', async () => {
    const orphan = queue.run(() => database.prepare('INSERT INTO child VALUES (99)').run());
    const outcomes = await Promise.allSettled([add(1), orphan, add(2)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(rows()).toEqual([]);
    expect(forgotten).toBe(1);
    expect(commits).toBe(0);
    await add(3);
    expect(rows()).toEqual([3]);
  });

  it('refuses what was done before when the whole transaction is lost under an operation', async () => {
    const first = add(1);
    const lost = queue.run(() => {
      database.exec('ROLLBACK');
      throw new Error('the disk is gone');
    });
    const outcomes = await Promise.allSettled([first, lost, add(2)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(rows()).toEqual([2]);
  });

  it('takes at most a hundred operations into one commit', async () => {
    await Promise.all(Array.from({ length: 250 }, (_, index) => add(index)));
    expect(commits).toBe(3);
    expect(rows()).toHaveLength(250);
  });

  it('leaves the rest to the next turn when the work has taken long', async () => {
    let now = 0;
    const ticking: Clock = { now: () => now, monotonic: () => (now += 15), after: () => ({ cancel: () => undefined }) };
    queue = new WriteQueue({ database, clock: ticking, log: silentLogger, forget: () => undefined });
    queue.onCommit(() => (commits += 1));
    await Promise.all([add(1), add(2), add(3)]);
    expect(commits).toBe(2);
  });

  it('survives a listener that throws', async () => {
    queue.onCommit(() => {
      throw new Error('listener');
    });
    let later = 0;
    queue.onCommit(() => (later += 1));
    await add(1);
    expect([commits, later]).toEqual([1, 1]);
  });

  it('does not spin when the store cannot begin', async () => {
    database.exec('BEGIN');
    const refused = add(1);
    await expect(refused).rejects.toBeInstanceOf(BellhopError);
    await add(2);
    expect(rows()).toEqual([2]);
  });

  it('commits what waits when it is closed, and refuses more', async () => {
    const last = add(1);
    queue.close();
    expect(rows()).toEqual([1]);
    await last;
    await expect(add(2)).rejects.toMatchObject({ code: 'shutting_down' });
    await settle();
    expect(rows()).toEqual([1]);
  });
});
