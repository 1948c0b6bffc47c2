import type { ClientVersion } from '../../src/connector-api/index.ts';
import type { WhatsAppConfig } from './config.ts';
import { isOwnServer } from './config.ts';

/** The service worker of WhatsApp Web names the revision of the page; Baileys reads the same place (`fetchLatestWaWebVersion`). */
const OWN_PAGE = 'https://web.whatsapp.com/sw.js';
/** Some 100 kB today; more than this is something else; characters. */
const LONGEST_PAGE = 4_000_000;
/** `\"client_revision\":1043857760` in a string, or without the backslashes. */
const REVISION = /\\?"client_revision\\?"\s*:\s*(\d{6,12})\b/;
/** The revision is the third number; the two before have been these since 2022. */
const MAJOR_MINOR = '2.3000';

/** The page that is asked; undefined: none. */
export function livePage({ endpoint, liveVersions }: WhatsAppConfig): string | undefined {
  if (liveVersions !== undefined) return liveVersions === 'off' ? undefined : liveVersions;
  return endpoint === undefined || isOwnServer(endpoint) ? OWN_PAGE : undefined;
}

/** What WhatsApp publishes as the newest client version. Rejects when the page does not answer; redirects are not followed. */
export async function liveVersion(
  config: WhatsAppConfig,
  { signal }: { readonly signal: AbortSignal },
): Promise<ClientVersion | undefined> {
  const page = livePage(config);
  if (page === undefined) return undefined;
  const { request } = await import('undici'); // the daemon asks seldom, and reads this file at its start
  const answer = await request(page, { signal, headers: { 'sec-fetch-site': 'none', accept: '*/*' } });
  let text = '';
  for await (const part of answer.body.setEncoding('utf8')) {
    text += String(part);
    if (text.length > LONGEST_PAGE) break;
  }
  const revision = answer.statusCode === 200 ? REVISION.exec(text)?.[1] : undefined;
  return revision === undefined ? undefined : `${MAJOR_MINOR}.${revision}`;
}
