import { z } from 'zod';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200; // a page of whole objects stays well under a megabyte
const LONGEST_CURSOR = 512;

const cursorText = z.string().min(1).max(LONGEST_CURSOR);

export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(MAX_LIMIT)
  .default(DEFAULT_LIMIT)
  .meta({ description: `How many; at most ${MAX_LIMIT}.` });

/** Query of every list. */
export const pageQuery = {
  limit,
  cursor: cursorText.optional().meta({ description: '`nextCursor` of the page before.' }),
};

export const eventCursor = cursorText.meta({ description: 'Cursor of an event; what comes after it is given.' });

/** `{ data, nextCursor }`. */
export function pageOf(item: z.ZodType) {
  return z.object({
    data: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Give it back as `cursor`; null at the end.' }),
  });
}

/** The page that the store is asked for. */
export function toPage(query: { limit: number; cursor?: string | undefined }): { limit: number; cursor?: string } {
  return query.cursor === undefined ? { limit: query.limit } : { limit: query.limit, cursor: query.cursor };
}
