import type { DisconnectCause } from './disconnect.ts';

/** Codes with which a send may fail; a subset of the public error registry. */
export type SendErrorCode =
  | 'session_down'
  | 'send_rejected'
  | 'send_timeout'
  | 'rate_limited'
  | 'recipient_unknown'
  | 'encryption_failed'
  | 'media_transfer_failed'
  | 'media_gone'
  | 'media_too_large'
  | 'unsupported_content'
  | 'internal_error';

/** `not_sent`: nothing can have reached the guest. `maybe_sent`: settle it by echo, receipt or a resend under the same id. */
export type Certainty = 'not_sent' | 'maybe_sent';

/** Whom a refusal concerns. */
export const limitScopes = ['chat', 'account', 'new_chats'] as const;

/**
 * A limit that the network has set, and what it closes: one chat (slow mode), everything that the account sends (flood wait), or
 * chats with guests who never wrote (the account is taken for a sender of spam).
 */
export type LimitScope = (typeof limitScopes)[number];

/** `message`: this message alone. */
export type SendErrorScope = 'message' | LimitScope;

/**
 * The only error that `send` and the optional operations reject with. A connector never sleeps a limit of the network off: it
 * rejects at once with `rate_limited`, `not_sent`, a `scope` and, where the network gives one, `retryAfterMs`. The daemon keeps
 * such a limit (also over a restart), hands the connector nothing that it closes, and counts no attempt against the message.
 */
export class SendError extends Error {
  readonly code: SendErrorCode;
  readonly certainty: Certainty;
  /** Another attempt may succeed without anybody's help. */
  readonly retryable: boolean;
  /** How long the network wants to be left alone. A limit without one is tried again by the daemon's own rule. */
  readonly retryAfterMs: number | undefined;
  /** Absent = `message`. */
  readonly scope: SendErrorScope | undefined;
  /** The network's raw code, e.g. `463`. */
  readonly nativeCode: string | undefined;

  constructor(
    code: SendErrorCode,
    facts: {
      certainty: Certainty;
      retryable: boolean;
      retryAfterMs?: number;
      scope?: SendErrorScope;
      nativeCode?: string;
      detail?: string;
      cause?: unknown;
    },
  ) {
    super(facts.detail ?? code, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SendError';
    this.code = code;
    this.certainty = facts.certainty;
    this.retryable = facts.retryable;
    this.retryAfterMs = facts.retryAfterMs;
    this.scope = facts.scope;
    this.nativeCode = facts.nativeCode;
  }
}

/** What `connect` rejects with. */
export class DisconnectError extends Error {
  readonly reason: DisconnectCause;

  constructor(reason: DisconnectCause) {
    super(reason.code);
    this.name = 'DisconnectError';
    this.reason = reason;
  }
}

/** What a login process rejects with when linking cannot go on. */
export class LoginError extends Error {
  /** `expired`: nobody scanned in time. `rejected`: the network or the person said no. `unsupported`: no such method. `outdated`: the client version is refused, before anything was asked. */
  readonly code: 'expired' | 'rejected' | 'unsupported' | 'outdated' | 'cancelled' | 'network';

  constructor(code: LoginError['code'], detail?: string) {
    super(detail ?? code);
    this.name = 'LoginError';
    this.code = code;
  }
}
