import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The path of a program that some tests want, or null where it is missing: then the tests are skipped aloud, unless
 * BELLHOP_REQUIRE_PROGRAMS is set (CI installs them), where missing one is a failure.
 */
export function findProgram(name: string, debianPackage: string): string | null {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, name);
    if (isExecutable(path)) return path;
  }
  return missing(`the program "${name}" (Debian package ${debianPackage})`);
}

/** Says what is missing and answers null, or throws where nothing may be missing. */
export function missing(what: string): null {
  const text = `skipped: ${what} is missing`;
  if (process.env['BELLHOP_REQUIRE_PROGRAMS'] !== undefined) throw new Error(text);
  process.stderr.write(`${text}\n`);
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
