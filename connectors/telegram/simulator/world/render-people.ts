import type { TlObject, TlValue } from '../../tl.ts';
import { isObject } from '../../tl-fields.ts';
import { isList } from './fields.ts';
import type { Peers } from './peers.ts';
import { channelKey, groupKey, userKey } from './peers.ts';
import type { AccountRecord, PeerKey, WorldState } from './state.ts';

const ONLINE_LEASE_SECONDS = 300; // how long a client may believe that somebody is online

/** People and chats as one account sees them. */
export class PeopleRenderer {
  readonly #state: WorldState;
  readonly #peers: Peers;

  constructor(deps: { readonly state: WorldState; readonly peers: Peers }) {
    this.#state = deps.state;
    this.#peers = deps.peers;
  }

  user(account: AccountRecord, viewer: AccountRecord, options: { readonly min?: boolean } = {}): TlObject {
    const isSelf = account.id === viewer.id;
    const isMin = options.min === true && !isSelf;
    const base = {
      _: 'user',
      id: account.id,
      accessHash: this.#peers.accessHash(viewer.id, userKey(account.id), isMin),
    };
    if (account.standing === 'deleted') return { ...base, deleted: true };
    const isContact = viewer.contacts.has(account.id);
    const knowsUs = account.contacts.has(viewer.id);
    const showsPhone = isSelf || isContact || account.phoneVisibleTo === 'everybody' || knowsUs;
    return {
      ...base,
      ...(isSelf ? { self: true } : {}),
      ...(isContact ? { contact: true, ...(knowsUs ? { mutualContact: true } : {}) } : {}),
      ...(isMin ? { min: true } : {}),
      firstName: account.firstName,
      ...(account.lastName === undefined ? {} : { lastName: account.lastName }),
      ...(account.username === undefined ? {} : { username: account.username }),
      ...(showsPhone && !isMin ? { phone: account.phone } : {}),
      status: statusOf(account),
    };
  }

  chat(key: PeerKey, viewer: AccountRecord): TlObject {
    const id = BigInt(key.slice(1));
    const group = this.#state.groups.get(id);
    if (key.startsWith('g') && group !== undefined) {
      const isMember = group.members.has(viewer.id);
      if (!isMember) return { _: 'chatForbidden', id, title: group.title };
      return {
        _: 'chat',
        id,
        ...(group.creator === viewer.id ? { creator: true } : {}),
        title: group.title,
        photo: { _: 'chatPhotoEmpty' },
        participantsCount: group.members.size,
        date: group.date,
        version: group.version,
      };
    }
    const channel = this.#peers.channel(id);
    const accessHash = this.#peers.accessHash(viewer.id, channelKey(id));
    const base = { id, megagroup: true, accessHash, title: channel.title };
    if (!channel.members.has(viewer.id)) return { _: 'channelForbidden', ...base };
    return {
      _: 'channel',
      ...base,
      ...(channel.creator === viewer.id ? { creator: true } : {}),
      ...(channel.slowmodeSeconds > 0 ? { slowmodeEnabled: true } : {}),
      photo: { _: 'chatPhotoEmpty' },
      date: channel.date,
      participantsCount: channel.members.size,
    };
  }

  /** Everybody whom these values name, as an answer carries them. */
  named(values: readonly TlValue[], viewer: AccountRecord, options: { readonly min?: boolean } = {}): Named {
    const keys = mentioned(values);
    const users = [...keys].flatMap((key) => {
      const account = key.startsWith('u') ? this.#state.accounts.get(BigInt(key.slice(1))) : undefined;
      return account === undefined ? [] : [this.user(account, viewer, options)];
    });
    const chats = [...keys].flatMap((key) => (key.startsWith('u') ? [] : [this.chat(key, viewer)]));
    return { users, chats, keys };
  }
}

interface Named {
  readonly users: readonly TlObject[];
  readonly chats: readonly TlObject[];
  readonly keys: ReadonlySet<PeerKey>;
}

export function statusOf(account: AccountRecord): TlObject {
  return account.isOnline
    ? { _: 'userStatusOnline', expires: account.lastOnlineAt + ONLINE_LEASE_SECONDS }
    : { _: 'userStatusOffline', wasOnline: account.lastOnlineAt };
}

/** Peers in TL values: whatever is called `userId`, `chatId` or `channelId`. */
export function mentioned(values: readonly TlValue[]): ReadonlySet<PeerKey> {
  const found = new Set<PeerKey>();
  const visit = (value: TlValue | undefined): void => {
    if (isList(value)) for (const item of value) visit(item);
    if (!isObject(value)) return;
    for (const [field, inner] of Object.entries(value)) {
      if (typeof inner === 'bigint' && inner !== 0n) {
        if (field === 'userId' || field === 'inviterId') found.add(userKey(inner));
        else if (field === 'chatId') found.add(groupKey(inner));
        else if (field === 'channelId') found.add(channelKey(inner));
      } else if (typeof inner === 'object') visit(inner);
    }
  };
  for (const value of values) visit(value);
  return found;
}
