import type { Element } from '@xmpp/client';
import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import { bareAddress } from './ids.ts';
import { CANARY } from './map-outbound.ts';

/** A canary that is back: only the account itself can have sent it, for servers vouch for `from`. Pure. */
export function readCanary(
  stanza: Element,
  facts: { readonly ownAddress: string; readonly now: number },
): ConnectorEvent | undefined {
  if (stanza.attrs['type'] === 'error' || bareAddress(stanza.attrs['from']) !== facts.ownAddress) return undefined;
  const token = stanza.getChild('canary', CANARY)?.attrs['token'];
  return token === undefined ? undefined : { type: 'canary', token, at: facts.now };
}
