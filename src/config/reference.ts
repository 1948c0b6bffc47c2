import { z } from 'zod';
import { isRecord } from '../core/json.ts';
import { configSchema } from './schema.ts';

/** One key of the reference, read off the schema. */
export interface ReferenceEntry {
  readonly key: string;
  readonly type: string;
  readonly defaultText: string;
  readonly description: string;
  readonly isSection: boolean;
}

/** Every key in the order of the schema; the source of `config.example.yaml` and of the reference page. */
export function describeConfig(channels: Record<string, z.ZodType>): readonly ReferenceEntry[] {
  const schema: unknown = z.toJSONSchema(configSchema(channels), { io: 'input', unrepresentable: 'any' });
  return walk(schema, []);
}

function walk(schema: unknown, path: readonly string[]): ReferenceEntry[] {
  if (!isRecord(schema)) return [];
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).flatMap(([name, child]) => {
    if (!isRecord(child)) return [];
    const key = [...path, name];
    const optionalObject = isRecord(child['properties']) && child['default'] === undefined;
    const isSection = isRecord(child['properties']) && !optionalObject;
    const entry: ReferenceEntry = {
      key: key.join('.'),
      type: typeText(child),
      defaultText: child['default'] === undefined || isSection ? '' : JSON.stringify(child['default']),
      description: typeof child['description'] === 'string' ? child['description'] : '',
      isSection,
    };
    return isSection ? [entry, ...walk(child, key)] : [entry];
  });
}

function typeText(schema: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${String(value)}\``).join(' or ');
  const type = typeof schema['type'] === 'string' ? schema['type'] : 'value';
  if (type === 'integer' || type === 'number') {
    const { minimum, maximum } = schema;
    const bounded = typeof minimum === 'number' && typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER;
    return bounded ? `${type}, ${minimum} to ${maximum}` : type;
  }
  if (type === 'array' && isRecord(schema['items'])) return `list of ${typeText(schema['items'])}`;
  return type === 'string' ? 'text' : type === 'object' ? 'map' : type;
}

const EXAMPLE_HEADER = `# Bellhop's configuration. Every key stands here with its default; a key that is commented out has none.
# Copy this file to config.yaml. Each key can also be set by environment: BELLHOP_SERVER__PORT=8080, and secrets from
# a file: BELLHOP_SESSIONS__KEY_FILE=/run/secrets/sessions-key. Generated from the schema; do not edit by hand.
`;

/** `config.example.yaml`. */
export function renderExample(entries: readonly ReferenceEntry[]): string {
  const lines = entries.flatMap((entry) => {
    const steps = entry.key.split('.');
    const indent = '  '.repeat(steps.length - 1);
    const name = steps.at(-1) ?? '';
    const comment = entry.description === '' ? [] : [`${indent}# ${entry.description}`];
    if (entry.isSection) return ['', ...comment, `${indent}${name}:`];
    return [...comment, entry.defaultText === '' ? `${indent}# ${name}:` : `${indent}${name}: ${entry.defaultText}`];
  });
  return `${EXAMPLE_HEADER}${lines.join('\n')}\n`;
}

/** `docs/reference/config.md`. */
export function renderReference(entries: readonly ReferenceEntry[]): string {
  const rows = entries.flatMap((entry) => {
    if (entry.isSection) {
      const level = '#'.repeat(entry.key.split('.').length + 1);
      return [
        '',
        `${level} \`${entry.key}\``,
        '',
        entry.description,
        '',
        '| key | type | default | what for |',
        '| --- | --- | --- | --- |',
      ];
    }
    const variable = `BELLHOP_${entry.key
      .split('.')
      .map((step) => step.replace(/([A-Z])/g, '_$1').toUpperCase())
      .join('__')}`;
    const fallback = entry.defaultText === '' ? 'none' : `\`${entry.defaultText}\``;
    return [
      `| \`${entry.key}\`<br>\`${variable}\` | ${entry.type} | ${fallback} | ${entry.description.replaceAll('|', '\\|')} |`,
    ];
  });
  return [
    '# Configuration',
    '',
    '<!-- Generated from src/config/schema.ts by `npm run generate`. -->',
    ...rows,
    '',
  ].join('\n');
}
