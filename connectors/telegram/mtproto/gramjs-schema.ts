import { createRequire } from 'node:module';
import { parseTl } from 'telegram/tl/generationHelpers.js';
import { z } from 'zod';

/** One field of a constructor or method, as the library's schema has it. */
export interface TlField {
  /** Neutral, see `tl.ts`. */
  readonly name: string;
  /** What the library calls it. */
  readonly libraryName: string;
  /** `int`, `long`, `bytes`, …, or the name of a type, which stands boxed. */
  readonly type: string;
  /** A vector of `type`: with its constructor id, or without. */
  readonly vector: 'boxed' | 'bare' | undefined;
  /** This field is a word of flags itself. */
  readonly isFlags: boolean;
  /** There only where this bit of the flags `word` (a `libraryName`) is set. */
  readonly flag: { readonly word: string; readonly mask: number } | undefined;
}

export interface TlClass {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly TlField[];
  readonly isMethod: boolean;
  /** The type that it is of, or that it answers with: `Updates`, `Vector<long>`. */
  readonly result: string;
}

const definitionSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  constructorId: z.number(),
  result: z.string(),
  isFunction: z.boolean(),
  argsConfig: z.record(
    z.string(),
    z.object({
      isVector: z.boolean(),
      isFlag: z.boolean(),
      flagName: z.string().nullable(),
      flagIndex: z.number(),
      flagIndicator: z.boolean(),
      type: z.string().nullable(),
      useVectorId: z.boolean().nullable(),
    }),
  ),
});

type Definition = z.infer<typeof definitionSchema>;

/** The texts that the library builds its classes from: the layer's, and MTProto's own. */
const SCHEMA_MODULES = ['telegram/tl/apiTl.js', 'telegram/tl/schemaTl.js'] as const;

/**
 * The schema of the library, by name and by constructor id. Read once a process: it takes some 0.1 s. The library keeps the same facts
 * inside its classes, where nobody can ask for them.
 */
export class GramjsSchema {
  readonly byName = new Map<string, TlClass>();
  readonly byId = new Map<number, TlClass>();

  constructor() {
    const load = createRequire(import.meta.url);
    for (const path of SCHEMA_MODULES) {
      for (const raw of parseTl(z.string().parse(load(path)), '')) this.#add(definitionSchema.parse(raw));
    }
  }

  #add(definition: Definition): void {
    const entry: TlClass = {
      id: definition.constructorId,
      name: neutralName(definition),
      fields: Object.entries(definition.argsConfig).map(([name, field]) => toField(name, field)),
      isMethod: definition.isFunction,
      result: definition.result,
    };
    this.byName.set(entry.name, entry);
    this.byId.set(entry.id, entry);
  }
}

function toField(libraryName: string, field: Definition['argsConfig'][string]): TlField {
  return {
    name: libraryName.replaceAll(/_([a-z0-9])/gi, (_match, letter: string) => letter.toUpperCase()),
    libraryName,
    type: field.type ?? '#',
    vector: field.isVector ? (field.useVectorId === true ? 'boxed' : 'bare') : undefined,
    isFlags: field.flagIndicator,
    flag: field.isFlag && field.flagName !== null ? { word: field.flagName, mask: 2 ** field.flagIndex } : undefined,
  };
}

/** The library begins every name with a capital letter. */
function neutralName({ name, namespace }: Definition): string {
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  return namespace === undefined ? lower : `${namespace}.${lower}`;
}
