import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../scripts/generated-files.ts';
import { errorRegistry } from '../../src/core/error-registry.ts';

describe('generated files', async () => {
  it.each(await generatedFiles())('$path is what the code makes (else: npm run generate)', ({ path, text }) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  });
});

describe('the error registry', () => {
  it('and its page name the same codes', () => {
    const page = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1] ?? '');
    expect(new Set(documented)).toEqual(new Set(Object.keys(errorRegistry)));
    expect(documented).toHaveLength(Object.keys(errorRegistry).length);
  });

  it.each(Object.entries(errorRegistry))('%s has a status, says what happened and what to do', (_, entry) => {
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.title).toMatch(/^[A-Z].*\.$/);
    expect(entry.remedy.length).toBeGreaterThan(10);
  });
});
