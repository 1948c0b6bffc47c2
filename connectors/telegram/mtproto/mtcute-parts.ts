import type { SessionConnectionParams } from '@mtcute/node';
import { LogManager, type NodeCryptoProvider } from '@mtcute/node/utils.js';
import type { Logger } from '../../../src/core/logger.ts';
import type { KnownAddresses } from './known-addresses.ts';
import type { MtcuteSchema } from './mtcute-schema.ts';

/** What all clients of a process share: nothing of any account. */
export interface MtcuteParts {
  readonly crypto: NodeCryptoProvider;
  readonly schema: MtcuteSchema;
  readonly addresses: KnownAddresses;
}

/** The library would listen for the end of the process, and print to the terminal. */
export const silentPlatform: SessionConnectionParams['platform'] = {
  beforeExit: () => () => undefined,
  log: () => undefined,
  getDefaultLogLevel: () => LogManager.WARN,
  getDeviceModel: () => 'Bellhop',
};

/** Of the library's log only that there was a line, and how grave: the lines themselves hold addresses, data and stacks. */
export function mtcuteLog(log: Logger): LogManager {
  const manager = new LogManager('bellhop', silentPlatform);
  manager.handler = (_color, level, tag) => {
    log.debug('the MTProto library had something to say', { level, tag });
  };
  return manager;
}
