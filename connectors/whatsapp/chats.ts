import type { Address, Chat, Person } from '../../src/connector-api/index.ts';
import { addressOfJid, bareJid, jidOfAddress, parseJid } from './ids.ts';

/** What the connector knows of addresses while it maps one stanza. Plain data, so that mapping stays pure. */
export interface AddressBook {
  /** The account's own addresses, phone number first where it is known. */
  readonly me: readonly string[];
  /** The other address of the same person, both ways, bare jids; missing = unknown. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Subjects of groups, by jid. */
  readonly titles: ReadonlyMap<string, string>;
}

type Jids = readonly (string | null | undefined)[];

/** Every address of one person, the phone number first, each once; `undefined` when none can be told. */
export function addressesOf(jids: Jids, book: AddressBook): [Address, ...Address[]] | undefined {
  const known = new Set<Address>();
  for (const text of jids) {
    const bare = bareJid(text);
    for (const jid of [bare, bare === undefined ? undefined : book.aliases.get(bare)]) {
      const address = addressOfJid(jid);
      if (address !== undefined) known.add(address);
    }
  }
  const [first, ...rest] = [...known].sort((one, other) => Number(other[0] === '+') - Number(one[0] === '+'));
  return first === undefined ? undefined : [first, ...rest];
}

/** A person by all jids that are known to be theirs. */
export function personOf(jids: Jids, book: AddressBook, displayName?: string | null): Person | undefined {
  const addresses = addressesOf(jids, book);
  const name = displayName ?? '';
  return addresses === undefined ? undefined : { addresses, ...(name === '' ? {} : { displayName: name }) };
}

/** The account itself. */
export function accountOf(book: AddressBook): Person | undefined {
  return personOf(book.me, book);
}

/** The chat behind a group's jid or a guest's jids. */
export function chatOf(jids: Jids, book: AddressBook): Chat | undefined {
  const addresses = addressesOf(jids, book);
  if (addresses === undefined) return undefined;
  const isGroup = jids.some((text) => parseJid(text)?.kind === 'group');
  const title = isGroup ? book.titles.get(bareJid(jids[0]) ?? '') : undefined;
  return { kind: isGroup ? 'group' : 'direct', addresses, ...(title === undefined ? {} : { title }) };
}

/** Whether the jid is one of the account's own, whatever the device. */
export function isMe(text: string | null | undefined, book: AddressBook): boolean {
  const bare = bareJid(text);
  return bare !== undefined && book.me.some((own) => bareJid(own) === bare);
}

/**
 * Where to send for a chat: the phone number where one is known, for that is the road which Baileys rc14 tests most;
 * the hidden address otherwise. Undefined when no address is WhatsApp's.
 */
export function destinationOf(chat: Chat): string | undefined {
  const jids = chat.addresses.map(jidOfAddress).filter((jid) => jid !== undefined);
  return jids.find((jid) => parseJid(jid)?.kind === 'phone') ?? jids[0];
}
