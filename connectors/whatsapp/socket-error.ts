import type { DisconnectCause } from '../../src/connector-api/index.ts';

type Entry = Required<Pick<DisconnectCause, 'code' | 'detail'>>;

const NETWORK_ERROR: Entry = { code: 'whatsapp_network_error', detail: 'The line broke or could not be opened.' };
const TLS_FAILED: Entry = {
  code: 'whatsapp_tls_failed',
  detail:
    'No safe connection: the certificate or the encryption of whoever answered was not what it must be. Often it is a proxy, a login page of the internet provider, or a wrong clock.',
};
const NO_WEBSOCKET: Entry = {
  code: 'whatsapp_websocket_failed',
  detail: 'What came was no WebSocket, or a broken one: something between this machine and WhatsApp changes it.',
};

/**
 * The WebSocket, or what is below it, broke or never was. Baileys puts a number of its own (408, 500) where the network said
 * nothing, so that only the error itself is looked at. Pure.
 */
export function fromSocketError(error: unknown, isUnreached: boolean): DisconnectCause {
  const nativeCode = codeOf(error);
  const entry = socketEntry(nativeCode);
  return {
    kind: 'network',
    ...entry,
    ...(nativeCode === undefined ? {} : { nativeCode }),
    ...(isUnreached || entry !== NETWORK_ERROR ? { anyVersion: true } : {}),
  };
}

/** Codes of Node.js: `ERR_TLS_`, `ERR_SSL_` and the bare names of X.509 are TLS, `WS_` is the WebSocket, other `E…` the system. */
function socketEntry(code: string | undefined): Entry {
  if (code === undefined) return NETWORK_ERROR;
  if (code.startsWith('WS_')) return NO_WEBSOCKET;
  return code === 'EPROTO' || code.startsWith('ERR_') || !code.startsWith('E') ? TLS_FAILED : NETWORK_ERROR;
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined;
}
