import type { BinaryNode, SignalAuthState, SignalDataSet, SignalKeyStore, SocketConfig } from '@whiskeysockets/baileys';
import { BellhopError } from '../../src/core/errors.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { JournalPart } from './auth-state.ts';
import { JOURNAL_TYPE } from './auth-state.ts';
import type { Baileys } from './baileys.ts';
import type { FailureSwitch } from './durable-failure.ts';
import { StoreError } from './durable-failure.ts';
import { makeSealing } from './durable-sealing.ts';
import { InTurn } from './in-turn.ts';
import type { Journal } from './journal.ts';
import type { LibraryWork } from './library-work.ts';
import type { SignedPreKeys } from './signed-pre-keys.ts';
import { sha256 } from './stanza-parts.ts';

type MakeRepository = SocketConfig['makeSignalRepository'];
type TransactionalKeys = Extract<SignalAuthState['keys'], { transaction: unknown }>;

/** Status posts are not messages to the house; nobody waits for them. */
const STATUS = 'status@broadcast';

export interface DurableRepositoryDeps {
  readonly baileys: Baileys;
  readonly journal: Journal;
  /** The vault itself, without the library's transactions around it. */
  readonly vaultKeys: SignalKeyStore;
  readonly transactionOptions: SocketConfig['transactionOpts'];
  /** The stanza behind each ciphertext, by the object that came from the wire. */
  readonly stanzas: WeakMap<Uint8Array, BinaryNode>;
  readonly work: LibraryWork;
  readonly signedPreKeys: SignedPreKeys;
  readonly failure: FailureSwitch;
  readonly log: Logger;
}

/**
 * Baileys' own Signal repository, in which decrypting a message and journalling its plaintext are one transaction of the
 * vault: ratchet, used pre-key, identity, sender key and message survive together or not at all. A ciphertext that was
 * decrypted in an earlier life is answered from the journal. Baileys sends its receipt only after these calls.
 */
export function makeDurableRepository(deps: DurableRepositoryDeps): MakeRepository {
  return (auth, logger, pnToLid) => {
    const reader = deps.signedPreKeys.reader(auth.creds);
    const stock = deps.baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      { ...auth, creds: reader.creds },
      logger,
      pnToLid,
    );
    const keys = transactional(auth.keys);
    const turn = new InTurn();
    const sealing = makeSealing({ ...deps, turn }, [auth, logger, pnToLid]);

    const learnSenderKey = async (stanza: BinaryNode, plaintext: Uint8Array): Promise<void> => {
      const { proto, unpadRandomMax16 } = deps.baileys;
      const message = proto.Message.decode(unpadRandomMax16(plaintext));
      const item = (message.deviceSentMessage?.message ?? message).senderKeyDistributionMessage;
      const authorJid = stanza.attrs['participant'] ?? stanza.attrs['from'];
      if (item === null || item === undefined || authorJid === undefined) return;
      try {
        await stock.processSenderKeyDistributionMessage({ item, authorJid });
      } catch (error) {
        // Baileys, too, goes on without the key: the message itself is readable.
        deps.log.warn('sender key not usable', { error: asError(error) });
      }
    };

    const decryptOnce = async (
      ciphertext: Uint8Array,
      mutexKey: string,
      decrypt: () => Promise<Uint8Array>,
    ): Promise<Uint8Array> => {
      const stanza = deps.stanzas.get(ciphertext);
      if (stanza === undefined) {
        deps.failure.trip({ type: 'uncorrelated', error: uncorrelated() });
        return never();
      }
      const hash = sha256(ciphertext);
      deps.work.reached(stanza);
      try {
        const known = deps.journal.plaintextOf(stanza, hash);
        if (known !== undefined) return known;
        return await turn.run(() =>
          keys.transaction(async () => {
            const plaintext = await decrypt();
            await learnSenderKey(stanza, plaintext);
            await keys.set(asKeys(hash, { stanza, plaintext }));
            return plaintext;
          }, mutexKey),
        );
      } catch (error) {
        if (error instanceof StoreError || deps.failure.failed) return await never();
        return await rememberMissing(stanza, error);
      } finally {
        deps.work.finished(stanza, ciphertext);
      }
    };

    const rememberMissing = (stanza: BinaryNode, error: unknown): Promise<Uint8Array> => {
      try {
        if (stanza.attrs['from'] !== STATUS) deps.journal.addMissing(stanza);
      } catch (storeError) {
        deps.failure.trip({ type: 'store_failed', error: asError(storeError) });
        return never();
      }
      deps.log.warn('message not readable', { kind: asError(error).name });
      throw error;
    };

    return {
      ...stock,
      ...sealing,
      decryptMessage: (options) =>
        decryptOnce(options.ciphertext, options.jid, () =>
          options.type === 'pkmsg'
            ? reader.withKeyOf(options.ciphertext, () => stock.decryptMessage(options))
            : stock.decryptMessage(options),
        ),
      decryptGroupMessage: (options) =>
        decryptOnce(options.msg, options.group, () => stock.decryptGroupMessage(options)),
    };
  };
}

/** Travels as one more type of key, which is how it gets into the library's own transaction. */
function asKeys(hash: string, part: JournalPart): SignalDataSet {
  const data: SignalDataSet = {};
  Reflect.set(data, JOURNAL_TYPE, { [hash]: part });
  return data;
}

function transactional(keys: SignalAuthState['keys']): TransactionalKeys {
  if ('transaction' in keys) return keys;
  throw new BellhopError('internal_error', { detail: 'Baileys no longer wraps its key store in transactions' });
}

function uncorrelated(): BellhopError {
  return new BellhopError('internal_error', {
    detail: 'Baileys decrypts bytes that did not come from a message: this version cannot be run durably',
  });
}

/**
 * Neither a receipt nor a refusal may follow. The promise holds up nothing but the message queue of the socket that has
 * just been ended.
 */
function never(): Promise<never> {
  return new Promise<never>(() => undefined);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
