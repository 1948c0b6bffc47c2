import type {
  AuthenticationCreds,
  BinaryNode,
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStore,
} from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import { isRecord } from '../../src/core/json.ts';
import type { Baileys } from './baileys.ts';
import type { FailureSwitch } from './durable-failure.ts';
import { StoreError } from './durable-failure.ts';
import type { Journal } from './journal.ts';

/** Pseudo type of key that carries decrypted parts into the transaction; goes to the journal, not to the secrets. */
export const JOURNAL_TYPE = 'bellhop-journal';

const CREDS = 'creds';
const KEY_PREFIX = 'key:';

/** A decrypted part on its way into the journal. */
export interface JournalPart {
  readonly stanza: BinaryNode;
  readonly plaintext: Uint8Array;
}

/** Credentials and Signal keys in the vault. Holds nothing in memory but the credentials of the live socket. */
export class AuthStore {
  readonly #baileys: Baileys;
  readonly #vault: SessionVault;
  #live: AuthenticationCreds | undefined;

  constructor(deps: { baileys: Baileys; vault: SessionVault }) {
    this.#baileys = deps.baileys;
    this.#vault = deps.vault;
  }

  /** Whether a link was completed. The account's signature is the last thing that linking brings. */
  isLinked(): boolean {
    return this.load()?.account !== undefined;
  }

  load(): AuthenticationCreds | undefined {
    if (this.#live !== undefined) return this.#live;
    const bytes = this.#vault.secrets.get(CREDS, CREDS);
    if (bytes === undefined) return undefined;
    const creds = this.#parse(bytes);
    return isCreds(creds) ? creds : undefined;
  }

  /** Credentials for a new socket, which changes them in place. `fresh` forgets the whole vault first. */
  begin(options: { fresh: boolean }): AuthenticationCreds {
    if (options.fresh) this.forget();
    this.#live = undefined;
    this.#live = this.load() ?? this.#baileys.initAuthCreds();
    return this.#live;
  }

  /** The socket has ended: its half-made credentials end with it. */
  end(creds: AuthenticationCreds): void {
    if (this.#live === creds) this.#live = undefined;
  }

  /** Writes the live credentials, synchronously. Before the link is complete nothing is kept. */
  save(): void {
    if (this.#live?.account === undefined) return;
    this.#vault.secrets.set(CREDS, CREDS, this.#serialise(this.#live));
  }

  /** Changes stored credentials and those of a live socket alike. */
  update(change: Partial<AuthenticationCreds>): void {
    const creds = this.load();
    if (creds?.account === undefined) return;
    Object.assign(creds, change);
    this.#vault.secrets.set(CREDS, CREDS, this.#serialise(creds));
  }

  forget(): void {
    this.#live = undefined;
    this.#vault.secrets.clear();
  }

  /** The key store of one socket. A write that fails ends that socket before anything is acknowledged. */
  keys(deps: { journal: Journal; failure: FailureSwitch }): SignalKeyStore {
    return {
      get: (type, ids) => this.#get(type, ids),
      set: (data) => {
        // A socket that has ended must not write over what its successor does.
        if (deps.failure.failed) throw new StoreError(new Error('the socket has ended'));
        try {
          this.write(data, deps.journal);
        } catch (error) {
          const failure = new StoreError(error);
          deps.failure.trip({ type: 'store_failed', error: failure });
          throw failure;
        }
        if (JOURNAL_TYPE in data) deps.journal.announce();
      },
    };
  }

  /** All keys, and the journal's rows among them, in one transaction of the vault. */
  write(data: SignalDataSet, journal: Journal): void {
    this.#vault.transaction(() => {
      for (const [type, values] of Object.entries<unknown>(data)) {
        if (!isRecord(values)) continue;
        for (const [id, value] of Object.entries(values)) this.#writeOne(type, id, value, journal);
      }
    });
  }

  #writeOne(type: string, id: string, value: unknown, journal: Journal): void {
    if (type === JOURNAL_TYPE) {
      if (!isJournalPart(value)) throw new TypeError('not a decrypted part');
      journal.addPart(value.stanza, id, value.plaintext);
    } else if (value === null || value === undefined) {
      this.#vault.secrets.delete(KEY_PREFIX + type, id);
    } else {
      this.#vault.secrets.set(KEY_PREFIX + type, id, this.#serialise(value));
    }
  }

  #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] } {
    const found: { [id: string]: SignalDataTypeMap[T] } = {};
    for (const id of ids) {
      const bytes = this.#vault.secrets.get(KEY_PREFIX + type, id);
      if (bytes === undefined) continue;
      const value = this.#parse(bytes);
      Reflect.set(found, id, type === 'app-state-sync-key' && isRecord(value) ? this.#asSyncKey(value) : value);
    }
    return found;
  }

  #asSyncKey(value: Readonly<Record<string, unknown>>): unknown {
    return this.#baileys.proto.Message.AppStateSyncKeyData.fromObject(value);
  }

  #serialise(value: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(value, this.#baileys.BufferJSON.replacer));
  }

  #parse(bytes: Uint8Array): unknown {
    return JSON.parse(Buffer.from(bytes).toString(), this.#baileys.BufferJSON.reviver);
  }
}

// The file is sealed and written by this class alone, so the shape of one field stands for all.
function isCreds(value: unknown): value is AuthenticationCreds {
  return isRecord(value) && isRecord(value['noiseKey']) && isRecord(value['signedIdentityKey']);
}

function isJournalPart(value: unknown): value is JournalPart {
  return isRecord(value) && isRecord(value['stanza']) && value['plaintext'] instanceof Uint8Array;
}
