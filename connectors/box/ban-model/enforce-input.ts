import { z } from 'zod';
import { banVariants } from './types.ts';

const MOST_DAYS = 10_000;

/** The lever `enforce`: which model judges from now on, and what it is to believe of the account. `null`: none. */
export const enforceSchema = z.strictObject({
  model: z.enum(banVariants).nullable(),
  /** The same seed draws the same limits. */
  seed: z.int().nonnegative().default(1),
  /** How long the number has been used, days. */
  ageDays: z.number().nonnegative().max(MOST_DAYS).default(365),
  /** Of the number's country; an IANA name. */
  timeZone: z
    .string()
    .refine((name) => isTimeZone(name), 'not a time zone')
    .default('UTC'),
});
export type EnforceInput = z.output<typeof enforceSchema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
