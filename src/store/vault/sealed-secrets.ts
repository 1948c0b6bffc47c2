import type { Statement } from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import { packFields, readTextField, textField, unpackFields } from './record-fields.ts';
import type { VaultCipher } from './vault-cipher.ts';
import type { VaultDatabase } from './vault-database.ts';
import type { VaultHeader } from './vault-header.ts';
import { blobOf } from './vault-rows.ts';

interface Secret {
  readonly namespace: string;
  readonly name: string;
  readonly value: Uint8Array;
}

/** The map of maps of bytes: names as keyed hashes, the names themselves inside the sealed values. */
export class SealedSecrets {
  readonly #database: VaultDatabase;
  readonly #cipher: VaultCipher;
  readonly #header: VaultHeader;
  readonly #select: Statement;
  readonly #selectSpace: Statement;
  readonly #selectAll: Statement;
  readonly #upsert: Statement;
  readonly #delete: Statement;

  constructor(deps: { database: VaultDatabase; cipher: VaultCipher; header: VaultHeader }) {
    this.#database = deps.database;
    this.#cipher = deps.cipher;
    this.#header = deps.header;
    this.#select = deps.database.prepare('SELECT space, id, sealed FROM secrets WHERE space = ? AND id = ?');
    this.#selectSpace = deps.database.prepare('SELECT space, id, sealed FROM secrets WHERE space = ?');
    this.#selectAll = deps.database.prepare('SELECT space, id, sealed FROM secrets');
    this.#upsert = deps.database.prepare(
      'INSERT INTO secrets (space, id, sealed) VALUES (?, ?, ?) ON CONFLICT (space, id) DO UPDATE SET sealed = excluded.sealed',
    );
    this.#delete = deps.database.prepare('DELETE FROM secrets WHERE space = ? AND id = ?');
  }

  get(namespace: string, name: string): Uint8Array | undefined {
    const row = this.#select.get(this.#space(namespace), this.#cipher.nameId('secret', namespace, name));
    return row === undefined ? undefined : this.#read(row).value;
  }

  set(namespace: string, name: string, value: Uint8Array): void {
    const space = this.#space(namespace);
    const id = this.#cipher.nameId('secret', namespace, name);
    const plain = packFields([textField(namespace), textField(name), value]);
    const sealed = this.#cipher.seal(this.#place(space, id), plain);
    this.#database.transaction(() => this.#upsert.run(space, id, sealed));
  }

  delete(namespace: string, name: string): void {
    const id = this.#cipher.nameId('secret', namespace, name);
    this.#database.transaction(() => this.#delete.run(this.#space(namespace), id));
  }

  entries(namespace: string): readonly (readonly [name: string, value: Uint8Array])[] {
    return this.#selectSpace.all(this.#space(namespace)).map((row) => {
      const secret = this.#read(row);
      return [secret.name, secret.value];
    });
  }

  /** Opens every record once; throws `vault_corrupt` at the first that is damaged. */
  verify(): void {
    for (const row of this.#selectAll.iterate()) this.#read(row);
  }

  #read(row: unknown): Secret {
    const space = blobOf(row, 'space');
    const id = blobOf(row, 'id');
    const plain = this.#cipher.unseal(this.#place(space, id), blobOf(row, 'sealed'));
    const [namespace, name, value] = unpackFields(plain, 3);
    if (value === undefined) throw new BellhopError('vault_corrupt');
    return { namespace: readTextField(namespace), name: readTextField(name), value };
  }

  #space(namespace: string): Uint8Array {
    return this.#cipher.nameId('namespace', namespace);
  }

  #place(space: Uint8Array, id: Uint8Array): string {
    return `secrets ${this.#header.generation} ${hex(space)} ${hex(id)}`;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
