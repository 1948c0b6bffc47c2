import type { Connector } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { WhatsAppConfig } from './config.ts';
import { manifest } from './manifest.ts';
import { versionSource } from './versions.ts';

/** WhatsApp as a linked device, on Baileys. Loaded in the child. */
export const connector: Connector<WhatsAppConfig> = {
  manifest,
  versions: versionSource,
  createSession() {
    throw new BellhopError('connector_missing', { detail: 'the WhatsApp session is not in this build yet' });
  },
};
