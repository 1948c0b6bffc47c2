export { hasKeyFile, loadOrCreateKeyFile, parseMasterKey } from './master-key.ts';
export type { OpenVault } from './open-vault.ts';
export { openVault } from './open-vault.ts';
export { deleteVault, listVaults } from './vault-file.ts';
