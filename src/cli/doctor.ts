import { existsSync, statfsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import pc from 'picocolors';
import { z } from 'zod';
import { connectors } from '../../connectors/registry.ts';
import type { Config } from '../config/schema.ts';
import type { ConnectorManifest } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { session as sessionSchema } from '../engine/model/session.ts';
import { createApiClient } from './api-client.ts';
import { type CommandContext, readConfig } from './context.ts';
import { addressFile, type DaemonAddress, readAddress } from './daemon-address.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError } from './terminal.ts';

/** One thing that was looked at, and how to mend it where it is wrong. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly text: string;
  readonly remedy?: string;
}

const LOW_SPACE_BYTES = 512 * 1_048_576; // some weeks of a hotel's messages and pictures
const NODE_MAJORS = [20, 22, 24];

/** `bellhop doctor`: looks at everything that can be wrong with this set-up, changes nothing, and says how to mend it. */
export async function examine(context: CommandContext): Promise<void> {
  const findings = await collectFindings(context);
  if (context.options.json === true) context.terminal.out(JSON.stringify(findings, null, 2));
  else for (const finding of findings) context.terminal.out(renderFinding(finding));
  const problems = findings.filter((finding) => finding.state === 'problem').length;
  if (problems > 0) {
    throw new CommandError(exitCodes.failed, `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`);
  }
  if (context.options.json !== true) context.terminal.out(pc.dim('Nothing stands in the way.'));
}

async function collectFindings(context: CommandContext): Promise<readonly Finding[]> {
  const findings: Finding[] = [checkNode(), checkSqlite()];
  let config: Config;
  try {
    const loaded = readConfig(context);
    config = loaded.config;
    findings.push({
      check: 'config',
      state: 'ok',
      text: loaded.file === null ? 'no config.yaml: the defaults run, with the sandbox' : 'config.yaml is valid',
    });
  } catch (error) {
    return [...findings, problem('config', error)];
  }
  const address = readAddress(addressFile(config.store.url, context.workingDir));
  const daemon = address === null ? null : await reachDaemon(address);
  findings.push(
    ...connectors.map(({ manifest }) => checkLibrary(manifest)),
    await checkFolder('store', dirname(resolve(context.workingDir, config.store.url.replace(/^sqlite:/, '')))),
    await checkFolder('sessions', resolve(context.workingDir, config.sessions.dir)),
    checkVaultKey(config, context.workingDir),
    daemon === null
      ? await checkPort(config.server.host, config.server.port)
      : { check: 'daemon', state: 'ok', text: `running at ${address?.url ?? ''}` },
    ...(daemon ?? []),
  );
  return findings;
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (NODE_MAJORS.includes(major)) return { check: 'node', state: 'ok', text: `Node ${process.versions.node}` };
  return {
    check: 'node',
    state: 'warning',
    text: `Node ${process.versions.node} is not tested`,
    remedy: `Use Node ${NODE_MAJORS.join(', ')}.`,
  };
}

function checkSqlite(): Finding {
  try {
    createRequire(import.meta.url)('better-sqlite3/build/Release/better_sqlite3.node');
    return { check: 'sqlite', state: 'ok', text: 'better-sqlite3 is built for this Node' };
  } catch {
    return {
      check: 'sqlite',
      state: 'problem',
      text: 'better-sqlite3 does not load under this Node',
      remedy: 'Run `npm rebuild better-sqlite3` (about four minutes).',
    };
  }
}

function checkLibrary({ channel, library, alternativeLibraries = [] }: ConnectorManifest): Finding {
  const installed = [library, ...alternativeLibraries].filter(isInstalled);
  if (installed.length > 0) {
    return { check: `channel ${channel}`, state: 'ok', text: `${installed.join(', ')} installed` };
  }
  return {
    check: `channel ${channel}`,
    state: 'warning',
    text: `${library} is not installed`,
    remedy: `Run \`npm install ${library}\` to use this channel.`,
  };
}

function isInstalled(library: string): boolean {
  try {
    import.meta.resolve(library);
    return true;
  } catch {
    return false;
  }
}

async function checkFolder(check: string, dir: string): Promise<Finding> {
  try {
    const existing = nearestExisting(dir);
    await access(existing, constants.W_OK);
    const space = statfsSync(existing);
    const freeBytes = space.bavail * space.bsize;
    const free = `${Math.round(freeBytes / 1_048_576)} MiB free`;
    return freeBytes < LOW_SPACE_BYTES
      ? {
          check,
          state: 'warning',
          text: `only ${free}`,
          remedy: 'Free some disk space: on a full disk nothing is accepted.',
        }
      : { check, state: 'ok', text: `writable, ${free}` };
  } catch {
    return {
      check,
      state: 'problem',
      text: 'the folder cannot be written',
      remedy: `Give the user that runs Bellhop the right to write ${dir}.`,
    };
  }
}

function nearestExisting(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : nearestExisting(dirname(dir));
}

function checkVaultKey(config: Config, workingDir: string): Finding {
  if (config.sessions.key !== undefined) return { check: 'vault key', state: 'ok', text: 'set by the configuration' };
  if (existsSync(resolve(workingDir, config.sessions.dir, 'vault.key'))) {
    return {
      check: 'vault key',
      state: 'warning',
      text: 'lies beside the vaults',
      remedy: 'Better: keep it elsewhere and set BELLHOP_SESSIONS__KEY_FILE.',
    };
  }
  return { check: 'vault key', state: 'ok', text: 'is made at the first start' };
}

function checkPort(host: string, port: number): Promise<Finding> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      done({
        check: 'port',
        state: 'problem',
        text: `${host}:${port} cannot be used (${error.code ?? 'unknown'})`,
        remedy: 'Stop the other program, or set server.port.',
      });
    });
    probe.listen(port, host, () =>
      probe.close(() => done({ check: 'port', state: 'ok', text: `${host}:${port} is free` })),
    );
  });
}

async function reachDaemon(address: DaemonAddress): Promise<Finding[] | null> {
  try {
    const answer = await createApiClient(address).get('/v1/sessions?limit=200');
    const { data } = z.object({ data: z.array(sessionSchema) }).parse(answer);
    return data.map((session) => {
      const check = `session ${session.id}`;
      const healthy = session.state === 'connected';
      if (healthy || session.reason === null) return { check, state: healthy ? 'ok' : 'warning', text: session.state };
      const state = session.reason.action === 'none' ? 'warning' : 'problem';
      return { check, state, text: `${session.state}: ${session.reason.text}`, remedy: session.reason.remedy };
    });
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.unreachable) return null;
    throw error;
  }
}

function problem(check: string, error: unknown): Finding {
  if (error instanceof BellhopError)
    return { check, state: 'problem', text: error.detail ?? error.title, remedy: error.remedy };
  return { check, state: 'problem', text: error instanceof Error ? error.message : String(error) };
}

function renderFinding(finding: Finding): string {
  const mark = { ok: pc.green('✓'), warning: pc.yellow('!'), problem: pc.red('✗') }[finding.state];
  const line = `${mark} ${finding.check.padEnd(20)} ${finding.text.replaceAll('\n', `\n${' '.repeat(23)}`)}`;
  return finding.remedy === undefined ? line : `${line}\n${' '.repeat(23)}${pc.dim(finding.remedy)}`;
}
