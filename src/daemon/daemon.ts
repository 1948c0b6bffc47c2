import { dirname, resolve } from 'node:path';
import { connectors } from '../../connectors/registry.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { IdFactory } from '../core/ids.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Store } from '../engine/ports/index.ts';
import { ForkedHost } from '../host/index.ts';
import { createHttpServer } from '../http/http-server.ts';
import { createMetrics } from '../observability/metrics.ts';
import { FileMediaStore } from '../store/media/index.ts';
import { openStore } from '../store/open-store.ts';
import { deleteVault } from '../store/vault/index.ts';
import { AddressPolicy } from '../webhooks/address-policy.ts';
import { WebhookDispatcher } from '../webhooks/dispatcher.ts';
import { createWebhookSender } from '../webhooks/sender.ts';
import { createTargetGuard } from '../webhooks/target-guard.ts';
import { type Access, prepareAccess } from './access.ts';
import { prepareAlerting } from './alerting.ts';
import { choosePacing, sessionFacts } from './channel-facts.ts';
import { saveConfiguredWebhooks } from './configured-webhooks.ts';
import { diskFigures } from './disk-space.ts';
import { checkHealth } from './health.ts';
import { Housekeeping } from './housekeeping.ts';
import { FetchedMedia } from './remote-media.ts';
import { refuseSandboxFiles } from './sandbox-guard.ts';
import { prepareVaultKey, tryVaultKey } from './vault-key.ts';

export interface DaemonDeps {
  readonly config: Config;
  /** Relative paths of the configuration start here. */
  readonly workingDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly version: string;
  /** The network is the sandbox that came along. */
  readonly isSandbox: boolean;
}

/** A daemon that runs. */
export interface Daemon {
  readonly url: string;
  readonly access: Access;
  readonly engine: Engine;
  readonly store: Store;
  /** Replaces the processes of all sessions, one at a time. Never rejects. */
  renew(): Promise<void>;
  /** Ends everything in reverse, within the limit: what is under way is finished, what waits stays in the store. */
  stop(limitMs: number): Promise<void>;
}

const MEBIBYTE = 1_048_576;
/** Half of the time for the sessions, so that the store is always closed properly. */
const SHARE_OF_SESSIONS = 0.5;

/**
 * Puts the parts together and starts them: the store first, then the API, then the sessions, since a hotel's system should
 * get an answer while a hundred accounts are still connecting. On a failure everything that had started is stopped again.
 */
