import type { ConnectorManifest } from '../../src/connector-api/index.ts';
import { xmppCapabilities } from './capabilities.ts';
import type { XmppConfig } from './config.ts';
import { configSchema, isLoopback } from './config.ts';
import { disconnectTable } from './disconnect-table.ts';
import { createMessageId, parseAddress } from './ids.ts';

/** XMPP with an account on any server. Light: knows nothing of the library, which the connector loads in the child. */
export const manifest: ConnectorManifest<XmppConfig> = {
  channel: 'xmpp',
  displayName: 'XMPP',
  library: '@xmpp/client',
  configSchema,
  linkMethods: ['password'],
  capabilitiesFor: () => xmppCapabilities,
  parseAddress,
  createMessageId,
  disconnects: disconnectTable,
  canaryAnsweredBy: 'network',
  isPrivateEndpoint: (config) => isLoopback(config.service),
};
