import { connectors } from '../../connectors/registry.ts';
import { type LoadedConfig, loadConfig, loadStoreUrl } from '../config/load-config.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { addressFile, readAddress } from './daemon-address.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError, processTerminal, type Terminal } from './terminal.ts';

export interface GlobalOptions {
  readonly config?: string;
  readonly url?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** What every command starts from. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDir: string;
  readonly options: GlobalOptions;
}

export function createContext(options: GlobalOptions): CommandContext {
  return { terminal: processTerminal, environment: process.env, workingDir: process.cwd(), options };
}

export function readConfig(context: CommandContext): LoadedConfig {
  return loadConfig({
    ...requestOf(context),
    channels: Object.fromEntries(connectors.map(({ manifest }) => [manifest.channel, manifest.configSchema])),
  });
}

/** Where the configuration is to be looked for. */
export function requestOf({ options, environment, workingDir }: CommandContext) {
  return { path: options.config, environment, workingDir };
}

/** The daemon named by --url and --key or BELLHOP_URL and BELLHOP_API_KEY, else the one that runs on these files. */
export function connectToDaemon(context: CommandContext): ApiClient {
  const url = context.options.url ?? context.environment['BELLHOP_URL'];
  const key = context.options.key ?? context.environment['BELLHOP_API_KEY'];
  if (url !== undefined && key !== undefined) return createApiClient({ url, key });
  const local = readAddress(addressFile(loadStoreUrl(requestOf(context)), context.workingDir));
  if (local === null) {
    throw new CommandError(
      exitCodes.unreachable,
      'No daemon is running on the files of this folder.',
      'Start it with `bellhop start`, or name one with --url and --key.',
    );
  }
  return createApiClient({ url: url ?? local.url, key: key ?? local.key });
}
