import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { BellhopError } from '../../src/core/errors.ts';
import type { WhatsAppConfig } from './config.ts';

const MOST_TRANSFERS_PER_HOST = 4; // as many as a browser opens beside its WebSocket

/**
 * The agent for everything that speaks TLS for a session: WebSocket, uploads, downloads. It trusts the configured
 * authority besides the usual ones; NODE_EXTRA_CA_CERTS would be read at the start of the process only. Blocks on one
 * small file. Throws `config_invalid` when the file cannot be read.
 */
export function createTlsAgent(config: WhatsAppConfig): Agent {
  const options = { keepAlive: true, maxSockets: MOST_TRANSFERS_PER_HOST };
  if (config.caFile === undefined) return new Agent(options);
  return new Agent({ ...options, ca: [...rootCertificates, readAuthority(config.caFile)] });
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BellhopError('config_invalid', { detail: 'channels.whatsapp.caFile cannot be read', cause });
  }
}
