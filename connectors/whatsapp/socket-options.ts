import type { Agent } from 'node:https';
import type { GroupMetadata, proto, UserFacingSocketConfig, WAMessageKey } from '@whiskeysockets/baileys';
import type { VersionNumbers } from './versions.ts';

/** WhatsApp's clients ask every 20 to 30 s; Baileys' own default. */
export const KEEP_ALIVE_MS = 30_000;
/** TCP, TLS, WebSocket upgrade and Noise handshake. */
const HANDSHAKE_TIMEOUT_MS = 20_000;
/** After it a question to the server counts as unanswered. */
const QUERY_TIMEOUT_MS = 30_000;
/** Shown in the phone's list of linked devices; a combination that WhatsApp Web itself announces. */
const DEVICE_NAME: [string, string, string] = ['Mac OS', 'Chrome', '14.4.1'];
/** proto.HistorySync.HistorySyncType.FULL: years of chats, which a bridge has no use for. */
const FULL_HISTORY = 2;

export interface SocketOptions {
  readonly version: VersionNumbers;
  readonly agent: Agent;
  readonly endpoint?: string;
  /** How long each QR code lives; absent: the network's own rhythm of 60 s, then 20 s. */
  readonly qrLifetimeMs?: number;
  readonly retryCounters: NonNullable<UserFacingSocketConfig['msgRetryCounterCache']>;
  readonly getMessage: (key: WAMessageKey) => Promise<proto.IMessage | undefined>;
  readonly cachedGroupMetadata: (jid: string) => Promise<GroupMetadata | undefined>;
}

/** Every choice about the client in one place. What is not here is Baileys' default. */
export function toSocketConfig(options: SocketOptions): Omit<UserFacingSocketConfig, 'auth'> {
  return {
    version: options.version,
    browser: DEVICE_NAME,
    // A private endpoint on this machine may go without TLS, where a TLS agent is refused.
    ...(options.endpoint?.startsWith('ws:') === true ? {} : { agent: options.agent }),
    fetchAgent: options.agent,
    ...(options.endpoint === undefined ? {} : { waWebSocketUrl: options.endpoint }),
    ...(options.qrLifetimeMs === undefined ? {} : { qrTimeout: options.qrLifetimeMs }),
    connectTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    keepAliveIntervalMs: KEEP_ALIVE_MS,
    defaultQueryTimeoutMs: QUERY_TIMEOUT_MS,
    // An account that is always online mutes the staff's own phones.
    markOnlineOnConnect: false,
    // What we send comes back from the daemon's own records, not from the library.
    emitOwnEvents: false,
    // The library would throw away a session, with all that it can still read, after one message that it could not: what else
    // waits in that session then has to be asked for again, message by message. Retries bring new keys without that.
    enableAutoSessionRecreation: false,
    syncFullHistory: false,
    shouldSyncHistoryMessage: ({ syncType }) => Number(syncType) !== FULL_HISTORY,
    generateHighQualityLinkPreview: false,
    msgRetryCounterCache: options.retryCounters,
    getMessage: options.getMessage,
    cachedGroupMetadata: options.cachedGroupMetadata,
  };
}
