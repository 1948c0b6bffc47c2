import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

/**
 * What of a field is not plain: a 64-bit integer that the library writes as a number, since it is known to be small (`int53`), or as its
 * own `Long`; a flag that stands for itself (`true`), which the library tells as `false` where it is not set.
 */
export type FieldForm = 'int53' | 'long' | 'flag';

export interface MtcuteSchema {
  readonly layer: number;
  /** By the name of the constructor or method, then of the field. */
  readonly forms: ReadonlyMap<string, ReadonlyMap<string, FieldForm>>;
}

const argument = z.object({ name: z.string(), type: z.string() });
const schemaFile = z.object({ l: z.int(), e: z.array(z.object({ name: z.string(), arguments: z.array(argument) })) });

const FORMS: Readonly<Record<string, FieldForm>> = { int53: 'int53', long: 'long', true: 'flag' };

/**
 * The layer, and the fields of every constructor and method that are not plain: all of the schema that has to be known in order to
 * turn the library's objects into neutral ones and back. Read once a process from the file that the library ships; the rest of it is dropped.
 */
export function readMtcuteSchema(): MtcuteSchema {
  const path = createRequire(import.meta.url).resolve('@mtcute/core/tl/api-schema.json');
  const { l: layer, e: entries } = schemaFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  const found = new Map<string, ReadonlyMap<string, FieldForm>>();
  for (const entry of entries) {
    const fields = new Map<string, FieldForm>();
    for (const { name, type } of entry.arguments) {
      const form = FORMS[type];
      if (form !== undefined) fields.set(camelCase(name), form);
    }
    if (fields.size > 0) found.set(entry.name, fields);
  }
  return { layer, forms: found };
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
