import type { DisconnectKind, LimitScope } from '../../connector-api/index.ts';
import type { SessionState, StateReason } from '../model/session.ts';
import type { AlertWayKind } from './alert-sink.ts';

/**
 * What became of a question to a line. `missed`: answered, and it found what the network had not sent by itself. `refused`: the
 * network does not take it. `unstored`: it came back and the store could not write.
 */
export type QuestionOutcome = 'answered' | 'missed' | 'refused' | 'unanswered' | 'unstored';

/** What the engine counts. Labels are bounded: session ids and fixed words, never addresses or bodies. */
export interface Telemetry {
  /** `at`: epoch ms of the change. Of the reason nothing but its codes and its fixed texts may be shown. */
  sessionState(session: string, channel: string, state: SessionState, why: StateReason | null, at: number): void;
  sessionGone(session: string): void;
  disconnected(session: string, kind: DisconnectKind): void;
  /** When the line last proved that it hears; epoch ms, null while it is not connected. */
  lineProven(session: string, channel: string, at: number | null): void;
  /** `roundTripMs`: null without an answer, or for a late one. */
  lineAsked(
    session: string,
    channel: string,
    question: 'canary' | 'probe',
    outcome: QuestionOutcome,
    roundTripMs: number | null,
  ): void;
  /** A line that looked connected was found to be broken; `layer` is a fixed word. */
  lineDeaf(session: string, layer: string): void;
  /** A client version was tried out, or refused; `unclear`: the attempt ended for another reason. */
  versionTried(channel: string, outcome: 'accepted' | 'refused' | 'unclear'): void;
  /**
   * Whether the sessions of a channel announce an older version than they should. `emptyRounds`: how often in this search every known
   * version was refused; 0 = none goes on, or its first round.
   */
  versionDegraded(channel: string, isDegraded: boolean, emptyRounds: number): void;
  inbound(session: string, channel: string, type: string, outcome: 'stored' | 'duplicate' | 'failed'): void;
  outbound(
    session: string,
    channel: string,
    outcome: 'sent' | 'retried' | 'limited' | 'failed' | 'cancelled' | 'expired',
    waitedSeconds: number,
  ): void;
  /** The network closed something, or closed it again. `nativeClass` is bounded: its code without the numbers in it. */
  limited(session: string, scope: LimitScope, nativeClass: string): void;
  receipt(session: string, status: string): void;
  /** An attempt to tell an alert ended. `dead`: it is given up. */
  alertTold(way: AlertWayKind, outcome: 'delivered' | 'retry' | 'dead'): void;
  delivery(outcome: 'delivered' | 'retry' | 'dead' | 'blocked', seconds: number): void;
}
