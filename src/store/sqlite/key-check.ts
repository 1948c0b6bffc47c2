import type Database from 'better-sqlite3';
import type { SecretBox } from '../secret-box.ts';

const NAME = 'key_check';
const TEXT = 'bellhop';

/** A new store remembers the key that it was made with; later another key is refused with `vault_key_wrong`, before anything is lost. */
export function checkKey(database: Database.Database, secrets: SecretBox): void {
  const row = database
    .prepare<[string], { value: Uint8Array }>('SELECT value FROM store_facts WHERE name = ?')
    .get(NAME);
  if (row !== undefined) {
    secrets.open(NAME, row.value);
    return;
  }
  database.prepare('INSERT INTO store_facts (name, value) VALUES (?, ?)').run(NAME, secrets.seal(NAME, TEXT));
}
