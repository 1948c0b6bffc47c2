import type { SessionVault, VaultCursor, VaultSecrets, VaultSpool } from '../../connector-api/vault.ts';
import type { Clock } from '../../core/clock.ts';
import { SealedCursor } from './sealed-cursor.ts';
import { SealedSecrets } from './sealed-secrets.ts';
import { SealedSpool } from './sealed-spool.ts';
import { VaultCipher } from './vault-cipher.ts';
import { DEFAULT_MAX_VAULT_BYTES, VaultDatabase } from './vault-database.ts';
import { guardVault } from './vault-errors.ts';
import { prepareVaultFile } from './vault-file.ts';
import { VaultHeader } from './vault-header.ts';

export interface OpenVaultOptions {
  /** Folder of all vaults; made with mode 0700 where it is missing. */
  readonly dir: string;
  readonly sessionId: string;
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  /** Writes beyond this reject with `store_full`. */
  readonly maxBytes?: number;
}

/** A vault that this process holds open, alone. */
export interface OpenVault extends SessionVault {
  /** Idempotent; afterwards every call throws `store_unavailable`. */
  close(): void;
}

/**
 * Opens a session's vault, or makes it. Called by the process that runs the session. Reads the whole file once, so that
 * damage shows here and not in the middle of the work. Throws `invalid_session_id`, `vault_key_wrong`, `vault_corrupt`,
 * `store_locked` (another process has it open), `store_too_new`, `store_full` or `store_unavailable`. Blocks; on the
 * order of 10 ms for a thousand records.
 */
export function openVault(options: OpenVaultOptions): OpenVault {
  const cipher = new VaultCipher({ masterKey: options.masterKey, sessionId: options.sessionId });
  const path = prepareVaultFile(options.dir, options.sessionId);
  const database = VaultDatabase.open(path, options.maxBytes ?? DEFAULT_MAX_VAULT_BYTES, (fresh) => {
    new VaultHeader({ database: fresh, cipher }).write(options.clock.now());
  });
  try {
    const header = new VaultHeader({ database, cipher });
    header.load();
    return new SqliteVault({ database, cipher, header, clock: options.clock }).verified();
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteVault implements OpenVault {
  readonly secrets: VaultSecrets;
  readonly cursor: VaultCursor;
  readonly spool: VaultSpool;
  readonly #database: VaultDatabase;
  readonly #header: VaultHeader;
  readonly #tables: readonly { verify(): void }[];
  #depth = 0;
  #cleared = false;

  constructor(deps: { database: VaultDatabase; cipher: VaultCipher; header: VaultHeader; clock: Clock }) {
    const secrets = new SealedSecrets(deps);
    const cursor = new SealedCursor(deps);
    const spool = new SealedSpool(deps);
    this.#database = deps.database;
    this.#header = deps.header;
    this.#tables = [secrets, cursor, spool];
    this.secrets = {
      get: (namespace, name) => guardVault(() => secrets.get(namespace, name)),
      set: (namespace, name, value) => secrets.set(namespace, name, value),
      delete: (namespace, name) => secrets.delete(namespace, name),
      entries: (namespace) => guardVault(() => secrets.entries(namespace)),
      clear: () => this.transaction(() => this.#clear()),
    };
    this.cursor = {
      get: (name) => guardVault(() => cursor.get(name)),
      set: (name, value) => cursor.set(name, value),
    };
    this.spool = {
      put: (key, body) => spool.put(key, body),
      get: (key) => guardVault(() => spool.get(key)),
      pending: (limit) => guardVault(() => spool.pending(limit)),
      settle: (key, body) => spool.settle(key, body),
      delete: (key) => spool.delete(key),
      prune: (epochMs) => spool.prune(epochMs),
      depth: () => guardVault(() => spool.depth()),
    };
  }

  verified(): this {
    guardVault(() => {
      for (const table of this.#tables) table.verify();
    });
    this.#database.shrink();
    return this;
  }

  transaction<T>(work: () => T, options: { readonly lazy: boolean } = { lazy: false }): T {
    this.#depth += 1;
    try {
      return this.#database.transaction(work, options);
    } catch (error) {
      if (this.#depth === 1) this.#forgetClear();
      throw error;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#finishClear();
    }
  }

  close(): void {
    this.#database.close();
  }

  #clear(): void {
    for (const table of ['secrets', 'cursors', 'spool']) this.#database.prepare(`DELETE FROM ${table}`).run();
    this.#header.advance();
    this.#cleared = true;
  }

  #forgetClear(): void {
    if (!this.#cleared) return;
    this.#cleared = false;
    this.#header.load(); // the generation in memory was rolled back in the file
  }

  // What was erased still stands in the log until it is copied into the file. The erasure itself is durable already,
  // so a disk that refuses the copy must not make it look failed.
  #finishClear(): void {
    if (!this.#cleared) return;
    this.#cleared = false;
    try {
      this.#database.checkpoint();
    } catch {
      // done by the next checkpoint or at close
    }
  }
}
