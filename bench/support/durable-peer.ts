import { join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * The least that a durable answer can cost: one row of the answer's bytes in one table without an index, all rows of an event-loop
 * turn in one commit with an fsync. No message, no event, no queue, no check. Pragmas as the product's store has them.
 */
export class DurablePeer {
  readonly #insert: Database.Statement<[string]>;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  #waiting: { readonly text: string; readonly resolve: (text: string) => void }[] = [];

  constructor(folder: string) {
    const database = new Database(join(folder, 'peer.db'));
    database.pragma('page_size = 8192');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec('CREATE TABLE answers (n INTEGER PRIMARY KEY, object TEXT NOT NULL) STRICT');
    this.#insert = database.prepare('INSERT INTO answers (object) VALUES (?)');
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** Resolves with the text once it is durable. */
  keep(text: string): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push({ text, resolve });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#begin.run();
    for (const { text } of batch) this.#insert.run(text);
    this.#commit.run();
    for (const { text, resolve } of batch) resolve(text);
  }
}
