import { isRecord } from '../core/json.ts';
import type { ConfigProblem } from './yaml-source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'BELLHOP_';
const LEVEL = '__';
const FILE_SUFFIX = '_FILE';

/**
 * Lays `BELLHOP_SERVER__PORT=8080` over the configuration: two underscores step down a level, one begins a new word of a
 * camelCase key. `…_FILE` names a file that holds the value. Variables without `__` are not configuration keys.
 */
export function overlayEnvironment(
  base: Record<string, unknown>,
  environment: Environment,
  readFile: (path: string) => string,
): { value: Record<string, unknown>; variables: ReadonlyMap<string, string>; problems: ConfigProblem[] } {
  const value = structuredClone(base);
  const variables = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const [name, raw] of Object.entries(environment).sort(([a], [b]) => a.localeCompare(b))) {
    if (raw === undefined || !name.startsWith(PREFIX) || !name.includes(LEVEL)) continue;
    const isFile = name.endsWith(FILE_SUFFIX) && !name.endsWith(LEVEL + FILE_SUFFIX.slice(1));
    const path = name
      .slice(PREFIX.length, isFile ? -FILE_SUFFIX.length : undefined)
      .split(LEVEL)
      .map(toCamelCase);
    const key = path.join('.');
    try {
      setAt(value, path, parseScalar(isFile ? readFile(raw).trim() : raw));
      variables.set(key, name);
    } catch (error) {
      problems.push({ key, variable: name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { value, variables, problems };
}

/**
 * Replaces `${NAME}` in text values. A key without a value, in the file or because its variable is not set, is left out, so that its
 * default applies: a section whose keys are all commented out is no error.
 */
export function interpolate(node: unknown, environment: Environment): unknown {
  if (typeof node === 'string') {
    const whole = /^\$\{([A-Z][A-Z0-9_]*)\}$/.exec(node)?.[1];
    if (whole !== undefined) return environment[whole];
    return node.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_, name: string) => environment[name] ?? '');
  }
  if (Array.isArray(node)) return node.map((item: unknown) => interpolate(item, environment));
  if (!isRecord(node)) return node;
  return Object.fromEntries(
    Object.entries(node)
      .map(([key, item]) => [key, interpolate(item, environment)] as const)
      .filter(([, item]) => item !== undefined && item !== null),
  );
}

function toCamelCase(segment: string): string {
  return segment.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Numbers, booleans, lists and maps may be given as JSON; everything else is text. */
function parseScalar(raw: string): unknown {
  if (!/^(?:-?\d+(?:\.\d+)?|true|false|null|[[{].*)$/s.test(raw)) return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

function setAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = root;
  for (const step of path.slice(0, -1)) {
    const next = node[step];
    const child: Record<string, unknown> = isRecord(next) ? next : {};
    node[step] = child;
    node = child;
  }
  const last = path.at(-1);
  if (last === undefined || last === '') throw new Error('the variable names no key');
  node[last] = value;
}
