import type { Statement } from 'better-sqlite3';
import type { SpoolEntry, VaultSpool } from '../../connector-api/vault.ts';
import type { Clock } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import { numberField, packFields, readNumberField, readTextField, textField, unpackFields } from './record-fields.ts';
import type { VaultCipher } from './vault-cipher.ts';
import type { VaultDatabase } from './vault-database.ts';
import type { VaultHeader } from './vault-header.ts';
import { blobOf, integerOf } from './vault-rows.ts';

interface Row {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly entry: SpoolEntry;
}

/** What the network handed over, in order of arrival. The times are sealed too; the columns only serve the queries. */
export class SealedSpool implements VaultSpool {
  readonly #database: VaultDatabase;
  readonly #cipher: VaultCipher;
  readonly #header: VaultHeader;
  readonly #clock: Clock;
  readonly #select: Statement;
  readonly #selectPending: Statement;
  readonly #selectAll: Statement;
  readonly #nextSeq: Statement;
  readonly #write: Statement;
  readonly #delete: Statement;
  readonly #prune: Statement;
  readonly #depth: Statement;

  constructor(deps: { database: VaultDatabase; cipher: VaultCipher; header: VaultHeader; clock: Clock }) {
    this.#database = deps.database;
    this.#cipher = deps.cipher;
    this.#header = deps.header;
    this.#clock = deps.clock;
    this.#select = deps.database.prepare('SELECT * FROM spool WHERE id = ?');
    this.#selectPending = deps.database.prepare('SELECT * FROM spool WHERE settled_at IS NULL ORDER BY seq LIMIT ?');
    this.#selectAll = deps.database.prepare('SELECT * FROM spool');
    this.#nextSeq = deps.database.prepare('SELECT coalesce(max(seq), 0) + 1 AS seq FROM spool');
    this.#write = deps.database.prepare(
      'INSERT OR REPLACE INTO spool (seq, id, settled_at, sealed) VALUES (?, ?, ?, ?)',
    );
    this.#delete = deps.database.prepare('DELETE FROM spool WHERE id = ?');
    this.#prune = deps.database.prepare('DELETE FROM spool WHERE settled_at IS NOT NULL AND settled_at < ?');
    this.#depth = deps.database.prepare('SELECT count(*) AS depth FROM spool WHERE settled_at IS NULL');
  }

  /** A key that was settled before becomes pending again, at the end. */
  put(key: string, body: Uint8Array): void {
    const id = this.#id(key);
    this.#database.transaction(() => {
      const known = this.#find(id);
      if (known !== undefined && known.entry.settledAt === undefined) {
        this.#save(known.seq, id, { ...known.entry, body });
        return;
      }
      const seq = integerOf(this.#nextSeq.get(), 'seq') ?? 1;
      this.#save(seq, id, { key, body, putAt: this.#clock.now() });
    });
  }

  get(key: string): SpoolEntry | undefined {
    return this.#find(this.#id(key))?.entry;
  }

  pending(limit: number): readonly SpoolEntry[] {
    return this.#selectPending.all(Math.max(0, Math.floor(limit))).map((row) => this.#read(row).entry);
  }

  settle(key: string, body?: Uint8Array): void {
    const id = this.#id(key);
    this.#database.transaction(() => {
      const known = this.#find(id);
      if (known === undefined || known.entry.settledAt !== undefined) return;
      const last = body === undefined ? {} : { body };
      this.#save(known.seq, id, { ...known.entry, ...last, settledAt: this.#clock.now() });
    });
  }

  delete(key: string): void {
    const id = this.#id(key);
    this.#database.transaction(() => this.#delete.run(id));
  }

  prune(epochMs: number): number {
    return this.#database.transaction(() => this.#prune.run(epochMs).changes);
  }

  depth(): number {
    return integerOf(this.#depth.get(), 'depth') ?? 0;
  }

  /** Opens every record once; throws `vault_corrupt` at the first that is damaged. */
  verify(): void {
    for (const row of this.#selectAll.iterate()) this.#read(row);
  }

  #find(id: Uint8Array): Row | undefined {
    const row = this.#select.get(id);
    return row === undefined ? undefined : this.#read(row);
  }

  #save(seq: number, id: Uint8Array, entry: SpoolEntry): void {
    const fields = [textField(entry.key), numberField(entry.putAt), numberField(entry.settledAt), entry.body];
    const sealed = this.#cipher.seal(this.#place(seq, id), packFields(fields));
    this.#write.run(seq, id, entry.settledAt ?? null, sealed);
  }

  #read(row: unknown): Row {
    const seq = integerOf(row, 'seq') ?? 0;
    const id = blobOf(row, 'id');
    const plain = this.#cipher.unseal(this.#place(seq, id), blobOf(row, 'sealed'));
    const [key, put, settled, body] = unpackFields(plain, 4);
    const putAt = readNumberField(put);
    const settledAt = readNumberField(settled);
    if (body === undefined || putAt === undefined || settledAt !== integerOf(row, 'settled_at')) {
      throw new BellhopError('vault_corrupt', { detail: 'A spooled record contradicts its own columns.' });
    }
    return {
      seq,
      id,
      entry: { key: readTextField(key), body, putAt, ...(settledAt === undefined ? {} : { settledAt }) },
    };
  }

  #id(key: string): Uint8Array {
    return this.#cipher.nameId('spool', key);
  }

  #place(seq: number, id: Uint8Array): string {
    return `spool ${this.#header.generation} ${seq} ${Buffer.from(id).toString('hex')}`;
  }
}
