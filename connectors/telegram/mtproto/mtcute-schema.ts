import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

/** How the library writes a 64-bit integer: as a number where it is known to be small (`int53`), else as its own `Long`. */
export type LongForm = 'int53' | 'long';

export interface MtcuteSchema {
  readonly layer: number;
  /** By the name of the constructor or method, then of the field. */
  readonly longFields: ReadonlyMap<string, ReadonlyMap<string, LongForm>>;
}

const argument = z.object({ name: z.string(), type: z.string() });
const schemaFile = z.object({ l: z.int(), e: z.array(z.object({ name: z.string(), arguments: z.array(argument) })) });

const FORMS: Readonly<Record<string, LongForm>> = { int53: 'int53', long: 'long' };

/**
 * The layer, and the 64-bit fields of every constructor and method: all of the schema that has to be known in order to
 * turn the library's objects into neutral ones and back. Read once a process from the file that the library ships; the rest of it is dropped.
 */
export function readMtcuteSchema(): MtcuteSchema {
  const path = createRequire(import.meta.url).resolve('@mtcute/core/tl/api-schema.json');
  const { l: layer, e: entries } = schemaFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  const found = new Map<string, ReadonlyMap<string, LongForm>>();
  for (const entry of entries) {
    const fields = new Map<string, LongForm>();
    for (const { name, type } of entry.arguments) {
      const form = FORMS[type];
      if (form !== undefined) fields.set(camelCase(name), form);
    }
    if (fields.size > 0) found.set(entry.name, fields);
  }
  return { layer, longFields: found };
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
