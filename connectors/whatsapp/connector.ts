import type { Connector } from '../../src/connector-api/index.ts';
import type { WhatsAppConfig } from './config.ts';
import { manifest } from './manifest.ts';
import { WhatsAppSession } from './session.ts';
import { versionSource } from './versions.ts';

/** WhatsApp as a linked device, on Baileys. Loaded in the child; the library itself when the first session needs it. */
export const connector: Connector<WhatsAppConfig> = {
  manifest,
  versions: versionSource,
  createSession: (context) => new WhatsAppSession(context),
};
