import type { Statement } from 'better-sqlite3';
import type { VaultCursor } from '../../connector-api/vault.ts';
import { packFields, readTextField, textField, unpackFields } from './record-fields.ts';
import type { VaultCipher } from './vault-cipher.ts';
import type { VaultDatabase } from './vault-database.ts';
import type { VaultHeader } from './vault-header.ts';
import { blobOf } from './vault-rows.ts';

/** Named positions in the network's streams. */
export class SealedCursor implements VaultCursor {
  readonly #database: VaultDatabase;
  readonly #cipher: VaultCipher;
  readonly #header: VaultHeader;
  readonly #select: Statement;
  readonly #selectAll: Statement;
  readonly #upsert: Statement;

  constructor(deps: { database: VaultDatabase; cipher: VaultCipher; header: VaultHeader }) {
    this.#database = deps.database;
    this.#cipher = deps.cipher;
    this.#header = deps.header;
    this.#select = deps.database.prepare('SELECT id, sealed FROM cursors WHERE id = ?');
    this.#selectAll = deps.database.prepare('SELECT id, sealed FROM cursors');
    this.#upsert = deps.database.prepare(
      'INSERT INTO cursors (id, sealed) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed',
    );
  }

  get(name: string): string | undefined {
    const row = this.#select.get(this.#cipher.nameId('cursor', name));
    return row === undefined ? undefined : this.#read(row);
  }

  set(name: string, value: string): void {
    const id = this.#cipher.nameId('cursor', name);
    const sealed = this.#cipher.seal(this.#place(id), packFields([textField(name), textField(value)]));
    this.#database.transaction(() => this.#upsert.run(id, sealed));
  }

  /** Opens every record once; throws `vault_corrupt` at the first that is damaged. */
  verify(): void {
    for (const row of this.#selectAll.iterate()) this.#read(row);
  }

  #read(row: unknown): string {
    const plain = this.#cipher.unseal(this.#place(blobOf(row, 'id')), blobOf(row, 'sealed'));
    return readTextField(unpackFields(plain, 2)[1]);
  }

  #place(id: Uint8Array): string {
    return `cursors ${this.#header.generation} ${Buffer.from(id).toString('hex')}`;
  }
}
