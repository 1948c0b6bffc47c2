import type {
  CanarySession,
  Connected,
  DeletingSession,
  EditingSession,
  OutboundMessage,
  PresenceSession,
  ProbingSession,
  ReactingSession,
  ReadMarkingSession,
  SendResult,
  TypingSession,
  VitalSession,
} from '../../src/connector-api/index.ts';

/**
 * What each kind of account does, over its own protocol: a person's over MTProto, a bot over the Bot API. The session lends it its
 * name; the promises are those of `ConnectorSession`. Optional methods that a kind lacks are simply not there.
 */
export interface AccountSession
  extends Partial<
    TypingSession &
      ReadMarkingSession &
      ReactingSession &
      EditingSession &
      DeletingSession &
      PresenceSession &
      ProbingSession &
      CanarySession &
      VitalSession
  > {
  connect(): Promise<Connected>;
  /** Also called when the session's signal aborts. */
  disconnect(): Promise<void>;
  /** Ends the link at the network where that is possible, and the connection. Never rejects; the session then erases the vault. */
  unlink(): Promise<void>;
  send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult>;
}
