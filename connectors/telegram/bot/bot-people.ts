import type { Address, Chat, Person } from '../../../src/connector-api/index.ts';
import { channelAddress, chatAddress, nameAddress, readAddress, userAddress } from '../ids.ts';
import { fullName } from '../peer-record.ts';
import type { BotChat, BotUser } from './bot-schemas.ts';

/** The Bot API writes supergroups and channels as -100…: minus this number, minus their id. */
const CHANNEL_OFFSET = 1_000_000_000_000;

/** The address of a chat: people have positive numbers, groups negative ones. */
export function chatAddressOf(chatId: number): Address {
  if (chatId > 0) return userAddress(BigInt(chatId));
  return chatId <= -CHANNEL_OFFSET ? channelAddress(BigInt(-chatId - CHANNEL_OFFSET)) : chatAddress(BigInt(-chatId));
}

/** The number under which the Bot API knows a chat; undefined where it knows none: bots cannot look up names and phone numbers. */
export function chatIdOf({ addresses }: Pick<Chat, 'addresses'>): number | undefined {
  for (const address of addresses) {
    const parts = readAddress(address);
    if (parts?.type === 'user') return Number(parts.id);
    if (parts?.type === 'chat') return -Number(parts.id);
    if (parts?.type === 'channel') return -CHANNEL_OFFSET - Number(parts.id);
  }
  return undefined;
}

/** A chat of which nothing but the address is known. */
export function chatOfAddress(address: Address): Chat {
  return { kind: address.startsWith('group:') ? 'group' : 'direct', addresses: [address] };
}

export function toChat({ id, type, title, username }: BotChat): Chat {
  if (type === 'private') return { kind: 'direct', addresses: [chatAddressOf(id), ...namesOf(username)] };
  return { kind: 'group', addresses: [chatAddressOf(id)], ...(title === undefined ? {} : { title }) };
}

export function toPerson({ id, first_name, last_name, username }: BotUser): Person {
  const displayName = fullName(first_name, last_name);
  return {
    addresses: [userAddress(BigInt(id)), ...namesOf(username)],
    ...(displayName === undefined ? {} : { displayName }),
  };
}

/** Who speaks: a person, or a group in its own name (an anonymous admin). */
export function toAuthor(from: BotUser | undefined, senderChat: BotChat | undefined, chat: BotChat): Person {
  const group = senderChat ?? (from === undefined ? chat : undefined);
  if (group === undefined) return toPerson(from ?? { id: chat.id });
  const { addresses, title } = toChat(group);
  return { addresses, ...(title === undefined ? {} : { displayName: title }) };
}

function namesOf(username: string | undefined): readonly Address[] {
  const address = username === undefined ? undefined : nameAddress(username);
  return address !== undefined && readAddress(address)?.type === 'name' ? [address] : [];
}
