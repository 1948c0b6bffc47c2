import { z } from 'zod';
import { nameAddress, phoneAddress } from './ids.ts';
import type { Peer } from './peers.ts';
import { addressOf } from './peers.ts';
import type { TlObject } from './tl.ts';
import { isSet, listAt, longAt, textAt } from './tl-fields.ts';

/** What is kept of a person or a group. Without `accessHash` it can be named but not addressed. */
export interface PeerRecord {
  /** Of this account; a long, in decimal. */
  readonly accessHash?: string;
  /** A person's name, or a group's title. */
  readonly title?: string;
  /** In lower case, without the at sign; the first is the one that is shown. */
  readonly names?: readonly string[];
  /** With the plus sign. */
  readonly phone?: string;
  /** A channel of posts, not a group that talks. */
  readonly isBroadcast?: boolean;
  /** The account is not in this group (any longer). */
  readonly isLeft?: boolean;
  /** When the account joined a supergroup; epoch seconds. */
  readonly joinedAt?: number;
  /** Where a person was seen of whom only a `min` record came: their message stands in for the access hash. */
  readonly seenIn?: { readonly chat: string; readonly messageId: number };
}

const record = z.object({
  accessHash: z.string().exactOptional(),
  title: z.string().exactOptional(),
  names: z.array(z.string()).exactOptional(),
  phone: z.string().exactOptional(),
  isBroadcast: z.boolean().exactOptional(),
  isLeft: z.boolean().exactOptional(),
  joinedAt: z.number().exactOptional(),
  seenIn: z.object({ chat: z.string(), messageId: z.number() }).exactOptional(),
});

export function encodeRecord(value: PeerRecord): string {
  return JSON.stringify(value);
}

export function decodeRecord(text: string): PeerRecord {
  return record.parse(JSON.parse(text));
}

/** A peer that a server described. `isMin`: only what happened to be at hand, with an access hash that is good for nothing. */
export interface Described {
  readonly peer: Peer;
  readonly isMin: boolean;
  readonly record: PeerRecord;
}

/** Reads `user`, `chat`, `channel` and the forbidden forms; undefined for the empty ones. */
export function describePeer(object: TlObject): Described | undefined {
  const id = longAt(object, 'id');
  if (id === undefined) return undefined;
  const isMin = isSet(object, 'min');
  const hash = isMin ? undefined : longAt(object, 'accessHash');
  const accessHash = hash === undefined ? {} : { accessHash: String(hash) };
  const title = textAt(object, 'title');
  const isLeft = isSet(object, 'left') || isSet(object, 'deactivated') || object._.endsWith('Forbidden');
  const group = { ...(title === undefined ? {} : { title }), ...(isLeft ? { isLeft } : {}) };
  switch (object._) {
    case 'user':
      return { peer: { type: 'user', id }, isMin, record: { ...accessHash, ...describeUser(object) } };
    case 'chat':
    case 'chatForbidden':
      return { peer: { type: 'chat', id }, isMin, record: group };
    case 'channel':
    case 'channelForbidden': {
      const names = namesOf(object);
      const joinedAt = object['date'];
      return {
        peer: { type: 'channel', id },
        isMin,
        record: {
          ...accessHash,
          ...group,
          ...(names.length === 0 ? {} : { names }),
          ...(isSet(object, 'broadcast') ? { isBroadcast: true } : {}),
          ...(typeof joinedAt === 'number' ? { joinedAt } : {}),
        },
      };
    }
    default:
      return undefined;
  }
}

function describeUser(user: TlObject): PeerRecord {
  const title = fullName(textAt(user, 'firstName'), textAt(user, 'lastName'));
  const names = namesOf(user);
  const phone = textAt(user, 'phone');
  return {
    ...(title === undefined ? {} : { title }),
    ...(names.length === 0 ? {} : { names }),
    ...(phone === undefined ? {} : { phone: phoneAddress(phone) }),
  };
}

export function fullName(first: string | undefined, last: string | undefined): string | undefined {
  const name = [first, last].filter((part) => part !== undefined).join(' ');
  return name === '' ? undefined : name;
}

/** The active names of a person or group: the plain field, or the list that has taken its place where there are several. */
export function namesOf(object: TlObject): readonly string[] {
  const single = textAt(object, 'username');
  const several = listAt(object, 'usernames')
    .filter((name) => isSet(name, 'active'))
    .map((name) => textAt(name, 'username'));
  const names = [single, ...several].filter((name) => name !== undefined).map((name) => name.toLowerCase());
  return [...new Set(names)];
}

/** Every address of a person: the number of the account first, which never changes hands. */
export function addressesOf(peer: Peer, known: PeerRecord | undefined): readonly [string, ...string[]] {
  const phone = known?.phone === undefined ? [] : [known.phone];
  return [addressOf(peer), ...phone, ...(known?.names ?? []).map(nameAddress)];
}
