import type Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import type { Guest } from '../../engine/model/conversation.ts';
import type { PropertyFilter } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';
import { Recent } from './recent.ts';

const RECENT_GUESTS = 2000; // more than write or are written to within an hour in a large house; about 2 KiB each

/** A guest with the JSON that events carry. `nameEdited`: a person chose the name, so the network's no longer replaces it. */
export interface GuestRow {
  readonly guest: Guest;
  readonly json: string;
  readonly nameEdited: boolean;
}

interface Row {
  readonly name_edited: number;
  readonly object: JsonOf<Guest>;
}

/** Those seen lately are kept in memory, for each message asks for its guest; what is kept is never changed in place. */
export class GuestTable {
  readonly #sql;
  readonly #rows = new Recent<GuestRow>(RECENT_GUESTS);
  readonly #ids = new Recent<string>(RECENT_GUESTS);

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      get: database.prepare<[string], Row>('SELECT name_edited, object FROM guests WHERE id = ?'),
      insert: database.prepare<[string, string, number, string]>(
        'INSERT INTO guests (id, property, name_edited, object) VALUES (?, ?, ?, ?)',
      ),
      update: database.prepare<[number, string | null, string, string]>(
        'UPDATE guests SET name_edited = ?, merged_into = ?, object = ? WHERE id = ?',
      ),
      find: database.prepare<[string, string, string], { guest_id: string }>(
        'SELECT guest_id FROM guest_addresses WHERE channel = ? AND address = ? AND property = ?',
      ),
      findAnywhere: database.prepare<[string, string], { guest_id: string }>(
        'SELECT guest_id FROM guest_addresses WHERE channel = ? AND address = ? ORDER BY property LIMIT 1',
      ),
      setAddress: database.prepare<[string, string, string, string]>(
        `INSERT INTO guest_addresses (channel, address, property, guest_id) VALUES (?, ?, ?, ?)
         ON CONFLICT (channel, address, property) DO UPDATE SET guest_id = excluded.guest_id`,
      ),
    };
  }

  /** Drops what is kept in memory. */
  forget(): void {
    this.#rows.clear();
    this.#ids.clear();
  }

  get(id: string): GuestRow | undefined {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#sql.get.get(id);
    if (row === undefined) return undefined;
    return this.#keep({ guest: decode(row.object), json: row.object, nameEdited: row.name_edited === 1 });
  }

  /** The guest, or the one that it became part of. Rejects with `not_found`, also for another property's guest. */
  require(id: string, property: PropertyFilter): GuestRow {
    let row = this.get(id);
    while (row !== undefined && row.guest.mergedInto !== null) row = this.get(row.guest.mergedInto);
    if (row === undefined || (property !== null && row.guest.property !== property)) {
      throw new BellhopError('not_found', { detail: 'There is no such guest.' });
    }
    return row;
  }

  /** Id of the guest with this address. */
  find(channel: string, address: string, property: PropertyFilter): string | undefined {
    const key = addressKey(channel, address, property);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const row =
      property === null ? this.#sql.findAnywhere.get(channel, address) : this.#sql.find.get(channel, address, property);
    if (row !== undefined) this.#ids.set(key, row.guest_id);
    return row?.guest_id;
  }

  /** With its addresses. */
  insert(guest: Guest): GuestRow {
    const { json } = encode(guest);
    this.#sql.insert.run(guest.id, guest.property, 0, json);
    this.#saveAddresses(guest);
    return this.#keep({ guest, json, nameEdited: false });
  }

  /** The addresses are written only when `identities` is set. An address that another guest had moves here. */
  save(guest: Guest, facts: { nameEdited: boolean; identities?: boolean }): GuestRow {
    const { json } = encode(guest);
    this.#sql.update.run(facts.nameEdited ? 1 : 0, guest.mergedInto, json, guest.id);
    if (facts.identities === true) this.#saveAddresses(guest);
    return this.#keep({ guest, json, nameEdited: facts.nameEdited });
  }

  #saveAddresses(guest: Guest): void {
    for (const identity of guest.identities) {
      const { channel, address } = identity;
      this.#sql.setAddress.run(channel, address, guest.property, guest.id);
      this.#ids.delete(addressKey(channel, address, guest.property));
      this.#ids.delete(addressKey(channel, address, null));
    }
  }

  #keep(row: GuestRow): GuestRow {
    this.#rows.set(row.guest.id, row);
    return row;
  }
}

function addressKey(channel: string, address: string, property: PropertyFilter): string {
  return `${channel} ${property ?? ''} ${address}`;
}
