import { z } from 'zod';

/** A key's description stands in the example file and in the reference: what it is for, its unit, and why this default. */
export function about<T extends z.ZodType>(schema: T, description: string): T {
  return schema.describe(description);
}

export function seconds(min: number, max: number): z.ZodInt {
  return z.int().min(min).max(max);
}
