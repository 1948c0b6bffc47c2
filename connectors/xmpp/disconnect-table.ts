import type { DisconnectRow } from '../../src/connector-api/index.ts';
import { disconnectRow } from '../../src/connector-api/index.ts';
import { knownConditions, toDisconnectCause } from './disconnect.ts';

const refusals = (at: 'login' | 'stream'): readonly DisconnectRow[] =>
  knownConditions(at).map((condition) =>
    disconnectRow(`${condition} (${at})`, toDisconnectCause({ type: 'refused', at, condition })),
  );

/** How connections to an XMPP server end, for people; each row is asked of `toDisconnectCause`. */
export const disconnectTable: readonly DisconnectRow[] = [
  ...refusals('login'),
  ...refusals('stream'),
  disconnectRow(
    'an error of this system, e.g. ECONNRESET',
    toDisconnectCause({ type: 'lost', systemCode: 'ECONNRESET' }),
  ),
  disconnectRow('no answer', toDisconnectCause({ type: 'silent' })),
  disconnectRow('no encryption', toDisconnectCause({ type: 'insecure' })),
  disconnectRow('no stream management', toDisconnectCause({ type: 'no_stream_management' })),
  disconnectRow('the vault refuses a write', toDisconnectCause({ type: 'store_failed' })),
  { native: 'no account in the vault', kind: 'logged_out', code: 'xmpp_not_linked' },
];
