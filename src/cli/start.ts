import { relative, resolve } from 'node:path';
import pc from 'picocolors';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import { systemRandom } from '../core/random.ts';
import { administrator } from '../daemon/access.ts';
import { startDaemon as composeDaemon, type Daemon } from '../daemon/daemon.ts';
import { createLogger } from '../observability/pino-logger.ts';
import { version } from '../version.ts';
import { createApiClient } from './api-client.ts';
import { type CommandContext, readConfig } from './context.ts';
import { addressFile, readAddress, removeAddress, writeAddress } from './daemon-address.ts';
import { linkSandbox, SANDBOX_SESSION, SANDBOX_TELEGRAM_SESSION } from './link-sandbox.ts';
import { type SandboxChild, startSandboxChild } from './sandbox-child.ts';
import { ServiceManager } from './service-manager.ts';
import { serviceStatus } from './service-status.ts';
import { renderStory } from './story-lines.ts';
import type { Terminal } from './terminal.ts';

/** What is under way gets this long at the end; systemd and Docker wait longer before they kill. */
const STOP_LIMIT_MS = 8_000;
const SANDBOX_DIR = './data/sandbox';

/** `bellhop start`: runs until SIGINT or SIGTERM. Without a configuration file it brings the sandbox along. */
export async function startDaemon(context: CommandContext, options: { sandbox: boolean }): Promise<void> {
  const { terminal, workingDir } = context;
  const loaded = readConfig(context);
  const address = addressFile(loaded.config.store.url, workingDir);
  await refuseSecondDaemon(address);
  const withSandbox = options.sandbox && loaded.file === null && !hasEndpoint(loaded.config);
  const sandbox = withSandbox
    ? await startSandboxChild({
        stateDir: resolve(workingDir, SANDBOX_DIR),
        workingDir,
        tell: (line) => terminal.out(renderStory(line)),
      })
    : null;
  const config = sandbox === null ? loaded.config : pointAtSandbox(loaded.config, sandbox);
  const ended = untilSignal();
  const log = createLogger({ level: config.log.level, format: logFormat(config) });
  let daemon: Daemon;
  try {
    daemon = await composeDaemon({
      config,
      workingDir,
      clock: systemClock,
      random: systemRandom,
      log,
      version,
      isSandbox: sandbox !== null,
    });
  } catch (error) {
    await sandbox?.stop();
    throw error;
  }
  writeAddress(address, { url: daemon.url, key: daemon.access.runKey, pid: process.pid });
  const service = serviceManager(daemon, log);
  // In a terminal the signal means that the window was closed; a daemon has none.
  if (!terminal.interactive) process.on('SIGHUP', () => void daemon.renew());
  introduce(terminal, daemon, { file: loaded.file, workingDir, storeUrl: config.store.url });
  try {
    if (sandbox !== null) {
      await linkSandbox({
        engine: daemon.engine.api,
        store: daemon.store,
        principal: administrator('sandbox'),
        sandbox,
      });
      introduceSandbox(terminal, daemon, sandbox);
    }
    await service.ready();
    log.info('Bellhop is running', { version, sessions: (await daemon.store.allSessions()).length });
    const signal = await ended;
    log.info('Bellhop stops', { signal });
    terminal.note(signal === 'SIGINT' ? '\nStopping …' : 'Stopping …');
  } finally {
    await service.stopping();
    removeAddress(address);
    await daemon.stop(STOP_LIMIT_MS);
    await sandbox?.stop();
  }
}

function serviceManager({ store }: Daemon, log: Logger): ServiceManager {
  return new ServiceManager({
    environment: process.env,
    pid: process.pid,
    clock: systemClock,
    log,
    checkHealth: () => store.ping(),
    status: async () => serviceStatus(await store.allSessions(), systemClock.now()),
  });
}

/**
 * The store's own lock would refuse a second daemon, too, but only after its sandbox had begun to write where the first one's does.
 * Throws `store_locked` when the daemon that left its address answers to the key that it left.
 */