export async function startDaemon(deps: DaemonDeps): Promise<Daemon> {
  const { config, clock, random, log } = deps;
  const path = (relative: string): string => resolve(deps.workingDir, relative);
  const started: Part[] = [];
  try {
    const policy = readPolicy(config.webhooks.allowTargets);
    const pacing = choosePacing(config, deps.isSandbox);
    const vaultDir = path(config.sessions.dir);
    const vaultKey = prepareVaultKey({ configured: config.sessions.key, dir: vaultDir });
    tryVaultKey({ key: vaultKey.key, dir: vaultDir, clock, log });
    const running: { engine: Engine | undefined; host: ForkedHost | undefined } = {
      engine: undefined,
      host: undefined,
    };
    const ids = new IdFactory({ clock, random });
    const storeUrl = absoluteUrl(config.store.url, deps.workingDir);
    const store = await openStore({
      url: storeUrl,
      clock,
      ids,
      log,
      secretKey: vaultKey.key,
      // What the ladder has learnt, as soon as there is one.
      sessionFacts: (channel, sessionId) => ({
        ...sessionFacts(config, channel),
        ...running.engine?.api.versions.facts(channel),
        liveness: running.engine?.livenessOf(sessionId) ?? null,
        pacing: running.engine?.pacingOf(sessionId) ?? null,
      }),
    });
    started.push({ name: 'store', stop: () => store.close() });
    if (!deps.isSandbox) await refuseSandboxFiles(store);
    const media = new FileMediaStore({ dir: path(config.media.dir) });
    await media.sweep();
    const access = await prepareAccess(config.auth, store, random);
    await saveConfiguredWebhooks(config.webhooks, store);

    const folders = {
      store: dirname(storeUrl.replace(/^sqlite:/, '')),
      vaults: vaultDir,
      media: path(config.media.dir),
    };
    const disks = () => diskFigures(folders);
    const userAgent = `Bellhop/${deps.version}`;
    const { alerting, ...ways } = prepareAlerting({ config: config.alerts, policy, clock, userAgent, disks });
    started.push({ name: 'alerts', stop: () => ways.stop() });
    const metrics = createMetrics({
      version: deps.version,
      figures: () => store.figures(clock.now()),
      now: () => clock.now(),
      processes: () => running.host?.processes() ?? [],
      tryStore: () => store.ping(),
      closedLanes: () => running.engine?.closedLanes() ?? [],
      gates: () => running.engine?.gates() ?? [],
      alertWays: () => running.engine?.api.alerts.ways() ?? [],
      disks,
    });
    const host = new ForkedHost({
      init: {
        sessionsDir: vaultDir,
        sessionsKey: Uint8Array.from(vaultKey.key),
        mediaDir: path(config.media.dir),
        logLevel: childLevel(config.log.level),
      },
      clock,
      log,
      maxSessionsPerChild: config.sessions.maxPerProcess,
      maxMemoryBytes: config.sessions.maxMemoryMb * MEBIBYTE,
      onProcessEnd: (channel, end) => metrics.processEnded(channel, end),
    });
    running.host = host;
    const remoteMedia = new FetchedMedia({
      openFiles: async () => {
        const { createRemoteFiles } = await import('../webhooks/remote-file.ts');
        return createRemoteFiles({ policy, userAgent });
      },
      media,
      store,
      limitBytes: config.media.maxBytes,
    });
    started.push({ name: 'remote media', stop: () => remoteMedia.stop() });
    const engine = createEngine({
      store,
      host,
      pacing,
      remoteMedia,
      manifests: new Map(connectors.map(({ manifest }) => [manifest.channel, manifest])),
      channelConfigs: new Map(Object.entries(config.channels)),
      clock,
      random,
      log,
      telemetry: metrics.telemetry,
      connectsPerSecond: config.sessions.connectsPerSecond,
      liveness: config.liveness,
      eraseVault: (sessionId) => deleteVault({ dir: vaultDir, sessionId }),
      alerting,
    });
    running.engine = engine;
    const server = createHttpServer({
      engine: engine.api,
      store,
      media,
      targets: createTargetGuard(policy),
      processes: host,
      metrics: () => metrics.render(),
      health: () => checkHealth(store),
      config: { ...config.server, mediaLimitBytes: config.media.maxBytes, logLevel: config.log.level },
      knownKeys: access.knownKeys,
      clock,
      random,
      log,
      version: deps.version,
    });
    const { url } = await server.start();
    started.push({ name: 'http', stop: () => server.stop() });

    const timeoutMs = config.webhooks.timeoutSeconds * 1_000;
    const sender = createWebhookSender({ policy, clock, timeoutMs, userAgent });
    const dispatcher = new WebhookDispatcher({
      store,
      sender,
      clock,
      random,
      log,
      telemetry: metrics.telemetry,
      concurrency: config.webhooks.concurrency,
      timeoutMs,
    });
    await dispatcher.start();
    started.push({ name: 'webhooks', stop: () => dispatcher.stop() });
    const housekeeping = new Housekeeping({ store, clock, log });
    housekeeping.start();
    started.push({ name: 'housekeeping', stop: () => housekeeping.stop() });
    await engine.start();

    return {
      url,
      access,
      engine,
      store,
      renew: () => host.renew(),
      stop: async (limitMs) => {
        const sessions = { name: 'sessions', stop: () => engine.stop(limitMs * SHARE_OF_SESSIONS) };
        await stopAll([...started, sessions], deps);
      },
    };
  } catch (error) {
    await stopAll(started, deps);
    throw error;
  }
}

interface Part {
  readonly name: string;
  stop(): Promise<void>;
}

/** In reverse; a part that cannot stop does not keep the others from it. */
async function stopAll(started: readonly Part[], { log, clock }: Pick<DaemonDeps, 'log' | 'clock'>): Promise<void> {
  for (const part of started.toReversed()) {
    const begunAt = clock.monotonic();
    try {
      await part.stop();
      log.debug('part stopped', { part: part.name, elapsedMs: Math.round(clock.monotonic() - begunAt) });
    } catch (error) {
      log.error('a part did not stop', { part: part.name, error: error instanceof Error ? error : undefined });
    }
  }
}

function readPolicy(allowTargets: readonly string[]): AddressPolicy {
  try {
    return new AddressPolicy(allowTargets);
  } catch (error) {
    throw new BellhopError('config_invalid', {
      detail: `webhooks.allowTargets: ${error instanceof Error ? error.message : 'not readable'}`,
    });
  }
}

function absoluteUrl(url: string, workingDir: string): string {
  const path = url.replace(/^sqlite:/, '');
  return `sqlite:${resolve(workingDir, dirname(path), path.split('/').at(-1) ?? path)}`;
}

function childLevel(level: Config['log']['level']): 'trace' | 'debug' | 'info' | 'warn' | 'error' {
  return level === 'silent' ? 'error' : level;
}
