import type { Chat } from './address.ts';
import type { ClientVersion } from './client-version.ts';
import type { Account, LoginFlow, LoginProcess } from './login.ts';
import type { MessageReference, OutboundMessage, SendResult } from './messages.ts';

/** The account is online. */
export interface Connected {
  readonly account: Account;
  readonly version: ClientVersion;
}

/**
 * One linked account. Called by the host only, which never runs two of `connect`, `disconnect`, `logout` and `beginLogin`
 * at once; `send` is called for one message at a time a chat. Which optional methods there are is read when the session is
 * created, after a login completed and after each `connect`: they may depend on the kind of the account.
 */
export interface ConnectorSession {
  /** Whether the vault holds credentials. Synchronous, no network. */
  isLinked(): boolean;
  /**
   * Opens one connection. Resolves when the network has accepted the account; from then on exactly one `disconnected` event
   * tells its end. Rejects with a DisconnectError, and then emits none. Replays the spool before it touches the network.
   * Never tries twice: when to try again is the supervisor's decision.
   */
  connect(): Promise<Connected>;
  /** Closes the connection and keeps the link. Resolves when the socket is gone, within 5 s. No event follows. Idempotent. */
  disconnect(): Promise<void>;
  /** Unlinks the account on the network where that is possible, and erases the vault in any case. */
  logout(): Promise<void>;
  /** Begins linking; only while not linked and not connected. The connection of the login is closed when it completes. */
  beginLogin(flow: LoginFlow): LoginProcess;
  /** Sends once. Resolves when the network acknowledged it; rejects with a SendError. Honours `signal`. */
  send(message: OutboundMessage, options: { signal: AbortSignal }): Promise<SendResult>;
}

/** Optional: shows the guest that somebody types. */
export interface TypingSession {
  setTyping(chat: Chat, on: boolean): Promise<void>;
}

/** Optional: marks messages of guests as read, also on the guest's side. */
export interface ReadMarkingSession {
  markRead(chat: Chat, messages: readonly [MessageReference, ...MessageReference[]]): Promise<void>;
}

/** Optional: an empty emoji takes the reaction back. */
export interface ReactingSession {
  react(chat: Chat, target: MessageReference, emoji: string): Promise<void>;
}

/** Optional: changes the text of a message of the account. */
export interface EditingSession {
  edit(chat: Chat, networkId: string, body: string): Promise<void>;
}

/** Optional: deletes a message of the account for everyone. */
export interface DeletingSession {
  deleteForEveryone(chat: Chat, networkId: string): Promise<void>;
}

/** Optional: shows the account as online or away. */
export interface PresenceSession {
  setPresence(online: boolean): Promise<void>;
}

/** Optional: asks the network a question whose answer proves that it listens. Resolves with the round trip in ms. */
export interface ProbingSession {
  probe(): Promise<number>;
}
