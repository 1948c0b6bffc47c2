import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The package's version, from the one place where it stands: two levels up in the source tree and three in `dist`. */
export const version: string = readVersion(['../package.json', '../../package.json']);

function readVersion(candidates: readonly string[]): string {
  for (const candidate of candidates) {
    try {
      const text = readFileSync(new URL(candidate, import.meta.url), 'utf8');
      const manifest = z.object({ name: z.literal('bellhop'), version: z.string() }).safeParse(JSON.parse(text));
      if (manifest.success) return manifest.data.version;
    } catch {
      // not here: try the next place
    }
  }
  return '0.0.0';
}
