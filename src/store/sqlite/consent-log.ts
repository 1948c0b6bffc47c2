import type Database from 'better-sqlite3';

/** The rows of the ledger of consent; only ever added to. */
export class ConsentLog {
  readonly #insert;

  constructor(deps: { database: Database.Database }) {
    this.#insert = deps.database.prepare<[string, string]>('INSERT INTO consent_log (guest_id, object) VALUES (?, ?)');
  }

  add(guestId: string, json: string): void {
    this.#insert.run(guestId, json);
  }
}
