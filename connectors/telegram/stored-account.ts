import { z } from 'zod';
import type { Account, SessionVault } from '../../src/connector-api/index.ts';
import { nameAddress, phoneAddress, userAddress } from './ids.ts';
import type { MtprotoKey } from './mtproto/client.ts';

const NAMESPACE = 'telegram';
const ACCOUNT = 'account';

export const accountKinds = ['user', 'bot'] as const;
export type AccountKind = (typeof accountKinds)[number];

const announcement = z.object({
  deviceModel: z.string(),
  systemVersion: z.string(),
  appVersion: z.string(),
  langCode: z.string(),
  systemLangCode: z.string(),
});

const person = {
  /** Telegram's id of the account, decimal. */
  id: z.string().regex(/^\d+$/),
  username: z.string().exactOptional(),
  name: z.string().exactOptional(),
};

const storedUser = z.object({
  kind: z.literal('user'),
  ...person,
  /** Without the plus sign, as Telegram writes it. */
  phone: z.string().exactOptional(),
  dcId: z.int(),
  /** 256 bytes, base64. */
  authKey: z.base64(),
  /** As it was when the account was linked: the same for good, for the network and for who looks at the list of devices. */
  announcement,
});

const storedBot = z.object({ kind: z.literal('bot'), ...person, token: z.string().min(1) });

const storedAccount = z.discriminatedUnion('kind', [storedUser, storedBot]);
export type StoredUser = z.infer<typeof storedUser>;
export type StoredBot = z.infer<typeof storedBot>;
export type StoredAccount = z.infer<typeof storedAccount>;

export function readAccount(vault: SessionVault): StoredAccount | undefined {
  const stored = vault.secrets.get(NAMESPACE, ACCOUNT);
  return stored === undefined ? undefined : storedAccount.parse(JSON.parse(Buffer.from(stored).toString('utf8')));
}

/** Durable when it returns. */
export function writeAccount(vault: SessionVault, account: StoredAccount): void {
  vault.secrets.set(NAMESPACE, ACCOUNT, Buffer.from(JSON.stringify(account), 'utf8'));
}

export const keyOf = (account: StoredUser): MtprotoKey => ({
  dcId: account.dcId,
  authKey: Buffer.from(account.authKey, 'base64'),
});

/** The account as the daemon knows it. A person is known by the number, a bot by its name. */
export function toAccount(account: StoredAccount): Account {
  const { kind, id, username, name } = account;
  const phone = account.kind === 'user' ? account.phone : undefined;
  const named = username === undefined ? userAddress(BigInt(id)) : nameAddress(username);
  return {
    address: phone === undefined ? named : phoneAddress(phone),
    kind,
    ...(name === undefined ? {} : { displayName: name }),
  };
}
