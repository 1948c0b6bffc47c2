import type {
  Account,
  Chat,
  ClientVersion,
  Connected,
  ConnectorEvent,
  LoginFlow,
  LoginStep,
  MessageReference,
  OutboundMessage,
  SendResult,
  SessionVitals,
} from '../../connector-api/index.ts';

/** What a session can do beyond the core, found by the guards in the child. */
export type SessionFeature =
  | 'typing'
  | 'readMarks'
  | 'react'
  | 'edit'
  | 'delete'
  | 'presence'
  | 'probe'
  | 'canary'
  | 'vitals';

/** What the host needs in order to open a session. Plain data. */
export interface SessionSpec {
  readonly sessionId: string;
  readonly channel: string;
  /** `channels.<channel>` of the configuration, already validated by the connector's manifest. */
  readonly config: unknown;
  readonly clientVersion?: ClientVersion;
  /** Opens it in a process of its own choosing that has never run this session, e.g. because the old one is suspected. */
  readonly freshProcess?: boolean;
}

/** What the process of a session tells every few seconds. */
export interface SessionPulse {
  /** Longest time that the process' event loop was blocked since the last pulse; ms. */
  readonly loopLagMs: number;
  /** Absent where the connector tells none. */
  readonly vitals?: SessionVitals;
}

/** An open session reports here. The host awaits `onEvent` before it acknowledges the event to the connector. */
export interface SessionListener {
  /** Called in order, one at a time a session. Resolves once the event is durable; a rejection goes back to `emit`. */
  onEvent(event: ConnectorEvent): Promise<void>;
  /**
   * The process that ran the session is gone. The handle is dead; open the session again. `reason` goes on after "The connector's
   * process", e.g. `was ended by SIGKILL`. Called at most once.
   */
  onLost(reason: string): void;
  /** Every PULSE_MS while the session is open. Must return at once. */
  onPulse?(pulse: SessionPulse): void;
  /**
   * The process is to end: close the handle and open the session again, which brings it into another process. Resolves when the
   * session is as well as it was, or when that failed, or at once where it cannot be moved now (a person is linking it). Never rejects.
   */
  onMove?(): Promise<void>;
}

/** One operation on a session: its arguments and its answer, both plain data. */
export interface SessionOperations {
  connect: { input: undefined; output: Connected };
  disconnect: { input: undefined; output: undefined };
  logout: { input: undefined; output: undefined };
  beginLogin: { input: LoginFlow; output: undefined };
  /** The next step of the login; pends until there is one. */
  nextLoginStep: { input: undefined; output: LoginStep };
  answerLogin: { input: Readonly<Record<string, string>>; output: undefined };
  cancelLogin: { input: undefined; output: undefined };
  send: { input: OutboundMessage; output: SendResult };
  setTyping: { input: { readonly chat: Chat; readonly on: boolean }; output: undefined };
  markRead: {
    input: { readonly chat: Chat; readonly messages: readonly [MessageReference, ...MessageReference[]] };
    output: undefined;
  };
  react: {
    input: { readonly chat: Chat; readonly target: MessageReference; readonly emoji: string };
    output: undefined;
  };
  edit: { input: { readonly chat: Chat; readonly networkId: string; readonly body: string }; output: undefined };
  deleteForEveryone: { input: { readonly chat: Chat; readonly networkId: string }; output: undefined };
  setPresence: { input: { readonly online: boolean }; output: undefined };
  /** Round trip to the network in milliseconds. */
  probe: { input: undefined; output: number };
  /** See CanarySession; `canary` comes back as an event. */
  sendCanary: { input: { readonly token: string }; output: undefined };
}

export type SessionOperation = keyof SessionOperations;

export interface CallOptions {
  /** The call rejects with `session_down` after this long; the work in the child is cancelled. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One open session, seen from the daemon. */
export interface SessionHandle {
  readonly sessionId: string;
  /** As of opening, and again once a login is complete, `connect` has succeeded or `logout` is done: kinds of account differ. */
  readonly features: ReadonlySet<SessionFeature>;
  /** Whether the vault holds credentials; as of the same moments. */
  readonly linked: boolean;
  readonly account: Account | undefined;
  /**
   * Runs an operation. Errors come back as the classes of the connector API (SendError, DisconnectError, LoginError) or as a
   * BellhopError: `session_down` when the process died (certainty: maybe), `capability_missing` when the feature is absent.
   */
  call<K extends SessionOperation>(
    operation: K,
    input: SessionOperations[K]['input'],
    options?: CallOptions,
  ): Promise<SessionOperations[K]['output']>;
  /** Disconnects, closes the vault and forgets the session. Idempotent. */
  close(): Promise<void>;
}

/** How often the process of a session tells its pulse; ms. A busy line that is deaf is to be found within a minute. */
export const PULSE_MS = 5_000;

/** Runs connectors, in child processes or inline. Called by the supervisor only. */
export interface ConnectorHost {
  /** Cheap: children start when the first session of a channel opens. */
  start(): Promise<void>;
  /** Closes every session within `limitMs`, then ends the children, by force if need be. */
  stop(limitMs: number): Promise<void>;
  /** Rejects with `vault_key_wrong`, `vault_corrupt`, `store_locked` or `connector_missing`. */
  open(spec: SessionSpec, listener: SessionListener): Promise<SessionHandle>;
}
