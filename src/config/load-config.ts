import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { BellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';
import { type Environment, interpolate, overlayEnvironment } from './environment.ts';
import { type Config, configSchema, store } from './schema.ts';
import { type ConfigProblem, type KeyPath, readYaml, type YamlSource } from './yaml-source.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read; `null` when there is none and the defaults run. */
  readonly file: string | null;
}

export interface ConfigRequest {
  /** `--config`, when given. */
  readonly path?: string | undefined;
  readonly environment: Environment;
  readonly workingDir: string;
  /** What `channels.<channel>` may hold, by channel. */
  readonly channels: Record<string, z.ZodType>;
}

/** Thrown as `config_invalid`; every problem at once, each with its line, key and what was expected. */
export class ConfigError extends BellhopError {
  readonly problems: readonly ConfigProblem[];
  readonly file: string | null;

  constructor(file: string | null, problems: readonly ConfigProblem[]) {
    super('config_invalid', { detail: problems.map((problem) => describeProblem(file, problem)).join('\n') });
    this.name = 'ConfigError';
    this.problems = problems;
    this.file = file;
  }
}

/** Finds, reads, overlays and validates the configuration. Pure apart from reading files. Throws a ConfigError. */
export function loadConfig(request: ConfigRequest): LoadedConfig {
  const { file, source, overlay } = readAll(request);
  if (overlay.problems.length > 0) throw new ConfigError(file, overlay.problems);
  const parsed = configSchema(request.channels).safeParse(overlay.value);
  if (!parsed.success) {
    throw new ConfigError(
      file,
      parsed.error.issues.flatMap((issue) => toProblems(issue, source, overlay.variables)),
    );
  }
  return { config: parsed.data, file };
}

/**
 * Where the store is. Asked by commands for a daemon that runs: its secrets are mostly in the environment of the service alone, so
 * that the rest of the configuration is not looked at. Throws a ConfigError.
 */
export function loadStoreUrl(request: Omit<ConfigRequest, 'channels'>): string {
  const { file, source, overlay } = readAll(request);
  const parsed = store.prefault({}).safeParse(overlay.value['store']);
  if (parsed.success) return parsed.data.url;
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: ['store', ...issue.path] }));
  throw new ConfigError(
    file,
    issues.flatMap((issue) => toProblems(issue, source, overlay.variables)),
  );
}

/** The file with the environment over it, as it stands there. */
function readAll(request: Omit<ConfigRequest, 'channels'>) {
  const file = findFile(request);
  const source = readYaml(file === null ? '' : readText(file));
  if (source.problems.length > 0) throw new ConfigError(file, source.problems);
  const interpolated = interpolate(source.value, request.environment);
  const overlay = overlayEnvironment(isRecord(interpolated) ? { ...interpolated } : {}, request.environment, (path) =>
    readFileSync(resolve(request.workingDir, path), 'utf8'),
  );
  return { file, source, overlay };
}

function findFile(request: Omit<ConfigRequest, 'channels'>): string | null {
  const named = request.path ?? request.environment['BELLHOP_CONFIG'];
  if (named !== undefined && named !== '') return resolve(request.workingDir, named);
  const usual = resolve(request.workingDir, 'config.yaml');
  try {
    readFileSync(usual);
    return usual;
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ENOENT') return null;
    throw unreadable(usual, error);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): ConfigError {
  const reason = isRecord(error) && error['code'] === 'ENOENT' ? 'the file does not exist' : 'the file cannot be read';
  return new ConfigError(file, [{ key: '', message: reason }]);
}

function toProblems(
  issue: z.core.$ZodIssue,
  source: YamlSource,
  variables: ReadonlyMap<string, string>,
): ConfigProblem[] {
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => place([...path, key], 'unknown key', source, variables));
  }
  return [place(path, issue.message, source, variables)];
}

function place(
  path: KeyPath,
  message: string,
  source: YamlSource,
  variables: ReadonlyMap<string, string>,
): ConfigProblem {
  const key = path.join('.');
  const variable = [...variables].find(
    ([set]) => set === key || set.startsWith(`${key}.`) || key.startsWith(`${set}.`),
  )?.[1];
  const line = variable === undefined ? source.lineOf(path) : undefined;
  return { key, message, ...(line === undefined ? {} : { line }), ...(variable === undefined ? {} : { variable }) };
}

function describeProblem(file: string | null, problem: ConfigProblem): string {
  const name = file === null ? 'configuration' : (file.split('/').at(-1) ?? file);
  const where = problem.variable ?? (problem.line === undefined ? name : `${name}:${problem.line}`);
  return problem.key === '' ? `${where}: ${problem.message}` : `${where}: ${problem.key}: ${problem.message}`;
}
