import type { Account, SessionVault } from '../../src/connector-api/index.ts';
import { isRecord } from '../../src/core/json.ts';
import type { AliasSource } from './address-lookup.ts';
import { addressOfJid } from './ids.ts';

// Names under which auth-state.ts keeps what the library gives it; read here without loading the library.
const CREDS = 'creds';
const LID_MAPPING = 'key:lid-mapping';
/** Baileys' LIDMappingStore keeps number → hidden id under the number, and the way back under this ending. */
const REVERSE = '_reverse';

/** What the library writes while the phone has told no name. */
const NO_NAME = '~';

/** Jids and name of the linked account. */
export interface OwnIdentity {
  readonly id: string;
  readonly lid?: string;
  readonly name?: string;
}

/** The account in the vault; undefined while no link was completed (the account's signature is its last part). */
export function readIdentity(vault: SessionVault): OwnIdentity | undefined {
  const creds = readJson(vault, CREDS, CREDS);
  if (!isRecord(creds) || !isRecord(creds['account']) || !isRecord(creds['me'])) return undefined;
  const { id, lid, name } = creds['me'];
  if (typeof id !== 'string') return undefined;
  return {
    id,
    ...(typeof lid === 'string' ? { lid } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

/** The account as the daemon knows it. */
export function toAccount(identity: OwnIdentity | undefined): Account {
  const address = addressOfJid(identity?.id) ?? addressOfJid(identity?.lid) ?? '';
  const name = identity?.name ?? NO_NAME;
  return { address, ...(name === NO_NAME ? {} : { displayName: name }) };
}

/** Which number belongs to which hidden id, as far as the library has learned it. */
export function aliasesIn(vault: SessionVault): AliasSource {
  const read = (name: string): string | undefined => {
    const value = readJson(vault, LID_MAPPING, name);
    return typeof value === 'string' ? value : undefined;
  };
  return { hiddenOf: (phoneUser) => read(phoneUser), phoneOf: (hiddenUser) => read(hiddenUser + REVERSE) };
}

function readJson(vault: SessionVault, namespace: string, name: string): unknown {
  const bytes = vault.secrets.get(namespace, name);
  return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString());
}
