import type { Clock } from '../../../src/core/clock.ts';
import type { Logger } from '../../../src/core/logger.ts';
import type { Random } from '../../../src/core/random.ts';
import type { TlObject, TlValue } from '../tl.ts';

/*
 * The port between the connector and the libraries that speak MTProto. An engine is transport, cryptography and TL: it decides
 * nothing, repeats nothing that the connector did not ask for, and never opens a second connection by itself. Gaps, logins, limits and
 * sending are the connector's, the same above every engine.
 */

/** All that an account is on the wire; the same for every engine and version. */
export interface MtprotoKey {
  readonly dcId: number;
  /** 256 bytes. */
  readonly authKey: Uint8Array;
}

/** What `initConnection` tells the network, and what the person sees in the list of devices. Constant for an account. */
export interface Announcement {
  readonly deviceModel: string;
  readonly systemVersion: string;
  readonly appVersion: string;
  readonly langCode: string;
  readonly systemLangCode: string;
}

export interface MtprotoEndpoint {
  readonly host: string;
  readonly port: number;
  readonly dcId: number;
}

export interface ClientOptions {
  readonly apiId: number;
  readonly apiHash: string;
  readonly announcement: Announcement;
  /** A private network; its other data centres are what its `help.getConfig` lists. Absent = Telegram's own. */
  readonly endpoint?: MtprotoEndpoint;
  /** RSA public keys (PEM) of a private network, used in place of Telegram's. */
  readonly serverKeys?: readonly string[];
  /** The data centre to dial where there is no key yet (a login that was told to move). Default: the endpoint's, or the library's. */
  readonly dcId?: number;
  /** Absent: a new key is made with the server. */
  readonly key?: MtprotoKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How a connection ended that was not closed by us. */
export type ClientEnd =
  /** The socket broke or could not be opened. */
  | { readonly type: 'lost'; readonly systemCode?: string }
  /** Pings went unanswered. */
  | { readonly type: 'silent' }
  /** A transport error (MTProto "transport errors"): -404 = the key is not known, -429 = flood. */
  | { readonly type: 'transport'; readonly code: number }
  /** The server's key or proof was not what it must be, or an answer could not be read. */
  | { readonly type: 'protocol'; readonly detail: string };

/** An answer of the server that is an error (`rpc_error`). `text` is the raw word, e.g. `FLOOD_WAIT_42`. */
export class RpcFailure extends Error {
  readonly code: number;
  readonly text: string;
  /** The method that was refused. */
  readonly method: string;

  constructor(facts: { readonly code: number; readonly text: string; readonly method: string }) {
    super(`${facts.code} ${facts.text}`);
    this.name = 'RpcFailure';
    this.code = facts.code;
    this.text = facts.text;
    this.method = facts.method;
  }
}

/**
 * No answer: the connection ended or the deadline passed. `isWritten` tells whether the call may have reached the server; it is never
 * repeated by the engine.
 */
export class CallLost extends Error {
  readonly isWritten: boolean;
  readonly reason: 'deadline' | 'ended' | 'aborted' | 'unreadable';

  constructor(facts: { readonly isWritten: boolean; readonly reason: CallLost['reason'] }) {
    super(`call lost: ${facts.reason}`);
    this.name = 'CallLost';
    this.isWritten = facts.isWritten;
    this.reason = facts.reason;
  }
}

/** What `open` rejects with. */
export class OpenFailure extends Error {
  readonly end: ClientEnd | { readonly type: 'refused'; readonly failure: RpcFailure };

  constructor(end: OpenFailure['end']) {
    super(`not opened: ${end.type}`);
    this.name = 'OpenFailure';
    this.end = end;
  }
}

export interface CallOptions {
  /** Milliseconds on the injected clock until the call is given up (`CallLost`, reason `deadline`). */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /**
   * Another data centre, for files: the engine opens a second connection there, exports the authorization once, and keeps it until
   * `close`. Its calls have a queue of their own, its end never ends the client, and no updates come from there.
   */
  readonly dcId?: number;
}

/** One connection of one account. Called by the connector only. */
export interface MtprotoClient {
  /** Resolves once, when the connection is gone or proved dead. Not after `close`, nor when `open` rejects. */
  readonly ended: Promise<ClientEnd>;
  /** When the last byte came over the account's own connection, lines for files apart; monotonic. Undefined before the first. */
  readonly heardAt: number | undefined;
  /** Whether a server took a connection; false = there was no name, no route or nobody. */
  readonly isReached: boolean;
  /** Socket, key, `initConnection` around `help.getConfig`. Rejects with OpenFailure within a minute; called once. */
  open(): Promise<void>;
  /**
   * Calls one method at a time in the order of the calls; resolves with its bare answer. Rejects with RpcFailure or CallLost, and with a
   * TypeError for a call that is not of the engine's schema. The deadline runs while a call waits for its turn, too.
   * Follows no migration, waits for no flood, repeats nothing; only `bad_server_salt` and `bad_msg_notification` are repaired.
   */
  invoke(call: TlObject, options: CallOptions): Promise<TlValue>;
  /**
   * Every `Updates` object that the server pushes, in the order of arrival; never those that are answers. Set before `open`. A listener
   * that throws ends the connection, so that the next one catches up on what it did not take.
   */
  onUpdates(listener: (updates: TlObject) => void): void;
  /** A ping of the protocol and its pong; ms. Rejects with CallLost. The engine also pings by itself and ends as `silent`. */
  ping(timeoutMs: number): Promise<number>;
  /** The key in use; only after `open`. */
  key(): MtprotoKey;
  /** `account.password` and what the person typed to `inputCheckPasswordSRP`. Blocks the process for some 100 ms. */
  provePassword(password: TlObject, typed: string): Promise<TlObject>;
  /** Resolves when every socket and timer is gone, within 5 s. Idempotent. */
  close(): Promise<void>;
}

/** A library behind the port. Loading it is slow: only in the child, when the first session needs it. */
export interface MtprotoEngine {
  readonly name: EngineName;
  /** The layer that its schema speaks. */
  readonly layer: number;
  createClient(options: ClientOptions): MtprotoClient;
}

export const engineNames = ['gramjs', 'mtcute'] as const;
export type EngineName = (typeof engineNames)[number];
