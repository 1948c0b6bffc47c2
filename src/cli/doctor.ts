import { dirname, resolve } from 'node:path';
import pc from 'picocolors';
import { connectors } from '../../connectors/registry.ts';
import { loadStoreUrl } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { createApiClient } from './api-client.ts';
import { type CommandContext, readConfig, requestOf } from './context.ts';
import { addressFile, readAddress } from './daemon-address.ts';
import { examineDaemon } from './doctor-daemon.ts';
import {
  checkAlerts,
  checkExposure,
  checkFolder,
  checkLibrary,
  checkNode,
  checkPort,
  checkQuietHours,
  checkSqlite,
  checkVaultKey,
} from './doctor-machine.ts';
import { exitCodes } from './exit-codes.ts';
import type { Finding } from './finding.ts';
import { CommandError } from './terminal.ts';

/** `bellhop doctor`: looks at everything that can be wrong with this set-up, changes nothing, and says how to mend it. */
export async function examine(context: CommandContext): Promise<void> {
  const findings = await collectFindings(context);
  if (context.options.json === true) context.terminal.out(JSON.stringify(findings, null, 2));
  else for (const finding of findings) context.terminal.out(renderFinding(finding));
  const problems = findings.filter((finding) => finding.state === 'problem').length;
  if (problems > 0) {
    throw new CommandError(exitCodes.failed, `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`);
  }
  if (context.options.json === true) return;
  const warnings = findings.filter((finding) => finding.state === 'warning').length;
  const rest = warnings === 0 ? '.' : `; ${warnings} ${warnings === 1 ? 'thing is' : 'things are'} worth a look.`;
  context.terminal.out(pc.dim(`Nothing stands in the way${rest}`));
}

async function collectFindings(context: CommandContext): Promise<readonly Finding[]> {
  const findings: Finding[] = [checkNode(), checkSqlite()];
  let config: Config;
  let hasFile = false;
  try {
    const loaded = readConfig(context);
    config = loaded.config;
    hasFile = loaded.file !== null;
    findings.push({
      check: 'config',
      state: 'ok',
      text: loaded.file === null ? 'no config.yaml: the defaults run, with the sandbox' : 'config.yaml is valid',
    });
  } catch (error) {
    // Mostly secrets that only the service has: a daemon that runs all the same is looked at.
    return [...findings, problem('config', error), ...((await examineRunning(context)).findings ?? [])];
  }
  const { url, findings: daemon } = await examineRunning(context);
  findings.push(
    ...connectors.map(({ manifest }) => checkLibrary(manifest)),
    await checkFolder('store', dirname(resolve(context.workingDir, config.store.url.replace(/^sqlite:/, '')))),
    await checkFolder('sessions', resolve(context.workingDir, config.sessions.dir)),
    checkVaultKey(config, context.workingDir),
    ...checkExposure(config.server),
    ...(hasFile
      ? [
          checkAlerts(config.alerts),
          checkQuietHours(config.pacing, new Intl.DateTimeFormat().resolvedOptions().timeZone),
        ]
      : []),
    daemon === null
      ? await checkPort(config.server.host, config.server.port)
      : { check: 'daemon', state: 'ok', text: `running at ${url}` },
    ...(daemon ?? []),
  );
  return findings;
}

/** The daemon that runs on these files; `findings`: null when none answers. */
async function examineRunning(
  context: CommandContext,
): Promise<{ readonly url: string; readonly findings: readonly Finding[] | null }> {
  let file: string;
  try {
    file = addressFile(loadStoreUrl(requestOf(context)), context.workingDir);
  } catch {
    return { url: '', findings: null }; // told as a problem of the configuration
  }
  const address = readAddress(file);
  if (address === null) return { url: '', findings: null };
  return { url: address.url, findings: await examineDaemon(createApiClient(address), systemClock.now()) };
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
