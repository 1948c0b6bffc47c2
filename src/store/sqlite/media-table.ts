import type Database from 'better-sqlite3';
import type { Media } from '../../engine/model/access.ts';
import type { PropertyFilter } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';

/** What is known about files; their bytes lie elsewhere under their hash. */
export class MediaTable {
  readonly #sql;

  constructor(deps: { database: Database.Database }) {
    this.#sql = {
      get: deps.database.prepare<[string], { object: JsonOf<Media> }>('SELECT object FROM media WHERE id = ?'),
      insert: deps.database.prepare<[string, string, string]>(
        'INSERT INTO media (id, property, object) VALUES (?, ?, ?)',
      ),
    };
  }

  get(id: string, property: PropertyFilter): Media | null {
    const row = this.#sql.get.get(id);
    if (row === undefined) return null;
    const media = decode(row.object);
    return property !== null && media.property !== property ? null : media;
  }

  insert(media: Media): void {
    this.#sql.insert.run(media.id, media.property, encode(media).json);
  }
}
