import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { Account, Directory } from './directory.ts';
import { bareJid, parseJid } from './jid.ts';
import { node } from './wire/stanza.ts';

type GroupRole = 'superadmin' | 'admin' | 'member';

export interface Group {
  readonly jid: string;
  subject: string;
  description: string | undefined;
  readonly createdAt: number;
  readonly creatorLid: string;
  /** Role by LID style user address. */
  readonly members: Map<string, GroupRole>;
}

/** The groups of the network; addressed by hidden addresses throughout, as new groups are. */
export class Groups {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #groups = new Map<string, Group>();

  constructor(deps: { clock: Clock; random: Random; directory: Directory }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#directory = deps.directory;
  }

  all(): readonly Group[] {
    return [...this.#groups.values()];
  }

  find(jid: string | undefined): Group | undefined {
    return jid === undefined ? undefined : this.#groups.get(jid);
  }

  /** Unknown members are left out, as the server refuses to add them. */
  create(subject: string, creator: Account, members: readonly string[]): Group {
    const digits = Array.from(this.#random.bytes(16), (byte) => String(byte % 10)).join('');
    const group: Group = {
      jid: `12036${digits.slice(0, 13)}@g.us`,
      subject,
      description: undefined,
      createdAt: Math.floor(this.#clock.now() / 1000),
      creatorLid: creator.lid,
      members: new Map([[creator.lid, 'superadmin']]),
    };
    for (const member of members) {
      const account = this.#directory.find(member);
      if (account !== undefined && account !== creator) group.members.set(account.lid, 'member');
    }
    this.#groups.set(group.jid, group);
    return group;
  }

  restore(group: Group): void {
    this.#groups.set(group.jid, group);
  }

  of(account: Account): readonly Group[] {
    return this.all().filter((group) => group.members.has(account.lid));
  }

  /** The `<group>` element of metadata answers and of the notification that tells of a new group. */
  describe(group: Group): BinaryNode {
    const creator = this.#directory.find(group.creatorLid);
    const participants = [...group.members].map(([lid, role]) => this.participant(lid, role));
    const description =
      group.description === undefined
        ? []
        : [
            node('description', { id: `${parseJid(group.jid)?.user ?? ''}d`, t: String(group.createdAt) }, [
              node('body', {}, Buffer.from(group.description)),
            ]),
          ];
    const attrs = {
      id: parseJid(group.jid)?.user,
      creation: String(group.createdAt),
      creator: group.creatorLid,
      creator_pn: creator?.pn,
      subject: group.subject,
      s_t: String(group.createdAt),
      s_o: group.creatorLid,
      s_o_pn: creator?.pn,
      addressing_mode: 'lid',
      size: String(group.members.size),
    };
    return node('group', attrs, [...description, ...participants]);
  }

  participant(lid: string, role: GroupRole): BinaryNode {
    const account = this.#directory.find(lid);
    const phone = account === undefined || account.hidesNumber ? undefined : account.pn;
    return node('participant', { jid: bareJid(lid), phone_number: phone, type: role === 'member' ? undefined : role });
  }
}
