import type { ConnectorManifest } from '../../src/connector-api/index.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { TelegramConfig } from './config.ts';
import { configSchema } from './config.ts';
import { disconnectTable } from './disconnect-table.ts';
import { createMessageId, parseAddress } from './ids.ts';
import { isPrivate } from './private-endpoint.ts';
import { accountKinds } from './stored-account.ts';
import { SHIPPED_VERSIONS, versionSource } from './versions.ts';

/**
 * Telegram with an account of a person, or with a bot. Light: knows nothing of the libraries, which the connector loads in the child.
 * `code` asks for the phone number where none is given, then for the code that Telegram sends; `bot` for the token of @BotFather.
 */
export const manifest: ConnectorManifest<TelegramConfig> = {
  channel: 'telegram',
  displayName: 'Telegram',
  library: '@mtcute/node',
  alternativeLibraries: ['telegram', 'grammy'],
  configSchema,
  linkMethods: ['qr', 'code', 'bot'],
  accountKinds,
  capabilitiesFor: (kind, accountKind) =>
    capabilitiesOf(
      kind,
      accountKinds.find((known) => known === accountKind),
    ),
  parseAddress,
  createMessageId,
  disconnects: disconnectTable,
  isPrivateEndpoint: isPrivate,
  canaryAnsweredBy: 'network',
  // A bot speaks the Bot API, which asks for no version of a client.
  clientVersions: (config, accountKind) => (accountKind === 'bot' ? [] : versionSource.known(config)),
  shippedVersions: SHIPPED_VERSIONS,
};
