import type { DisconnectRow } from '../../src/connector-api/index.ts';
import { disconnectRow } from '../../src/connector-api/index.ts';
import { knownStatuses, toDisconnectCause } from './disconnect.ts';

/** How connections to WhatsApp end, for people; each row is asked of `toDisconnectCause`. */
export const disconnectTable: readonly DisconnectRow[] = [
  ...knownStatuses.map((statusCode) =>
    disconnectRow(String(statusCode), toDisconnectCause({ type: 'closed', statusCode })),
  ),
  disconnectRow(
    'an error of this system, e.g. ECONNRESET',
    toDisconnectCause({ type: 'closed', statusCode: 408, data: { code: 'ECONNRESET' } }),
  ),
  disconnectRow('an HTTP status in place of the line', toDisconnectCause({ type: 'upgrade_refused', status: 502 })),
  disconnectRow('no answer within a minute', toDisconnectCause({ type: 'connect_timeout' })),
  disconnectRow('certificates that do not hold', toDisconnectCause({ type: 'untrusted_server' })),
  disconnectRow('the vault refuses a write', toDisconnectCause({ type: 'store_failed' })),
  disconnectRow('the library behaves otherwise', toDisconnectCause({ type: 'uncorrelated' })),
  { native: 'no account in the vault', kind: 'logged_out', code: 'whatsapp_not_linked' },
  disconnectRow('anything else', toDisconnectCause({ type: 'closed' })),
];
