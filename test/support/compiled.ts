import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

/** Below node_modules, so that what is not bundled is found, and nothing of it is ever committed. */
const CACHE = new URL('../../node_modules/.cache/bellhop-tests/', import.meta.url);

/**
 * A TypeScript program as one JavaScript file. A process that is forked from it starts in a quarter of the time that a loader needs to
 * compile each module anew; tests fork a hundred.
 */
export function compiled(source: URL): URL {
  const path = fileURLToPath(source);
  const { outputFiles } = buildSync({
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    // Names of classes and functions reach logs and errors.
    keepNames: true,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`${path} compiles to nothing`);
  const target = new URL(`${basename(path, '.ts')}-${process.pid}.mjs`, CACHE);
  const draft = new URL(`${target.href}.new`);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(draft, output.contents);
  renameSync(draft, target);
  return pathToFileURL(fileURLToPath(target));
}
