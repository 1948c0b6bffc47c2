import type { BinaryNode, proto, WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { AuthStore } from './auth-state.ts';
import type { Baileys } from './baileys.ts';
import type { CanaryBook } from './canary-book.ts';
import type { InboxHandlers } from './inbox-handlers.ts';
import type { Journal, JournalEntry } from './journal.ts';

type ProtocolMessage = proto.Message.IProtocolMessage;
type LidPair = { readonly lid: string; readonly pn: string };

/** Baileys works on a live history notification by itself; only after this time without a crash is it taken as done. */
const HISTORY_GRACE_MS = 120_000;

/**
 * What the account's own phone tells its companion beside messages: keys of the app state, address mappings, history,
 * copies of messages. Baileys acts on them after it has sent their receipt, so after a kill only this does.
 */
export class PeerMessages {
  readonly #baileys: Baileys;
  readonly #vault: SessionVault;
  readonly #auth: AuthStore;
  readonly #journal: Journal;
  readonly #canaries: CanaryBook;
  readonly #handlers: Pick<InboxHandlers, 'onCanary'>;
  /** Entries of canaries that are through, by the phone's message id. */
  readonly #spent = new Map<string, string>();
  readonly #clock: Clock;
  readonly #log: Logger;
  #open: { readonly sock: WASocket; readonly since: number } | undefined;

  constructor(deps: {
    baileys: Baileys;
    vault: SessionVault;
    auth: AuthStore;
    journal: Journal;
    canaries: CanaryBook;
    handlers: Pick<InboxHandlers, 'onCanary'>;
    clock: Clock;
    log: Logger;
  }) {
    this.#baileys = deps.baileys;
    this.#vault = deps.vault;
    this.#auth = deps.auth;
    this.#journal = deps.journal;
    this.#canaries = deps.canaries;
    this.#handlers = deps.handlers;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Some of the work needs the address mapping of an open socket. */
  setOpenSocket(sock: WASocket | undefined): void {
    this.#open = sock === undefined ? undefined : { sock, since: this.#clock.now() };
  }

  concerns(message: WAMessage, stanza: BinaryNode): boolean {
    return stanza.attrs['category'] === 'peer' || this.#isSelfOnly(protocolOf(message)?.type);
  }

  async act(entry: JournalEntry, message: WAMessage): Promise<'settled' | 'parked'> {
    const protocol = protocolOf(message);
    const types = this.#baileys.proto.Message.ProtocolMessage.Type;
    if (message.key.fromMe !== true) {
      this.#log.warn('peer message from a stranger ignored');
    } else if (protocol?.type === types.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE) {
      if (await this.#takeCanary(entry, protocol)) return 'settled';
      this.#takeCopies(entry.key, protocol);
      return 'settled';
    } else if (protocol?.type === types.APP_STATE_SYNC_KEY_SHARE) {
      this.#takeSyncKeys(protocol);
    } else if (protocol?.type === types.LID_MIGRATION_MAPPING_SYNC) {
      if (this.#open === undefined) return 'parked';
      await this.#learn(this.#open.sock, this.#migrations(protocol), { migrate: true });
    } else if (protocol?.type === types.HISTORY_SYNC_NOTIFICATION) {
      if ((await this.#takeHistory(entry, protocol)) === 'later') return 'parked';
    }
    this.#journal.settle(entry.key);
    return 'settled';
  }

  /** The server has our receipt for this message and will not send it again: nothing of a canary need be kept. */
  onReceiptTaken(messageId: string | undefined): void {
    const key = messageId === undefined ? undefined : this.#spent.get(messageId);
    if (messageId === undefined || key === undefined) return;
    this.#spent.delete(messageId);
    this.#journal.drop(key);
  }

  /** An answer of an earlier life is nobody's and stays with the copies, of which it holds none. */
  async #takeCanary({ key, body }: JournalEntry, protocol: ProtocolMessage): Promise<boolean> {
    const token = this.#canaries.take(protocol.peerDataOperationRequestResponseMessage?.stanzaId);
    if (token === undefined) return false;
    for (const earlier of this.#spent.keys()) this.onReceiptTaken(earlier); // its receipt was long before this one's request
    this.#spent.set(body.stanza.attrs['id'] ?? '', key);
    try {
      await this.#handlers.onCanary(token, this.#clock.now());
    } catch (error) {
      this.#log.debug('a canary was dropped', { error: error instanceof Error ? error.name : 'unknown' });
    }
    this.#journal.settle(key);
    return true;
  }

  #isSelfOnly(type: ProtocolMessage['type']): boolean {
    const types = this.#baileys.proto.Message.ProtocolMessage.Type;
    return (
      type === types.HISTORY_SYNC_NOTIFICATION ||
      type === types.APP_STATE_SYNC_KEY_SHARE ||
      type === types.LID_MIGRATION_MAPPING_SYNC ||
      type === types.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE
    );
  }

  /** Copies of unreadable messages become entries of their own, in one transaction with the end of this one. */
  #takeCopies(key: string, protocol: ProtocolMessage): void {
    const results = protocol.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
    this.#vault.transaction(() => {
      for (const result of results) {
        const bytes = result.placeholderMessageResendResponse?.webMessageInfoBytes;
        if (bytes === null || bytes === undefined) continue;
        const { id } = this.#baileys.proto.WebMessageInfo.decode(bytes).key ?? {};
        const missing = this.#journal.missing.all().find(({ stanza }) => stanza.attrs['id'] === id);
        if (missing !== undefined) this.#journal.addCopy(missing.stanza, bytes);
      }
      this.#journal.settle(key);
    });
    this.#journal.announce();
  }

  #takeSyncKeys(protocol: ProtocolMessage): void {
    const shared = protocol.appStateSyncKeyShare?.keys ?? [];
    this.#vault.transaction(() => {
      for (const { keyId, keyData } of shared) {
        if (keyId?.keyId === null || keyId?.keyId === undefined || keyData === null || keyData === undefined) continue;
        const id = Buffer.from(keyId.keyId).toString('base64');
        this.#auth.write({ 'app-state-sync-key': { [id]: keyData } }, this.#journal);
        this.#auth.update({ myAppStateKeyId: id });
      }
    });
  }

  #migrations(protocol: ProtocolMessage): readonly LidPair[] {
    const bytes = protocol.lidMigrationMappingSyncMessage?.encodedMappingPayload;
    if (bytes === null || bytes === undefined) return [];
    const { pnToLidMappings } = this.#baileys.proto.LIDMigrationMappingSyncPayload.decode(bytes);
    return pnToLidMappings.map(({ pn, latestLid, assignedLid }) => ({
      pn: `${String(pn)}@s.whatsapp.net`,
      lid: `${String(latestLid ?? assignedLid)}@lid`,
    }));
  }

  /** Of the history only the address mappings are kept: Bellhop tells what happens, not what happened before. */
  async #takeHistory(entry: JournalEntry, protocol: ProtocolMessage): Promise<'done' | 'later'> {
    const notification = protocol.historySyncNotification;
    if (notification === null || notification === undefined) return 'done';
    const open = this.#open;
    const isFromEarlierLife = open !== undefined && entry.putAt < open.since;
    if (open === undefined) return 'later';
    if (!isFromEarlierLife) return this.#clock.now() - entry.putAt > HISTORY_GRACE_MS ? 'done' : 'later';
    try {
      const history = await this.#baileys.downloadAndProcessHistorySyncNotification(notification, {});
      await this.#learn(open.sock, history.lidPnMappings, { migrate: false });
    } catch (error) {
      // Mappings are also learnt from each envelope; the file may be gone from the server for good.
      this.#log.warn('history notification not usable', { error: error instanceof Error ? error.name : 'unknown' });
    }
    return 'done';
  }

  async #learn(sock: WASocket, pairs: readonly LidPair[], options: { migrate: boolean }): Promise<void> {
    if (pairs.length === 0) return;
    await sock.signalRepository.lidMapping.storeLIDPNMappings([...pairs]);
    if (!options.migrate) return;
    for (const { pn, lid } of pairs) await sock.signalRepository.migrateSession(pn, lid);
  }
}

function protocolOf(message: WAMessage): ProtocolMessage | undefined {
  return message.message?.protocolMessage ?? undefined;
}