async function refuseSecondDaemon(address: string): Promise<void> {
  const other = readAddress(address);
  if (other === null) return;
  const isRunning = await createApiClient(other)
    .get('/v1/sessions?limit=1')
    .then(
      () => true,
      () => false, // it was killed and could not take its address away
    );
  if (!isRunning) return;
  throw new BellhopError('store_locked', {
    detail: `A daemon (process ${other.pid}) runs on these files and answers at ${other.url}.`,
  });
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done(signal));
  });
}

function hasEndpoint(config: Config): boolean {
  return Object.values(config.channels).some(
    (channel) =>
      typeof channel === 'object' && channel !== null && 'endpoint' in channel && channel.endpoint !== undefined,
  );
}

/** A webhook receiver on this machine is what one tries first; the sandbox has no guests whose data could leak. */
function pointAtSandbox(config: Config, sandbox: SandboxChild): Config {
  const { endpoint, trustedRoots, caFile } = sandbox.ready.address;
  const { telegram } = sandbox.ready;
  const defaults = config.channels['telegram'];
  const channels = {
    ...config.channels,
    whatsapp: { endpoint, trustedRoots, caFile },
    ...(telegram === null ? {} : { telegram: { ...(isRecord(defaults) ? defaults : {}), ...telegram.channel } }),
  };
  return {
    ...config,
    channels,
    webhooks: { ...config.webhooks, allowTargets: [...config.webhooks.allowTargets, '127.0.0.0/8', '::1/128'] },
    log: { ...config.log, level: config.log.level === 'info' ? 'warn' : config.log.level },
  };
}

function logFormat(config: Config): 'text' | 'json' {
  if (config.log.format !== 'auto') return config.log.format;
  return process.stderr.isTTY ? 'text' : 'json';
}

function introduce(
  terminal: Terminal,
  daemon: Daemon,
  facts: { file: string | null; workingDir: string; storeUrl: string },
): void {
  const row = (name: string, text: string): void => terminal.out(`  ${pc.dim(name.padEnd(10))} ${text}`);
  terminal.out(`${pc.bold('Bellhop')} ${version} is running.`);
  row('API', `${daemon.url}/v1`);
  row('docs', `${daemon.url}/docs`);
  row('config', facts.file === null ? 'defaults (there is no config.yaml)' : relative(facts.workingDir, facts.file));
  row('store', facts.storeUrl.replace(/^sqlite:/, ''));
  if (daemon.access.newAdminKey !== null) {
    row('admin key', `${pc.bold(daemon.access.newAdminKey)}  ${pc.dim('shown only this once')}`);
  }
}

function introduceSandbox(terminal: Terminal, daemon: Daemon, sandbox: SandboxChild): void {
  const { hotel, guests, telegram } = sandbox.ready;
  const [guest] = guests;
  const row = (name: string, text: string): void => terminal.out(`  ${pc.dim(name.padEnd(10))} ${text}`);
  row(
    'sandbox',
    `a simulated WhatsApp network: "${hotel}" is linked as session ${SANDBOX_SESSION}, its guests are made up`,
  );
  if (telegram !== null)
    row('', `and a simulated Telegram beside it, session ${SANDBOX_TELEGRAM_SESSION}: Katrin writes on both`);
  row(
    'control',
    `${sandbox.ready.address.controlUrl}  ${pc.dim('guests and faults at your command, see docs/guides/sandbox.md')}`,
  );
  if (telegram !== null) row('', `${telegram.controlUrl}  ${pc.dim('the same for Telegram')}`);
  if (guest === undefined) return;
  const key = daemon.access.newAdminKey ?? '<your admin key>';
  const body = JSON.stringify({
    channel: 'whatsapp',
    to: guest.number,
    body: 'Guten Tag! Your room is ready from 3 pm.',
  });
  terminal.out(`\nAnswer ${guest.name} from another terminal, once the first message is here:\n`);
  terminal.out(
    `  curl -s ${daemon.url}/v1/messages -H 'authorization: Bearer ${key}' \\\n    -H 'content-type: application/json' -d '${body}'\n`,
  );
  if (daemon.access.newAdminKey === null) {
    terminal.out(pc.dim(`  (Key lost? \`npx bellhop keys create me --scope admin\` makes another.)\n`));
  }
  terminal.out(pc.dim('What the guests do, as it happens:'));
}
