import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Guest } from '../../engine/model/conversation.ts';
import type { ConversationStore } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode } from './codec.ts';
import { silenceMerged } from './consents.ts';
import { decodeCursor, encodeCursor, toPage } from './cursors.ts';
import { likePattern } from './like-pattern.ts';
import type { StoreParts } from './parts.ts';

type Guests = Pick<ConversationStore, 'getGuest' | 'listGuests' | 'updateGuest' | 'mergeGuests'>;
type Query = {
  readonly property: string | null;
  readonly before: string;
  readonly q: string | null;
  readonly limit: number;
};

const BEYOND_EVERY_ID = '~'; // sorts after all letters and digits

const select = (condition: string): string => `
  SELECT id, object FROM guests WHERE id < @before AND merged_into IS NULL ${condition}
    AND (@q IS NULL OR object ->> '$.displayName' LIKE @q ESCAPE '\\' OR EXISTS (
      SELECT 1 FROM json_each(object, '$.identities') i WHERE i.value ->> '$.address' LIKE @q ESCAPE '\\'))
  ORDER BY id DESC LIMIT @limit`;

/** People. */
export function guestOperations(parts: StoreParts): Guests {
  const { database, guests, directory, read, write } = parts;
  type Row = { readonly id: string; readonly object: JsonOf<Guest> };
  const all = database.prepare<Query, Row>(select(''));
  const ofProperty = database.prepare<Query, Row>(select('AND property = @property'));
  return {
    getGuest: (id, property) =>
      read(() => {
        const guest = guests.get(id)?.guest;
        return guest === undefined || (property !== null && guest.property !== property) ? null : guest;
      }),
    listGuests: ({ property, q }, page) =>
      read(() => {
        const before = page.cursor === undefined ? BEYOND_EVERY_ID : (decodeCursor('gst', page.cursor, 1)[0] ?? '');
        const rows = (property === null ? all : ofProperty).all({
          property,
          before,
          q: q === undefined ? null : likePattern(q),
          limit: page.limit + 1,
        });
        return toPage(
          rows,
          page.limit,
          (row) => decode(row.object),
          (row) => encodeCursor('gst', row.id),
        );
      }),
    updateGuest: (id, patch, property, at) =>
      write(() => {
        const row = guests.require(id, property);
        const { displayName, language, notes } = patch;
        const saved = guests.save(
          {
            ...row.guest,
            ...(displayName === undefined ? {} : { displayName }),
            ...(language === undefined ? {} : { language }),
            ...(notes === undefined ? {} : { notes }),
            updatedAt: toTimestamp(at),
          },
          { nameEdited: row.nameEdited || displayName !== undefined },
        );
        directory.announce(saved, 'guest.updated', at);
        directory.refreshConversations(saved, at);
        return saved.guest;
      }),
    mergeGuests: (into, from, property, at) =>
      write(() => {
        const survivor = guests.require(into, property);
        const other = guests.require(from, property);
        if (survivor.guest.id === other.guest.id) {
          throw new BellhopError('invalid_request', { detail: 'Both are the same guest.', pointer: 'guestId' });
        }
        if (survivor.guest.property !== other.guest.property) {
          throw new BellhopError('invalid_request', {
            detail: 'The guests belong to two properties.',
            pointer: 'guestId',
          });
        }
        const merged = directory.merge(survivor, other, at);
        silenceMerged(parts, merged, at);
        return merged.guest;
      }),
  };
}
