import type { IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import { request } from 'node:https';
import type { MediaSource } from './media-source.ts';

/** The media server answered with a status that is no file. */
export class MediaStatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super('media server refused');
    this.name = 'MediaStatusError';
    this.status = status;
  }
}

const DEFAULT_MEDIA_HOST = 'mmg.whatsapp.net'; // Baileys DEF_MEDIA_HOST
const ORIGIN = 'https://web.whatsapp.com'; // Baileys DEFAULT_ORIGIN; the media servers look at it
/** Without a byte for so long the transfer is dead; phones behind bad lines still send every few seconds. */
const IDLE_TIMEOUT_MS = 20_000;
const HTTP_OK = 200;

/**
 * Where the file lies. The sender wrote the host: unless the network is a private one, only WhatsApp's own hosts are asked,
 * for a guest must not be able to point this machine at others.
 */
export function mediaUrl(source: MediaSource, options: { readonly isPrivate: boolean }): URL | undefined {
  const named = parseUrl(source.url);
  const trusted = named !== undefined && (options.isPrivate || named.hostname.endsWith('.whatsapp.net'));
  if (source.directPath?.startsWith('/') === true) {
    return parseUrl(`https://${trusted ? named.host : DEFAULT_MEDIA_HOST}${source.directPath}`);
  }
  return trusted && named.protocol === 'https:' ? named : undefined;
}

function parseUrl(text: string | undefined): URL | undefined {
  try {
    return text === undefined ? undefined : new URL(text);
  } catch {
    return undefined;
  }
}

/** Opens the sealed bytes. Rejects with MediaStatusError or the error of the line; so does the stream. */
export function download(
  url: URL,
  deps: { readonly agent: Agent; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent: deps.agent,
      signal: deps.signal,
      headers: { origin: ORIGIN },
      timeout: IDLE_TIMEOUT_MS,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('media transfer went silent')));
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      if (response.statusCode === HTTP_OK) {
        resolve(response);
        return;
      }
      response.resume();
      reject(new MediaStatusError(response.statusCode ?? 0));
    });
    outgoing.end();
  });
}
