export { loadOrCreateKeyFile, parseMasterKey } from './master-key.ts';
export type { OpenVault, OpenVaultOptions } from './open-vault.ts';
export { openVault } from './open-vault.ts';
export { MASTER_KEY_BYTES } from './vault-cipher.ts';
export { deleteVault, listVaults } from './vault-file.ts';
