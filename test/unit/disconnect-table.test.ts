import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectors } from '../../connectors/registry.ts';
import { disconnectKinds } from '../../src/connector-api/index.ts';

const root = new URL('../../', import.meta.url).pathname;
const reference = readFileSync(join(root, 'docs/reference/disconnects.md'), 'utf8');

/** The connector's own files, without tests and simulators. */
function sourcesOf(channel: string): string {
  const folder = join(root, 'connectors', channel);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/(^|\/)(?:test|simulator)\//.test(path) && !path.endsWith('-table.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}

describe.each(connectors.map(({ manifest }) => [manifest.channel, manifest] as const))(
  'the ends of connections of %s',
  (channel, { disconnects = [] }) => {
    it('are all in the table: every code that the connector can give', () => {
      const source = sourcesOf(channel);
      const given = [...source.matchAll(new RegExp(`\\bcode: '(${channel}_[a-z0-9_]+)'`, 'g'))].map(
        (match) => match[1] ?? '',
      );
      expect(given.length).toBeGreaterThan(5);
      const known = disconnects.map(({ code }) => code);
      for (const code of given) expect(known, code).toContain(code);
    });

    it('have one kind for each code, and a row of the reference', () => {
      const kinds = new Map<string, string>();
      for (const { code, kind } of disconnects) {
        expect(disconnectKinds).toContain(kind);
        expect(kinds.get(code) ?? kind, code).toBe(kind);
        kinds.set(code, kind);
        expect(reference).toContain(`| \`${kind}\` | \`${code}\` |`);
      }
      expect(kinds.size).toBeGreaterThan(5);
    });
  },
);
