import type { ConnectorSession } from '../connector-api/index.ts';
import {
  canDelete,
  canEdit,
  canMarkRead,
  canProbe,
  canReact,
  canSendCanary,
  canSetPresence,
  canShowTyping,
  hasVitals,
} from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import type { SessionFeature, SessionOperation } from '../engine/ports/connector-host.ts';
import { checkedInput } from './operations.ts';

export type OptionalOperation = Extract<
  SessionOperation,
  'setTyping' | 'markRead' | 'react' | 'edit' | 'deleteForEveryone' | 'setPresence' | 'probe' | 'sendCanary'
>;

/** What a session can do beyond the core. */
export function featuresOf(session: ConnectorSession): SessionFeature[] {
  const features: SessionFeature[] = [];
  if (canShowTyping(session)) features.push('typing');
  if (canMarkRead(session)) features.push('readMarks');
  if (canReact(session)) features.push('react');
  if (canEdit(session)) features.push('edit');
  if (canDelete(session)) features.push('delete');
  if (canSetPresence(session)) features.push('presence');
  if (canProbe(session)) features.push('probe');
  if (canSendCanary(session)) features.push('canary');
  if (hasVitals(session)) features.push('vitals');
  return features;
}

/** Runs an operation of an optional interface. Throws `capability_missing` where the session does not have it. */
export async function runOptional(
  session: ConnectorSession,
  operation: OptionalOperation,
  input: unknown,
): Promise<unknown> {
  switch (operation) {
    case 'setTyping': {
      const { chat, on } = checkedInput(operation, input);
      return canShowTyping(session) ? session.setTyping(chat, on) : missing();
    }
    case 'markRead': {
      const { chat, messages } = checkedInput(operation, input);
      return canMarkRead(session) ? session.markRead(chat, messages) : missing();
    }
    case 'react': {
      const { chat, target, emoji } = checkedInput(operation, input);
      return canReact(session) ? session.react(chat, target, emoji) : missing();
    }
    case 'edit': {
      const { chat, networkId, body } = checkedInput(operation, input);
      return canEdit(session) ? session.edit(chat, networkId, body) : missing();
    }
    case 'deleteForEveryone': {
      const { chat, networkId } = checkedInput(operation, input);
      return canDelete(session) ? session.deleteForEveryone(chat, networkId) : missing();
    }
    case 'setPresence': {
      const { online } = checkedInput(operation, input);
      return canSetPresence(session) ? session.setPresence(online) : missing();
    }
    case 'probe':
      return canProbe(session) ? session.probe() : missing();
    case 'sendCanary': {
      const { token } = checkedInput(operation, input);
      return canSendCanary(session) ? session.sendCanary(token) : missing();
    }
  }
}

function missing(): never {
  throw new BellhopError('capability_missing');
}
