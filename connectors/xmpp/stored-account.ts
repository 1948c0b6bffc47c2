import { z } from 'zod';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { StreamPosition } from './line-deps.ts';

const NAMESPACE = 'xmpp';
const ACCOUNT = 'account';
const STREAM = 'xmpp.stream';

const accountSchema = z.object({ address: z.string(), password: z.string() });
export type StoredAccount = z.infer<typeof accountSchema>;
const streamSchema = z.object({ id: z.string().min(1), received: z.number(), jid: z.string().exactOptional() });

export function readAccount(vault: SessionVault): StoredAccount | undefined {
  const stored = vault.secrets.get(NAMESPACE, ACCOUNT);
  return stored === undefined ? undefined : accountSchema.parse(JSON.parse(Buffer.from(stored).toString('utf8')));
}

export function writeAccount(vault: SessionVault, account: StoredAccount): void {
  vault.secrets.set(NAMESPACE, ACCOUNT, Buffer.from(JSON.stringify(account), 'utf8'));
}

/** The stream that can be taken up again, if the last one was not ended in good order. */
export function readStream(vault: SessionVault): StreamPosition | undefined {
  const stored = vault.cursor.get(STREAM);
  return stored === undefined || stored === '' ? undefined : streamSchema.parse(JSON.parse(stored));
}

export function writeStream(vault: SessionVault, position: StreamPosition | undefined): void {
  vault.cursor.set(STREAM, position === undefined ? '' : JSON.stringify(position));
}
