import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TlCodec } from './codec.ts';
import type { TlSchema } from './schema.ts';
import { parseTlJson } from './tl-json.ts';
import { parseTlText } from './tl-text.ts';

const here = createRequire(import.meta.url);

/** The layers that can be spoken, by number. */
export type Codecs = ReadonlyMap<number, TlCodec>;

/**
 * Reads the schemas that the installed libraries ship: gramjs' TL text and mtcute's JSON. Neither library itself is loaded.
 * Rejects where none is installed.
 */
export async function loadSchemas(): Promise<TlSchema[]> {
  const found = await Promise.all([fromGramjs(), fromMtcute()]);
  const schemas = found.filter((schema) => schema !== undefined);
  if (schemas.length === 0)
    throw new Error('The simulated network needs a TL schema: install the package "telegram" or "@mtcute/node".');
  return schemas;
}

let loaded: Promise<Codecs> | undefined; // files of the installation, which never change: read once a process

/** A codec for each layer of {@link loadSchemas}; each passes over the fields that only the others have. */
export function loadCodecs(): Promise<Codecs> {
  loaded ??= readCodecs();
  return loaded;
}

async function readCodecs(): Promise<Codecs> {
  const schemas = await loadSchemas();
  const fields = new Set(
    schemas.flatMap(({ definitions }) =>
      definitions.flatMap(({ name, params }) => params.map((param) => `${name} ${param.name}`)),
    ),
  );
  const isKnownField = (constructor: string, field: string): boolean => fields.has(`${constructor} ${field}`);
  return new Map(schemas.map((schema) => [schema.layer, new TlCodec(schema, isKnownField)]));
}

async function fromGramjs(): Promise<TlSchema | undefined> {
  const textPath = resolve(here, 'telegram/tl/apiTl.js');
  const layerPath = resolve(here, 'telegram/tl/AllTLObjects.js'); // only looked at: to load it is to load all of gramjs
  if (textPath === undefined || layerPath === undefined) return undefined;
  const layer = /LAYER = (\d+);/.exec(await readFile(layerPath, 'utf8'))?.[1];
  const text = /`([^`]*)`/.exec(await readFile(textPath, 'utf8'))?.[1];
  if (layer === undefined || text === undefined)
    throw new Error('The TL schema of the package "telegram" is not readable.');
  return { layer: Number(layer), definitions: parseTlText(text) };
}

async function fromMtcute(): Promise<TlSchema | undefined> {
  const nodePath = resolve(here, '@mtcute/node');
  if (nodePath === undefined) return undefined;
  const path = resolve(createRequire(nodePath), '@mtcute/core/tl/api-schema.json');
  if (path === undefined) throw new Error('The TL schema of the package "@mtcute/node" is not there.');
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  return parseTlJson(json);
}

function resolve(from: NodeJS.Require, name: string): string | undefined {
  try {
    return from.resolve(name);
  } catch {
    return undefined;
  }
}
