import { existsSync, statfsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { ConnectorManifest } from '../connector-api/index.ts';
import type { Finding } from './finding.ts';

const LOW_SPACE_BYTES = 512 * 1_048_576; // some weeks of a hotel's messages and pictures
/** Addresses that only this machine reaches. */
const LOOPBACK = /^(?:127\.|::1$|localhost$)/;
const NODE_MAJORS = [20, 22, 24];

export function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (NODE_MAJORS.includes(major)) return { check: 'node', state: 'ok', text: `Node ${process.versions.node}` };
  return {
    check: 'node',
    state: 'warning',
    text: `Node ${process.versions.node} is not tested`,
    remedy: `Use Node ${NODE_MAJORS.join(', ')}.`,
  };
}

export function checkSqlite(): Finding {
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

export function checkLibrary({ channel, library, alternativeLibraries = [] }: ConnectorManifest): Finding {
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

export async function checkFolder(check: string, dir: string): Promise<Finding> {
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

export function checkVaultKey(config: Config, workingDir: string): Finding {
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

export function checkPort(host: string, port: number): Promise<Finding> {
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

const UTC_NAMES = /^(?:Etc\/)?(?:UTC|UCT|GMT|Universal|Zulu)(?:[+-]?0)?$/;

/** Everybody on the way could read keys and messages. */
export function checkExposure({ host, tls }: Config['server']): readonly Finding[] {
  if (tls !== undefined || LOOPBACK.test(host)) return [];
  return [
    {
      check: 'exposure',
      state: 'warning',
      text: `the API listens on ${host} without TLS`,
      remedy: 'Put a proxy with TLS in front and listen on 127.0.0.1, or set server.tls. Fine inside a container.',
    },
  ];
}

/** A hotel without anybody at the screen hears of trouble by mail or a webhook, or from Prometheus, which cannot be seen from here. */
export function checkAlerts({ email, webhooks }: Config['alerts']): Finding {
  const ways = [...(email.to.length === 0 ? [] : ['e-mail']), ...(webhooks.length === 0 ? [] : ['webhook'])];
  if (ways.length > 0)
    return { check: 'alerts', state: 'ok', text: `told by ${ways.join(' and ')}; try \`bellhop alerts test\`` };
  return {
    check: 'alerts',
    state: 'warning',
    text: 'nobody is told when something is wrong',
    remedy: 'Set alerts.email or alerts.webhooks, or load deploy/prometheus/bellhop.rules.yml into a Prometheus.',
  };
}

/** Quiet hours are those of the property: a machine that runs in UTC would keep them at other times of the night. */
export function checkQuietHours(
  { timeZone, quietHours }: Pick<Config['pacing'], 'timeZone' | 'quietHours'>,
  machineZone: string,
): Finding {
  const check = 'quiet hours';
  const { from, to } = quietHours;
  const zone = timeZone ?? machineZone;
  if (from === to)
    return {
      check,
      state: 'warning',
      text: 'there are none: messages go out at night, too',
      remedy: 'Set pacing.quietHours, unless that is meant.',
    };
  const text = `${from} to ${to} in ${zone}`;
  if (timeZone !== undefined || !UTC_NAMES.test(machineZone)) return { check, state: 'ok', text };
  return {
    check,
    state: 'warning',
    text: `${text}, as this machine has it`,
    remedy: "Set pacing.timeZone to the property's, e.g. Europe/Lisbon; servers and containers often run in UTC.",
  };
}
