import type { Connector } from '../../src/connector-api/index.ts';
import type { TelegramConfig } from './config.ts';
import { manifest } from './manifest.ts';
import { TelegramSession } from './session.ts';
import { versionSource } from './versions.ts';

/** Telegram, with a person's account or a bot. Loaded in the child; the libraries when the first session needs them. */
export const connector: Connector<TelegramConfig> = {
  manifest,
  versions: versionSource,
  createSession: (context) => new TelegramSession(context),
};
