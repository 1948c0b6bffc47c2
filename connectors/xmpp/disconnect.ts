import type { DisconnectCause, DisconnectKind } from '../../src/connector-api/index.ts';
import { isRecord } from '../../src/core/json.ts';

/** How a connection ended, as it was seen; nothing is judged yet. */
export type LineEnd =
  /** A condition of the stream (RFC 6120 §4.9.3) or of the login (§6.5). */
  | { readonly type: 'refused'; readonly at: 'stream' | 'login'; readonly condition: string }
  | { readonly type: 'lost'; readonly systemCode?: string }
  | { readonly type: 'silent' }
  | { readonly type: 'insecure' }
  | { readonly type: 'no_stream_management' }
  | { readonly type: 'store_failed' };

const BY_CONDITION: Readonly<Record<LineEndAt, ReadonlyMap<string, DisconnectKind>>> = {
  login: new Map<string, DisconnectKind>([
    ['not-authorized', 'logged_out'],
    ['credentials-expired', 'logged_out'],
    ['account-disabled', 'banned'],
    ['temporary-auth-failure', 'network'],
    ['invalid-mechanism', 'protocol_changed'],
    ['mechanism-too-weak', 'protocol_changed'],
  ]),
  stream: new Map<string, DisconnectKind>([
    ['conflict', 'replaced'],
    ['policy-violation', 'restricted'],
    ['not-authorized', 'logged_out'],
    ['connection-timeout', 'network'],
    ['host-gone', 'network'],
    ['internal-server-error', 'network'],
    ['remote-connection-failed', 'network'],
    ['resource-constraint', 'network'],
    ['see-other-host', 'network'],
    ['system-shutdown', 'network'],
    ['reset', 'restart_required'],
    ['unsupported-version', 'protocol_changed'],
    ['unsupported-feature', 'protocol_changed'],
  ]),
};
/** Every condition that is known, for the reference of ends. */
export const knownConditions = (at: LineEndAt): readonly string[] => [...BY_CONDITION[at].keys()];

type LineEndAt = Extract<LineEnd, { type: 'refused' }>['at'];

/** The raw end of a connection in words that are the same for every channel. Pure. */
export function toDisconnectCause(end: LineEnd): DisconnectCause {
  switch (end.type) {
    case 'refused':
      return {
        kind: BY_CONDITION[end.at].get(end.condition) ?? 'unknown',
        code: `xmpp_${end.at}_${end.condition.replaceAll('-', '_')}`,
        nativeCode: end.condition,
      };
    case 'lost':
      return {
        kind: 'network',
        code: 'xmpp_connection_lost',
        ...(end.systemCode === undefined ? {} : { nativeCode: end.systemCode }),
        detail: 'The line to the server broke or could not be opened.',
      };
    case 'silent':
      return { kind: 'network', code: 'xmpp_silent', detail: 'The server did not answer in time.' };
    case 'insecure':
      return {
        kind: 'protocol_changed',
        code: 'xmpp_not_encrypted',
        detail: 'The server offered no encryption; the password was not sent.',
      };
    case 'no_stream_management':
      return {
        kind: 'protocol_changed',
        code: 'xmpp_no_stream_management',
        detail: 'The server has no stream management (XEP-0198); messages could be lost.',
      };
    case 'store_failed':
      return {
        kind: 'unknown',
        code: 'xmpp_store_failed',
        detail: 'The session vault could not be written; nothing is received until it can.',
      };
  }
}

const CONDITION = /^[a-z][a-z-]{1,60}$/;

/** What an error of the library says about the end of the line. */
export function endOfError(error: unknown): LineEnd {
  if (!isRecord(error)) return { type: 'lost' };
  const { name, condition, code } = error;
  if (typeof condition === 'string' && CONDITION.test(condition)) {
    if (name === 'SASLError') return { type: 'refused', at: 'login', condition };
    if (name === 'StreamError') return { type: 'refused', at: 'stream', condition };
  }
  if (name === 'TimeoutError') return { type: 'silent' };
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? { type: 'lost', systemCode: code } : { type: 'lost' };
}
