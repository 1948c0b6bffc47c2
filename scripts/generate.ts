import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generatedFiles } from './generated-files.ts';

/** `npm run generate` writes the generated files; with --check it only compares and fails when one is stale. */
const check = process.argv.includes('--check');
let stale = 0;
for (const file of await generatedFiles()) {
  const url = new URL(`../${file.path}`, import.meta.url);
  const present = read(url);
  if (present === file.text) continue;
  stale += 1;
  if (check) console.error(`stale: ${file.path}`);
  else {
    mkdirSync(dirname(url.pathname), { recursive: true });
    writeFileSync(url, file.text);
    console.log(`written: ${file.path}`);
  }
}
if (check && stale > 0) {
  console.error('Run `npm run generate` and commit the result.');
  process.exitCode = 1;
}

function read(url: URL): string | null {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return null;
  }
}
