import type { Account, SessionVault } from '../connector-api/index.ts';
import type { Logger } from '../core/logger.ts';
import { storedAccount } from './methods.ts';

const NAMESPACE = 'bellhop.host'; // connectors name their own namespaces after themselves
const NAME = 'account';

/** The account as of the last link or connection, so that a stopped session still shows whose it is. `logout` erases it with the rest. */
export function recallAccount(vault: SessionVault): Account | undefined {
  const stored = vault.secrets.get(NAMESPACE, NAME);
  if (stored === undefined) return undefined;
  const parsed = storedAccount.safeParse(JSON.parse(Buffer.from(stored).toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}

/** Keeps it. A disk that refuses must not undo a connection that stands, so a failure is only logged. */
export function rememberAccount(vault: SessionVault, account: Account, log: Logger): void {
  try {
    const known = recallAccount(vault);
    const { address, displayName, kind } = account;
    if (known?.address === address && known.displayName === displayName && known.kind === kind) return;
    vault.secrets.set(NAMESPACE, NAME, Buffer.from(JSON.stringify(account), 'utf8'));
  } catch (error) {
    log.warn('the account could not be kept in the vault', { error: error instanceof Error ? error : undefined });
  }
}
