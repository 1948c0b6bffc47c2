import { z } from 'zod';
import { isRecord } from '../../core/json.ts';

export type SchemaObject = Readonly<Record<string, unknown>>;

const ANY_JSON = 'JsonValue';

/** Turns zod schemas into JSON Schema and gathers those that have a name under `components`. */
export class SchemaCollector {
  readonly #components = new Map<string, SchemaObject>();

  /** `input`: what a caller sends; `output`: what Bellhop answers. Throws when one name stands for two shapes. */
  add(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
    const made: unknown = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      override: ({ jsonSchema }) => {
        // answers may grow fields; a generated client must not refuse them
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
        // only ever `{ type: string }` here, which says nothing
        delete jsonSchema.propertyNames;
        // the format says it all; the pattern is a page of leap years
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      },
    });
    if (!isRecord(made)) throw new Error('no schema');
    const { $schema: _, $defs, ...rest } = made;
    if (isRecord($defs)) for (const [name, definition] of Object.entries($defs)) this.#keep(name, definition);
    const root = rewrite(rest);
    return isRecord(root) ? withoutId(root) : {};
  }

  /** Sorted by name, so that the document does not change with the order of routes. */
  components(): Readonly<Record<string, SchemaObject>> {
    return Object.fromEntries([...this.#components].toSorted(([one], [other]) => one.localeCompare(other)));
  }

  #keep(rawName: string, definition: unknown): void {
    const name = componentName(rawName);
    const schema =
      name === ANY_JSON
        ? { description: 'Any JSON value.' }
        : rewrite(isRecord(definition) ? withoutId(definition) : {});
    if (!isRecord(schema)) return;
    const present = this.#components.get(name);
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(schema)) {
      throw new Error(`two schemas are named ${name}`);
    }
    this.#components.set(name, schema);
  }
}

/** zod numbers what has no name and refers to itself; the only such schema here is `z.json()`. */
function componentName(name: string): string {
  return name.startsWith('__schema') ? ANY_JSON : name;
}

function withoutId(schema: SchemaObject): SchemaObject {
  const { id: _, ...rest } = schema;
  return rest;
}

function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] =>
    key === '$ref' && typeof item === 'string'
      ? [key, `#/components/schemas/${componentName(item.replace('#/$defs/', ''))}`]
      : [key, rewrite(item)],
  );
  return Object.fromEntries(entries);
}
