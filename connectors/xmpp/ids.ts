import type { AddressReading } from '../../src/connector-api/index.ts';
import type { Random } from '../../src/core/random.ts';

const MESSAGE_ID_BYTES = 16;
/** A bare JID (RFC 7622): what an address may not hold is refused, a resource too. */
const BARE_JID = /^[^\s"&'/:<>@]{1,255}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const EXPECTED = 'expected an XMPP address as in guest@chat.example';

/** The id of an outbound stanza, chosen by us. */
export function createMessageId(random: Random): string {
  return Buffer.from(random.bytes(MESSAGE_ID_BYTES)).toString('hex');
}

/** XMPP addresses do not differ in case. */
export function parseAddress(text: string): AddressReading {
  const address = text.toLowerCase();
  return BARE_JID.test(address) ? { ok: true, kind: 'direct', address } : { ok: false, expected: EXPECTED };
}

/** The bare address of a full one, or undefined where it names a server or nothing. */
export function bareAddress(jid: string | undefined): string | undefined {
  const reading = parseAddress(jid?.replace(/\/.*$/s, '') ?? '');
  return reading.ok ? reading.address : undefined;
}
