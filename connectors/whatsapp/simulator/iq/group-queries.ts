import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Account, Directory } from '../directory.ts';
import type { GroupActions } from '../group-actions.ts';
import type { Group, Groups } from '../groups.ts';
import { childOf, childrenOf, node, textOf } from '../wire/stanza.ts';
import type { IqAnswer, IqRequest } from './answer.ts';
import { refusal, result, unknownQuery } from './answer.ts';

const NOT_FOUND = refusal(404, 'item-not-found');
const FORBIDDEN = refusal(403, 'forbidden');

/** `xmlns=w:g2`: metadata, membership, creation and changes of groups. */
export class GroupQueries {
  readonly #directory: Directory;
  readonly #groups: Groups;
  readonly #actions: GroupActions;

  constructor(deps: { directory: Directory; groups: Groups; actions: GroupActions }) {
    this.#directory = deps.directory;
    this.#groups = deps.groups;
    this.#actions = deps.actions;
  }

  answer({ device, stanza, type, question }: IqRequest): IqAnswer {
    const { account } = device;
    if (question === undefined) return unknownQuery;
    if (question.tag === 'participating') {
      const groups = this.#groups.of(account).map((group) => this.#groups.describe(group));
      return result([node('groups', {}, groups)]);
    }
    if (question.tag === 'create') return this.#create(account, question);
    const leaving = question.tag === 'leave' ? childOf(question, 'group')?.attrs['id'] : undefined;
    const group = this.#groups.find(leaving ?? stanza.attrs['to']);
    if (group === undefined) return NOT_FOUND;
    if (!group.members.has(account.lid)) return FORBIDDEN;
    if (type === 'get') return this.#tell(group, question);
    return this.#change(account, group, question);
  }

  #tell(group: Group, question: BinaryNode): IqAnswer {
    switch (question.tag) {
      case 'query':
        return result([this.#groups.describe(group)]);
      case 'invite':
        return result([node('invite', { code: `SIM${group.jid.slice(0, 12)}` })]);
      default:
        return unknownQuery;
    }
  }

  #create(creator: Account, question: BinaryNode): IqAnswer {
    const members = childrenOf(question, 'participant').map((participant) => participant.attrs['jid'] ?? '');
    const group = this.#actions.create(question.attrs['subject'] ?? '', creator, members);
    return result([this.#groups.describe(group)]);
  }

  #change(account: Account, group: Group, question: BinaryNode): IqAnswer {
    const targets = childrenOf(question, 'participant').map((participant) => participant.attrs['jid'] ?? '');
    switch (question.tag) {
      case 'add':
      case 'remove':
      case 'promote':
      case 'demote':
        return result([this.#changeMembers(account, group, question.tag, targets)]);
      case 'leave':
        this.#actions.remove(group, account, [account.lid]);
        return result([node('leave', {}, [node('group', { id: group.jid })])]);
      case 'subject':
        this.#actions.rename(group, account, textOf(question) ?? '');
        return result();
      case 'description':
        Object.assign(group, { description: textOf(childOf(question, 'body')) });
        return result();
      case 'ephemeral':
      case 'not_ephemeral':
      case 'announcement':
      case 'not_announcement':
      case 'locked':
      case 'unlocked':
        return result();
      default:
        return unknownQuery;
    }
  }

  #changeMembers(account: Account, group: Group, change: MemberChange, targets: readonly string[]): BinaryNode {
    const known = targets.filter((target) => this.#directory.find(target) !== undefined);
    switch (change) {
      case 'add':
        this.#actions.add(group, account, known);
        break;
      case 'remove':
        this.#actions.remove(group, account, known);
        break;
      case 'promote':
      case 'demote':
        for (const target of known) {
          const lid = this.#directory.find(target)?.lid;
          if (lid !== undefined && group.members.has(lid)) {
            group.members.set(lid, change === 'promote' ? 'admin' : 'member');
          }
        }
        break;
    }
    const told = targets.map((jid) => node('participant', { jid, error: known.includes(jid) ? undefined : '404' }));
    return node(change, {}, told);
  }
}

type MemberChange = 'add' | 'remove' | 'promote' | 'demote';
