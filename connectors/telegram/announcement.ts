import type { TelegramConfig } from './config.ts';
import type { Announcement, ClientOptions } from './mtproto/client.ts';
import type { Rung } from './versions.ts';

/** What the list of devices shows besides the name: neither the machine nor its release, which change under an account. */
const SYSTEM_VERSION = 'Linux';
const LANGUAGE = 'en';

/** How an account that is linked now introduces itself from then on. */
export function newAnnouncement(config: TelegramConfig, rung: Rung): Announcement {
  return {
    deviceModel: config.deviceModel,
    systemVersion: SYSTEM_VERSION,
    appVersion: rung.appVersion,
    langCode: LANGUAGE,
    systemLangCode: LANGUAGE,
  };
}

/** The stored one; only the rung may change the version of the app, which is what a rung is. */
export const announcementFor = (stored: Announcement, { appVersion }: Rung): Announcement => ({
  ...stored,
  appVersion,
});

/** The options of a client that follow from the configuration. */
export function endpointOptions(config: TelegramConfig): Pick<ClientOptions, 'endpoint' | 'serverKeys'> {
  const { endpoint, serverKeys } = config;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(serverKeys === undefined ? {} : { serverKeys }),
  };
}
