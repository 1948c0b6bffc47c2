import type { CanarySession, VitalSession } from './liveness.ts';
import type {
  ConnectorSession,
  DeletingSession,
  EditingSession,
  PresenceSession,
  ProbingSession,
  ReactingSession,
  ReadMarkingSession,
  TypingSession,
} from './session.ts';

const has = (session: ConnectorSession, method: string): boolean =>
  method in session && typeof Reflect.get(session, method) === 'function';

export const canShowTyping = (session: ConnectorSession): session is ConnectorSession & TypingSession =>
  has(session, 'setTyping');
export const canMarkRead = (session: ConnectorSession): session is ConnectorSession & ReadMarkingSession =>
  has(session, 'markRead');
export const canReact = (session: ConnectorSession): session is ConnectorSession & ReactingSession =>
  has(session, 'react');
export const canEdit = (session: ConnectorSession): session is ConnectorSession & EditingSession =>
  has(session, 'edit');
export const canDelete = (session: ConnectorSession): session is ConnectorSession & DeletingSession =>
  has(session, 'deleteForEveryone');
export const canSetPresence = (session: ConnectorSession): session is ConnectorSession & PresenceSession =>
  has(session, 'setPresence');
export const canProbe = (session: ConnectorSession): session is ConnectorSession & ProbingSession =>
  has(session, 'probe');
export const canSendCanary = (session: ConnectorSession): session is ConnectorSession & CanarySession =>
  has(session, 'sendCanary');
export const hasVitals = (session: ConnectorSession): session is ConnectorSession & VitalSession =>
  has(session, 'vitals');
