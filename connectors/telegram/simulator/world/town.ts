import type { Actor } from './exchange-parts.ts';
import { digits } from './login-desk.ts';
import type { WorldParts } from './parts.ts';
import { createPassword } from './password.ts';
import { channelKey, groupKey } from './peers.ts';
import type { AccountRecord, ChannelRecord, GroupRecord } from './state.ts';
import { emptySequence } from './state.ts';

/** Ids as large as the network's own, so that nobody thinks they fit in 32 bits. */
const FIRST_USER = 7_000_000_000n;
const FIRST_GROUP = 400_000_000n;
const FIRST_CHANNEL = 2_000_000_000n;

export interface NewAccount {
  /** E.164; chosen when absent. */
  readonly phone?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly username?: string;
  /** Two-step verification. Making it takes some 100 ms. */
  readonly password?: string;
  /** Home data centre; 1 when absent. */
  readonly dcId?: number;
  readonly phoneVisibleTo?: AccountRecord['phoneVisibleTo'];
  readonly writableBy?: AccountRecord['writableBy'];
  readonly foundByPhone?: boolean;
}

/** Makes people and places. */
export class TownHall {
  readonly #parts: WorldParts;

  constructor(parts: WorldParts) {
    this.#parts = parts;
  }

  createAccount(wanted: NewAccount = {}): AccountRecord {
    const { state, random } = this.#parts;
    state.serial.user += 1;
    const { serial } = state;
    const account: AccountRecord = {
      id: FIRST_USER + BigInt(serial.user),
      phone: digits(wanted.phone ?? `+4915550${String(serial.user).padStart(6, '0')}`),
      dcId: wanted.dcId ?? 1,
      firstName: wanted.firstName ?? `Person ${serial.user}`,
      ...(wanted.lastName === undefined ? {} : { lastName: wanted.lastName }),
      ...(wanted.username === undefined ? {} : { username: wanted.username }),
      ...(wanted.password === undefined ? {} : { password: createPassword(wanted.password, random) }),
      standing: 'active',
      isOnline: false,
      lastOnlineAt: this.#parts.exchange.now(),
      contacts: new Set(),
      blocked: new Set(),
      phoneVisibleTo: wanted.phoneVisibleTo ?? 'contacts',
      writableBy: wanted.writableBy ?? 'everybody',
      foundByPhone: wanted.foundByPhone ?? true,
      box: emptySequence(),
      votes: { qts: 0, log: [] },
      reads: new Map(),
      randomIds: new Map(),
    };
    state.accounts.set(account.id, account);
    return account;
  }

  /** A basic group, with the service message that it begins with. */
  createGroup(creator: Actor, title: string, members: readonly AccountRecord[]): GroupRecord {
    const { state, exchange } = this.#parts;
    state.serial.chat += 1;
    const ids = new Set([creator.account.id, ...members.map(({ id }) => id)]);
    const facts = { title, creator: creator.account.id, date: exchange.now(), version: 1, members: ids };
    const group = { id: FIRST_GROUP + BigInt(state.serial.chat), ...facts };
    state.groups.set(group.id, group);
    const action = { _: 'messageActionChatCreate', title, users: [...ids] };
    exchange.send(creator, groupKey(group.id), { text: '', action });
    return group;
  }

  createSupergroup(creator: Actor, title: string, members: readonly AccountRecord[]): ChannelRecord {
    const { state, exchange } = this.#parts;
    state.serial.chat += 1;
    const channel: ChannelRecord = {
      id: FIRST_CHANNEL + BigInt(state.serial.chat),
      title,
      creator: creator.account.id,
      date: exchange.now(),
      members: new Set([creator.account.id, ...members.map(({ id }) => id)]),
      sequence: emptySequence(),
      slowmodeSeconds: 0,
      lastSentAt: new Map(),
      changedAt: exchange.now(),
    };
    state.channels.set(channel.id, channel);
    exchange.send(creator, channelKey(channel.id), { text: '', action: { _: 'messageActionChannelCreate', title } });
    return channel;
  }

  /** Everybody's clients are told that the chat looks different for them now. */
  addToSupergroup(channel: ChannelRecord, account: AccountRecord): void {
    channel.members.add(account.id);
    this.#parts.pushes.toAccount(account, [{ _: 'updateChannel', channelId: channel.id }]);
  }

  removeFromSupergroup(channel: ChannelRecord, account: AccountRecord): void {
    channel.members.delete(account.id);
    this.#parts.pushes.toAccount(account, [{ _: 'updateChannel', channelId: channel.id }]);
  }

  rename(account: AccountRecord, names: { readonly firstName: string; readonly username?: string }): void {
    account.firstName = names.firstName;
    if (names.username !== undefined) account.username = names.username;
    const usernames =
      account.username === undefined
        ? []
        : [{ _: 'username', editable: true, active: true, username: account.username }];
    const update = {
      _: 'updateUserName',
      userId: account.id,
      firstName: account.firstName,
      lastName: account.lastName ?? '',
      usernames,
    };
    for (const other of this.#parts.state.accounts.values()) {
      const knows = [...other.box.copies.values()].some(({ peer }) => peer === `u${account.id}`);
      if (other.id !== account.id && knows) this.#parts.pushes.toAccount(other, [update]);
    }
  }
}
