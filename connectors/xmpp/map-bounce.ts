import type { Element } from '@xmpp/client';
import type { ConnectorEvent, SendErrorCode } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import { bareAddress } from './ids.ts';

/** Conditions (RFC 6120 §8.3.3) with which servers say that there is nobody of that name. */
const NOBODY: readonly string[] = [
  'item-not-found',
  'service-unavailable',
  'remote-server-not-found',
  'jid-malformed',
  'gone',
];
const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** A message of ours that came back: as the error of the send that waits for it, and as the event if none does any more. */
export interface Bounce {
  readonly error: SendError;
  readonly event: Extract<ConnectorEvent, { type: 'send_failed' }>;
}

/** Reads a `<message type="error">`; anything else is none. Pure. */
export function readBounce(stanza: Element, facts: { ownAddress: string; now: number }): Bounce | undefined {
  const { from, id, type } = stanza.attrs;
  const address = bareAddress(from);
  if (type !== 'error' || id === undefined || address === undefined) return undefined;
  if (address === facts.ownAddress) return undefined; // a canary, which then is not back
  const error = stanza.getChild('error');
  const condition = error?.getChildElements().find((child) => child.attrs['xmlns'] === STANZA_ERRORS)?.name;
  const code: SendErrorCode = NOBODY.includes(condition ?? '') ? 'recipient_unknown' : 'send_rejected';
  const native = condition === undefined ? {} : { nativeCode: condition };
  const retryable = error?.attrs['type'] === 'wait';
  return {
    error: new SendError(code, { certainty: 'not_sent', retryable, ...native }),
    event: {
      type: 'send_failed',
      chat: { kind: 'direct', addresses: [address] },
      networkId: id,
      code,
      ...native,
      at: facts.now,
    },
  };
}
