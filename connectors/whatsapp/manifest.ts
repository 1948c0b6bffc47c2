import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { AddressReading, ConnectorManifest } from '../../src/connector-api/index.ts';
import { whatsappCapabilities } from './capabilities.ts';
import type { WhatsAppConfig } from './config.ts';
import { configSchema, isPrivate } from './config.ts';
import { disconnectTable } from './disconnect-table.ts';
import { createMessageId } from './ids.ts';
import { liveVersion } from './live-version.ts';
import { parseVersion, SHIPPED_VERSIONS, versionSource } from './versions.ts';

const E164 = /^\+[1-9]\d{6,14}$/;
const HIDDEN_USER = /^lid:\d{3,20}$/;
/** Groups of today are one long number; those made before 2021 are `<number>-<time>`. */
const GROUP = /^group:\d{5,25}(?:-\d{5,15})?$/;
const EXPECTED = 'expected E.164 as in +4915112345678, lid:<digits> or group:<id>';

function parseAddress(text: string): AddressReading {
  if (HIDDEN_USER.test(text)) return { ok: true, kind: 'direct', address: text };
  if (GROUP.test(text)) return { ok: true, kind: 'group', address: text };
  // `isPossible` and not `isValid`: numbering plans change faster than any table, but a wrong length is always wrong.
  const possible = E164.test(text) && parsePhoneNumberFromString(text)?.isPossible() === true;
  return possible ? { ok: true, kind: 'direct', address: text } : { ok: false, expected: EXPECTED };
}

/** WhatsApp as a linked device. Light: knows nothing of Baileys, which the connector loads in the child. */
export const manifest: ConnectorManifest<WhatsAppConfig> = {
  channel: 'whatsapp',
  displayName: 'WhatsApp',
  library: '@whiskeysockets/baileys',
  configSchema,
  linkMethods: ['qr', 'code'],
  capabilitiesFor: () => whatsappCapabilities,
  parseAddress,
  createMessageId,
  disconnects: disconnectTable,
  isPrivateEndpoint: isPrivate,
  clientVersions: (config) => versionSource.known(config),
  shippedVersions: SHIPPED_VERSIONS,
  versionOrder: parseVersion,
  liveVersion,
  canaryAnsweredBy: 'phone',
  tellsDelivery: true, // every phone acknowledges, and nobody can switch that off
};
