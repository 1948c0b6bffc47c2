import { systemClock } from '../../src/core/clock.ts';
import { loadBuilt } from './telegram-built.ts';
import type { LinkedAccount } from './telegram-network-child.ts';

/** Of every vault of the benchmarks. */
export const MASTER_KEY = new Uint8Array(32).fill(7);

/** Makes the vault of a session that is linked to the account, as its login would have left it. Blocks. */
export async function linkVaults(dir: string, accounts: readonly { id: string; account: LinkedAccount }[]) {
  const { openVault, writeAccount } = await loadBuilt();
  for (const { id: sessionId, account } of accounts) {
    const vault = openVault({ dir, sessionId, masterKey: MASTER_KEY, clock: systemClock });
    const { id, phone, dcId, authKey } = account;
    const names = { deviceModel: 'Bellhop', systemVersion: 'Linux', appVersion: '1.0.0' };
    const announcement = { ...names, langCode: 'en', systemLangCode: 'en' };
    writeAccount(vault, { kind: 'user', id, phone, dcId, authKey, announcement });
    vault.close();
  }
}
