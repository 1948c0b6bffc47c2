import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/**
 * `npm run check`: the scripts of package.json named here, several at once, then the tests. What one of the first prints stands together,
 * under its name. All run to their end, so that one call shows everything that is wrong; only without a build there is nothing to test.
 */
const STEPS = ['lint', 'build', 'structure', 'unused', 'format:check', 'lint:api']; // the longest first; `lint` checks the types, too

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')));

const waiting = [...STEPS];
const failed = new Set<string>();
await Promise.all(Array.from({ length: Math.min(availableParallelism(), STEPS.length) }, work));
if (!failed.has('build') && (await run('vitest run', 'inherit')).code !== 0) failed.add('tests');
if (failed.size > 0) {
  console.log(`failed: ${[...failed].join(', ')}`);
  process.exitCode = 1;
}

async function work(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const begunAt = performance.now();
    const { output, code } = await run(scripts[name] ?? '', 'pipe');
    if (code !== 0) failed.add(name);
    const seconds = ((performance.now() - begunAt) / 1_000).toFixed(1);
    console.log(code === 0 ? `✓ ${name} (${seconds} s)` : `✗ ${name} (${seconds} s)\n${output}`);
  }
}

/** Runs a line as npm does, with the project's own programs in its path. Code null = ended by a signal; output '' = it was shown. */
function run(line: string, output: 'inherit' | 'pipe'): Promise<{ output: string; code: number | null }> {
  const env = { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env['PATH'] ?? ''}` };
  const child = spawn(line, { cwd: ROOT, env, shell: true, stdio: ['ignore', output, output] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ output: Buffer.concat(said).toString('utf8'), code }));
  });
}
