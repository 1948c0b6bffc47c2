import type { TelegramConfig } from '../config.ts';
import { isLoopback } from '../config.ts';
import { hasBots } from '../private-endpoint.ts';

const PUBLIC_ROOT = 'https://api.telegram.org';

export const NO_BOTS =
  'A private endpoint has no bots until channels.telegram.botApi names its Bot API; https://api.telegram.org is for Telegram itself.';
export const IN_THE_CLEAR =
  'channels.telegram.botApi is reached without encryption, and the token of the bot would be read on the way. Use https://, or a server on this machine.';

export type BotEndpoint =
  | { readonly ok: true; readonly root: string }
  /** `detail`: what is wrong with the configuration. */
  | { readonly ok: false; readonly detail: string };

/** Where bots of this configuration are at home. */
export function botEndpoint(config: Pick<TelegramConfig, 'endpoint' | 'botApi' | 'apiId'>): BotEndpoint {
  if (!hasBots(config)) return { ok: false, detail: NO_BOTS };
  const url = new URL(config.botApi ?? PUBLIC_ROOT);
  if (url.protocol !== 'https:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    return { ok: false, detail: IN_THE_CLEAR };
  return { ok: true, root: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}
