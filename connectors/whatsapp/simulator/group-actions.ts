import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { Account, Directory } from './directory.ts';
import type { Group, Groups } from './groups.ts';
import type { PostOffice } from './post-office.ts';
import { node } from './wire/stanza.ts';

/** Changes groups and tells everyone concerned, as `<notification type=w:gp2>`. */
export class GroupActions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #groups: Groups;
  readonly #post: PostOffice;

  constructor(deps: { clock: Clock; random: Random; directory: Directory; groups: Groups; post: PostOffice }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#directory = deps.directory;
    this.#groups = deps.groups;
    this.#post = deps.post;
  }

  create(subject: string, by: Account, members: readonly string[]): Group {
    const group = this.#groups.create(subject, by, members);
    const created = node('create', { type: 'new' }, [this.#groups.describe(group)]);
    this.#notify(group, by, created, [...group.members.keys()]);
    return group;
  }

  /** Strangers and present members are left out. */
  add(group: Group, by: Account, members: readonly string[]): void {
    const lids = this.#lidsOf(members).filter((lid) => !group.members.has(lid));
    for (const lid of lids) group.members.set(lid, 'member');
    if (lids.length > 0) this.#notify(group, by, this.#change('add', lids), [...group.members.keys()]);
  }

  /** Who removes himself leaves. */
  remove(group: Group, by: Account, members: readonly string[]): void {
    const lids = this.#lidsOf(members).filter((lid) => group.members.has(lid));
    const told = [...group.members.keys()];
    for (const lid of lids) group.members.delete(lid);
    if (lids.length > 0) this.#notify(group, by, this.#change('remove', lids), told);
  }

  rename(group: Group, by: Account, subject: string): void {
    Object.assign(group, { subject });
    const t = this.#now();
    this.#notify(group, by, node('subject', { subject, s_t: t, s_o: by.lid }), [...group.members.keys()]);
  }

  #change(tag: 'add' | 'remove', lids: readonly string[]): BinaryNode {
    return node(
      tag,
      {},
      lids.map((lid) => this.#groups.participant(lid, 'member')),
    );
  }

  #notify(group: Group, by: Account, change: BinaryNode, lids: readonly string[]): void {
    const attrs = {
      from: group.jid,
      type: 'w:gp2',
      id: Buffer.from(this.#random.bytes(8)).toString('hex').toUpperCase(),
      t: this.#now(),
      participant: by.lid,
      participant_pn: by.hidesNumber ? undefined : by.pn,
      addressing_mode: 'lid',
    };
    for (const lid of lids) {
      for (const device of this.#directory.find(lid)?.devices.values() ?? []) {
        this.#post.deliver(device, node('notification', attrs, [change]));
      }
    }
  }

  #lidsOf(members: readonly string[]): string[] {
    return members.flatMap((member) => this.#directory.find(member)?.lid ?? []);
  }

  #now(): string {
    return String(Math.floor(this.#clock.now() / 1000));
  }
}
