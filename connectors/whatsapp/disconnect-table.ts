import type { DisconnectRow } from '../../src/connector-api/index.ts';
import { disconnectRow } from '../../src/connector-api/index.ts';
import { knownStatuses, toDisconnectCause } from './disconnect.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** How connections to WhatsApp end, for people; each row is asked of `toDisconnectCause`. */
export const disconnectTable: readonly DisconnectRow[] = [
  ...knownStatuses.map((statusCode) =>
    disconnectRow(String(statusCode), toDisconnectCause({ type: 'closed', statusCode })),
  ),
  disconnectRow(
    'an error of this system, e.g. ECONNRESET',
    toDisconnectCause({ type: 'closed', data: failure('ECONNRESET') }),
  ),
  disconnectRow(
    'an error of TLS, e.g. CERT_HAS_EXPIRED',
    toDisconnectCause({ type: 'closed', data: failure('CERT_HAS_EXPIRED') }),
  ),
  disconnectRow(
    'an error of the WebSocket, e.g. WS_ERR_INVALID_OPCODE',
    toDisconnectCause({ type: 'closed', data: failure('WS_ERR_INVALID_OPCODE') }),
  ),
  disconnectRow('an HTTP status in place of the line', toDisconnectCause({ type: 'upgrade_refused', status: 502 })),
  disconnectRow('no answer within a minute', toDisconnectCause({ type: 'connect_timeout' })),
  disconnectRow('certificates that do not hold', toDisconnectCause({ type: 'untrusted_server' })),
  disconnectRow('the vault refuses a write', toDisconnectCause({ type: 'store_failed' })),
  disconnectRow('the library behaves otherwise', toDisconnectCause({ type: 'uncorrelated' })),
  { native: 'no account in the vault', kind: 'logged_out', code: 'whatsapp_not_linked' },
  disconnectRow('anything else', toDisconnectCause({ type: 'closed' })),
];
