import type { BinaryNode } from '@whiskeysockets/baileys';
import type { DeviceNews } from '../device-news.ts';
import type { Account, CompanionDevice, Directory } from '../directory.ts';
import { isLid } from '../jid.ts';
import { childOf, childrenOf, node, textOf } from '../wire/stanza.ts';
import type { IqAnswer, IqRequest } from './answer.ts';
import { refusal, result } from './answer.ts';

/** `xmlns=usync`: who is on the network, with which devices, under which hidden address. */
export class UserSyncQueries {
  readonly #directory: Directory;
  readonly #news: DeviceNews;

  constructor(deps: { directory: Directory; news: DeviceNews }) {
    this.#directory = deps.directory;
    this.#news = deps.news;
  }

  answer({ device, question }: IqRequest): IqAnswer {
    if (question?.tag !== 'usync') return refusal(400, 'bad-request');
    const asked = childrenOf(childOf(question, 'query')).map((protocol) => protocol.tag);
    const users = childrenOf(childOf(question, 'list'), 'user').flatMap((user) => this.#describe(device, user, asked));
    const { sid, index, last, mode, context } = question.attrs;
    const content = [
      node(
        'result',
        {},
        asked.map((protocol) => node(protocol, {})),
      ),
      node('list', {}, users),
      node('side_list', {}),
    ];
    return result([node('usync', { sid, index, last, mode, context }, content)]);
  }

  #describe(reader: CompanionDevice, user: BinaryNode, asked: readonly string[]): BinaryNode[] {
    const number = textOf(childOf(user, 'contact'))?.replace(/\D/g, '');
    const jid = user.attrs['jid'] ?? (number === undefined ? undefined : `${number}@s.whatsapp.net`);
    const account = this.#directory.find(jid);
    // A number that its owner hides cannot be found by it.
    const known = account !== undefined && (isLid(jid) || !account.hidesNumber) ? account : undefined;
    if (known === undefined) {
      return asked.includes('contact') ? [node('user', { jid }, [node('contact', { type: 'out' })])] : [];
    }
    if (asked.includes('devices') && jid !== undefined) this.#news.subscribe(reader, known, jid);
    const parts = asked.flatMap((protocol) => describePart(protocol, known, jid));
    return [node('user', { jid }, parts)];
  }
}

function describePart(protocol: string, account: Account, jid: string | undefined): BinaryNode[] {
  switch (protocol) {
    case 'contact':
      return [node('contact', { type: 'in' })];
    case 'lid': // asked by the hidden address there is nothing to tell; clients would open a new session for nothing
      return isLid(jid) ? [] : [node('lid', { val: account.lid })];
    case 'devices': {
      const devices = [...account.devices.keys()].map((number) =>
        node('device', { id: String(number), 'key-index': number === 0 ? undefined : String(number) }),
      );
      return [node('devices', {}, [node('device-list', {}, devices)])];
    }
    case 'status':
      return [node('status', { t: '0' })];
    case 'disappearing_mode':
      return [node('disappearing_mode', { duration: '0', t: '0' })];
    default:
      return [];
  }
}
