import type { BinaryNode, proto, WAMessage } from '@whiskeysockets/baileys';
import type { AddressBook } from './chats.ts';
import type { GroupDirectory } from './groups.ts';
import { bareJid, parseJid } from './ids.ts';
import { contextOf, unwrapMessage } from './map-content.ts';

/** Pairs of addresses that the library has learned and keeps in the vault. Synchronous, no network. */
export interface AliasSource {
  hiddenOf(phoneUser: string): string | undefined;
  phoneOf(hiddenUser: string): string | undefined;
}

type Jids = readonly (string | null | undefined)[];

/** Gathers what one mapping needs to know. */
export class AddressLookup {
  readonly #aliases: AliasSource;
  readonly #groups: GroupDirectory;
  readonly #me: () => readonly string[];

  constructor(deps: { aliases: AliasSource; groups: GroupDirectory; me: () => readonly string[] }) {
    this.#aliases = deps.aliases;
    this.#groups = deps.groups;
    this.#me = deps.me;
  }

  /** The book for everybody whom a receipt, presence or chat state names. */
  bookFor(stanza: BinaryNode): AddressBook {
    return this.bookOf(jidsOf(stanza));
  }

  bookOf(jids: Jids): AddressBook {
    const me = this.#me();
    const aliases = new Map<string, string>();
    const titles = new Map<string, string>();
    for (const text of [...jids, ...me]) {
      const bare = bareJid(text);
      if (bare === undefined || aliases.has(bare)) continue;
      const other = this.#aliasOf(bare);
      if (other !== undefined) aliases.set(bare, other).set(other, bare);
      const title = this.#groups.titleOf(bare);
      if (title !== undefined) titles.set(bare, title);
    }
    return { me, aliases, titles };
  }

  /** How a group names this member: by the hidden address where one is known, unless the group is an old one. */
  memberJid(group: string, jid: string): string {
    const parsed = parseJid(jid);
    if (parsed?.kind !== 'phone' || this.#groups.usesPhoneNumbers(group) === true) return jid;
    const hidden = this.#aliases.hiddenOf(parsed.user);
    return hidden === undefined ? jid : `${hidden}@lid`;
  }

  #aliasOf(bare: string): string | undefined {
    const jid = parseJid(bare);
    if (jid?.kind === 'phone') {
      const hidden = this.#aliases.hiddenOf(jid.user);
      return hidden === undefined ? undefined : `${hidden}@lid`;
    }
    const phone = jid?.kind === 'hidden' ? this.#aliases.phoneOf(jid.user) : undefined;
    return phone === undefined ? undefined : `${phone}@s.whatsapp.net`;
  }
}

/** Everybody whom a stanza and, if there is one, the message in it name. */
export function jidsOf(stanza: BinaryNode, message?: WAMessage): Jids {
  const listed = Array.isArray(stanza.content) ? stanza.content.flatMap(usersIn) : [];
  return [...Object.values(stanza.attrs), ...listed, ...(message === undefined ? [] : jidsIn(message))];
}

/** Members named inside a stanza, as bundled receipts do. */
const usersIn = (node: BinaryNode): string[] =>
  Array.isArray(node.content) ? node.content.map((child) => child.attrs['jid']).filter((jid) => jid !== undefined) : [];

/** Everybody whom the message or its content names. */
function jidsIn(waMessage: WAMessage): Jids {
  const { key } = waMessage;
  const message = unwrapMessage(waMessage.message);
  const named: (proto.IMessageKey | null | undefined)[] = [
    message?.reactionMessage?.key,
    message?.protocolMessage?.key,
  ];
  return [
    key.remoteJid,
    key.remoteJidAlt,
    key.participant,
    key.participantAlt,
    message === undefined ? undefined : contextOf(message)?.participant,
    ...named.flatMap((inner) => [inner?.participant, inner?.remoteJid]),
  ];
}
