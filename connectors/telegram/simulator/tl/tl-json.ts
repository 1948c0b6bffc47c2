import { z } from 'zod';
import type { TlSchema } from './schema.ts';
import { parseParam, parseType, toCamelCase } from './schema.ts';

const modifiersSchema = z.object({ predicate: z.string().optional(), isVector: z.boolean().optional() }).default({});

/** mtcute's JSON form of a schema; only what is read here. */
const schemaSchema = z.object({
  l: z.int(),
  e: z.array(
    z.object({
      kind: z.enum(['class', 'method']),
      name: z.string(),
      id: z.number(),
      type: z.string(),
      typeModifiers: modifiersSchema,
      arguments: z.array(z.object({ name: z.string(), type: z.string(), typeModifiers: modifiersSchema })),
    }),
  ),
});

type Modifiers = z.infer<typeof modifiersSchema>;

/** Throws a ZodError on anything but mtcute's schema file. */
export function parseTlJson(json: unknown): TlSchema {
  const { l: layer, e: entries } = schemaSchema.parse(json);
  return {
    layer,
    definitions: entries.filter(isOnTheWire).map((entry) => ({
      name: toCamelCase(entry.name),
      id: entry.id,
      params: entry.arguments.map(({ name, type, typeModifiers }) => parseParam(name, asText(type, typeModifiers))),
      result: parseType(asText(entry.type, entry.typeModifiers)),
      resultName: asText(entry.type, entry.typeModifiers),
      isMethod: entry.kind === 'method',
    })),
  };
}

/** mtcute adds a few that only it passes around within itself. */
function isOnTheWire({ name }: { readonly name: string }): boolean {
  return !name.startsWith('mtcute.');
}

function asText(type: string, { predicate, isVector }: Modifiers): string {
  const whole = isVector === true ? `Vector<${type}>` : type;
  return predicate === undefined ? whole : `${predicate}?${whole}`;
}
