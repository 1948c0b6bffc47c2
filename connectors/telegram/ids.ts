import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Address, AddressReading } from '../../src/connector-api/index.ts';
import type { Random } from '../../src/core/random.ts';

/** `random_id` is a signed 64-bit number; Telegram's own clients draw positive ones. */
const RANDOM_ID_BYTES = 8;
const RANDOM_ID_BITS = 63;
const RANDOM_ID = /^r([1-9]\d{0,18})$/;
/** Message ids are positive 32-bit numbers, counted for each account, or for each supergroup. */
const MESSAGE_ID = /^[1-9]\d{0,9}$/;

const E164 = /^\+[1-9]\d{6,14}$/;
/** Names given out by Telegram have five letters and more; shorter ones are sold. */
const NAME = /^@[a-z]\w{3,31}$/i;
const USER = /^id:([1-9]\d{0,18})$/;
const GROUP = /^group:(c?)([1-9]\d{0,18})$/;
const EXPECTED = 'expected E.164 as in +4915112345678, @name, id:<digits>, group:<digits> or group:c<digits>';

/** The id of an outbound message before Telegram has given it one: its `random_id`, chosen by us. */
export function createMessageId(random: Random): string {
  const drawn = Buffer.from(random.bytes(RANDOM_ID_BYTES)).readBigUInt64BE();
  const randomId = BigInt.asUintN(RANDOM_ID_BITS, drawn);
  return `r${randomId === 0n ? 1n : randomId}`; // Telegram takes 0 for "none"
}

/** The `random_id` that an id of `createMessageId` stands for; undefined for any other id. */
export function randomIdOf(networkId: string): bigint | undefined {
  const digits = RANDOM_ID.exec(networkId)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

/** Telegram's own id of a message; undefined for an id that it has not given. */
export function messageIdOf(networkId: string): number | undefined {
  return MESSAGE_ID.test(networkId) ? Number(networkId) : undefined;
}

export const userAddress = (id: bigint): Address => `id:${id}`;
/** A basic group: at most 200 members, message ids of the account. */
export const chatAddress = (id: bigint): Address => `group:${id}`;
/** A supergroup or channel, with message ids of its own. */
export const channelAddress = (id: bigint): Address => `group:c${id}`;
/** Names differ in case nowhere. */
export const nameAddress = (name: string): Address => `@${name.toLowerCase()}`;
/** Telegram writes numbers without the plus sign. */
export const phoneAddress = (phone: string): Address => `+${phone.replace(/^\+/, '')}`;

/** What an address names. */
export type AddressParts =
  | { readonly type: 'user' | 'chat' | 'channel'; readonly id: bigint }
  /** With the plus sign. */
  | { readonly type: 'phone'; readonly phone: string }
  /** Without the at sign, in lower case. */
  | { readonly type: 'name'; readonly name: string };

/** Takes an address of this channel apart; undefined when it is none. */
export function readAddress(address: Address): AddressParts | undefined {
  const user = USER.exec(address)?.[1];
  if (user !== undefined) return { type: 'user', id: BigInt(user) };
  const [, isChannel, group] = GROUP.exec(address) ?? [];
  if (group !== undefined) return { type: isChannel === 'c' ? 'channel' : 'chat', id: BigInt(group) };
  if (NAME.test(address)) return { type: 'name', name: address.slice(1).toLowerCase() };
  return E164.test(address) ? { type: 'phone', phone: address } : undefined;
}

export function parseAddress(text: string): AddressReading {
  const parts = readAddress(text);
  switch (parts?.type) {
    case 'user':
      return { ok: true, kind: 'direct', address: text };
    case 'chat':
    case 'channel':
      return { ok: true, kind: 'group', address: text };
    case 'name':
      return { ok: true, kind: 'direct', address: nameAddress(parts.name) };
    case 'phone': {
      // `isPossible` and not `isValid`: numbering plans change faster than any table, but a wrong length is always wrong.
      const isPossible = parsePhoneNumberFromString(text)?.isPossible() === true;
      return isPossible ? { ok: true, kind: 'direct', address: text } : { ok: false, expected: EXPECTED };
    }
    case undefined:
      return { ok: false, expected: EXPECTED };
  }
}
