import { resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { IdFactory } from '../core/ids.ts';
import type { Logger } from '../core/logger.ts';
import type { Store } from '../engine/ports/index.ts';
import { SecretBox } from './secret-box.ts';
import { IdleCheckpoint } from './sqlite/idle-checkpoint.ts';
import { checkKey } from './sqlite/key-check.ts';
import { migrate } from './sqlite/migrations.ts';
import { makeParts } from './sqlite/parts.ts';
import type { SessionFacts } from './sqlite/session-table.ts';
import { guardSqlite } from './sqlite/sqlite-errors.ts';
import { makeSqliteStore } from './sqlite/sqlite-store.ts';
import { MEMORY_PATH, openStoreFile } from './sqlite/store-file.ts';

export interface OpenStoreOptions {
  /** `sqlite:./data/bellhop.db`, or `sqlite::memory:` for tests. */
  readonly url: string;
  readonly clock: Clock;
  readonly ids: IdFactory;
  readonly log: Logger;
  /** 32 bytes; seals the secrets of webhooks. */
  readonly secretKey: Uint8Array;
  /** What to show of each session besides what is stored; without it a session shows what it was made with. */
  readonly sessionFacts?: (channel: string, sessionId: string) => SessionFacts;
}

const SQLITE_SCHEME = 'sqlite:';

/**
 * Opens the store, and creates or upgrades its file. Called once by the daemon at start; blocks while it reads the file.
 * Rejects with `store_locked`, `store_corrupt`, `store_too_new`, `store_full`, `store_unavailable`, `vault_key_wrong` and
 * `config_invalid` for a URL of another kind.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { clock, ids, log } = options;
  const secrets = new SecretBox(options.secretKey);
  const file = openStoreFile(pathOf(options.url));
  const { database } = file;
  try {
    return guardSqlite(() => {
      migrate(database, clock.now());
      checkKey(database, secrets);
      const parts = makeParts({ database, clock, ids, log, secrets });
      if (options.sessionFacts !== undefined) parts.sessions.describeBy(options.sessionFacts);
      const checkpoint = new IdleCheckpoint({ database, clock, log });
      if (file.durable) parts.queue.onCommit(() => checkpoint.noteCommit());
      return makeSqliteStore(parts, () => {
        checkpoint.stop();
        file.close();
      });
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

function pathOf(url: string): string {
  const path = url.startsWith(SQLITE_SCHEME) ? url.slice(SQLITE_SCHEME.length) : '';
  if (path === '') {
    throw new BellhopError('config_invalid', { detail: 'store.url must look like sqlite:./data/bellhop.db.' });
  }
  return path === MEMORY_PATH ? path : resolve(path.startsWith('//') ? path.slice(2) : path);
}
