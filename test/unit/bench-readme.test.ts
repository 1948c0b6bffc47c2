import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../bench/', import.meta.url);
const rows = readFileSync(new URL('README.md', folder), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'));
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

describe('the list of benchmarks', () => {
  it('has one row for each, and none for one that is gone', () => {
    const listed = rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? '');
    expect(new Set(listed)).toEqual(new Set(files));
    expect(listed).toHaveLength(files.length);
  });

  it('says of each how it is run, and what came of it when', () => {
    for (const row of rows) {
      const [, file, , command, , figures] = row.split('|').map((cell) => cell.trim());
      expect(command, row).toContain(`npx tsx bench/${file?.replaceAll('`', '')}`);
      expect(figures, row).toMatch(/^\d{4}-\d{2}-\d{2}: .*\d/);
    }
  });
});
