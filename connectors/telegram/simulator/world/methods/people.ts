import type { TlObject } from '../../../tl.ts';
import { RpcError } from '../../rpc.ts';
import { longOf, objectOf, objectsOf, textOf } from '../fields.ts';
import { digits } from '../login-desk.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import { idOf, isUserKey, toPeer, userKey } from '../peers.ts';
import type { AccountRecord } from '../state.ts';

/** Finding people, and what is known of them. */
export function peopleMethods(parts: WorldParts): MethodTable {
  const { people, peers, state } = parts;

  const resolved = (caller: Caller, account: AccountRecord): TlObject => ({
    _: 'contacts.resolvedPeer',
    peer: toPeer(userKey(account.id)),
    chats: [],
    users: [people.user(account, caller.account)],
  });

  const find = (matches: (account: AccountRecord) => boolean): AccountRecord | undefined =>
    [...state.accounts.values()].find((account) => account.standing === 'active' && matches(account));

  return {
    'users.getUsers': (call, caller) =>
      objectsOf(call, 'id').map((input) => people.user(peers.resolveUser(caller.account, input), caller.account)),
    'users.getFullUser': (call, caller) => {
      const account = peers.resolveUser(caller.account, objectOf(call, 'id'));
      return {
        _: 'users.userFull',
        fullUser: {
          _: 'userFull',
          ...(caller.account.blocked.has(account.id) ? { blocked: true } : {}),
          id: account.id,
          settings: { _: 'peerSettings' },
          notifySettings: { _: 'peerNotifySettings' },
          commonChatsCount: 0,
        },
        chats: [],
        users: [people.user(account, caller.account)],
      };
    },
    'contacts.resolveUsername': (call, caller) => {
      const name = textOf(call, 'username').toLowerCase();
      if (!/^[a-z]\w{3,31}$/.test(name)) throw new RpcError(400, 'USERNAME_INVALID');
      const account = find(({ username }) => username?.toLowerCase() === name);
      if (account === undefined) throw new RpcError(400, 'USERNAME_NOT_OCCUPIED');
      return resolved(caller, account);
    },
    'contacts.resolvePhone': (call, caller) => {
      const phone = digits(textOf(call, 'phone'));
      const account = find((one) => one.phone === phone && (one.foundByPhone || one.contacts.has(caller.account.id)));
      if (account === undefined) throw new RpcError(400, 'PHONE_NOT_OCCUPIED');
      return resolved(caller, account);
    },
    'contacts.importContacts': (call, caller) => {
      const found = objectsOf(call, 'contacts').flatMap((contact) => {
        const phone = digits(textOf(contact, 'phone'));
        const account = find((one) => one.phone === phone && one.foundByPhone);
        return account === undefined ? [] : [{ account, clientId: longOf(contact, 'clientId') }];
      });
      for (const { account } of found) caller.account.contacts.add(account.id);
      return {
        _: 'contacts.importedContacts',
        imported: found.map(({ account, clientId }) => ({
          _: 'importedContact',
          userId: account.id,
          clientId: clientId,
        })),
        popularInvites: [],
        retryContacts: [],
        users: found.map(({ account }) => people.user(account, caller.account)),
      };
    },
    'contacts.getContacts': (_call, { account }) => {
      const contacts = [...account.contacts].map((id) => peers.account(id));
      return {
        _: 'contacts.contacts',
        contacts: contacts.map((one) => ({ _: 'contact', userId: one.id, mutual: one.contacts.has(account.id) })),
        savedCount: 0,
        users: contacts.map((one) => people.user(one, account)),
      };
    },
    'contacts.block': (call, caller) => {
      const peer = peers.resolve(caller.account, objectOf(call, 'id'));
      if (!isUserKey(peer)) throw new RpcError(400, 'PEER_ID_INVALID');
      caller.account.blocked.add(idOf(peer));
      return true;
    },
    'contacts.unblock': (call, caller) => {
      const peer = peers.resolve(caller.account, objectOf(call, 'id'));
      return caller.account.blocked.delete(idOf(peer));
    },
    'account.getAuthorizations': (_call, caller) => ({
      _: 'account.authorizations',
      authorizationTtlDays: 180,
      authorizations: parts.authorizations.keysOf(caller.account).map(({ keyId, hash, since }) => ({
        _: 'authorization',
        ...(keyId === caller.keyId ? { current: true } : {}),
        hash: keyId === caller.keyId ? 0n : hash,
        deviceModel: '',
        platform: '',
        systemVersion: '',
        apiId: 0,
        appName: '',
        appVersion: '',
        dateCreated: since,
        dateActive: since,
        ip: '127.0.0.1',
        country: '',
        region: '',
      })),
    }),
  };
}
