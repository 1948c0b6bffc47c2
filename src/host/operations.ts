import type { ConnectorEvent, ConnectorEventType, LoginStep, SendResult } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';
import type { SessionFeature, SessionOperation, SessionOperations } from '../engine/ports/connector-host.ts';

/** The optional interface that an operation belongs to. */
export const featureOf: Readonly<Partial<Record<SessionOperation, SessionFeature>>> = {
  setTyping: 'typing',
  markRead: 'readMarks',
  react: 'react',
  edit: 'edit',
  deleteForEveryone: 'delete',
  setPresence: 'presence',
  probe: 'probe',
  sendCanary: 'canary',
};

type Guard<T> = (value: unknown) => value is T;
type Inputs = { readonly [K in SessionOperation]: Guard<SessionOperations[K]['input']> };
type Outputs = { readonly [K in SessionOperation]: Guard<SessionOperations[K]['output']> };

const text = (value: unknown, ...keys: readonly string[]): boolean =>
  isRecord(value) && keys.every((key) => typeof value[key] === 'string');
const nothing = (value: unknown): value is undefined => value === undefined;
const inChat = (value: unknown): boolean => isRecord(value) && isRecord(value['chat']);

// Both ends are the same build, so these look only at what tells one shape from another: enough to catch a connector that
// answers or emits something else.

/** What the daemon sends, looked at where it arrives. */
const isInput: Inputs = {
  connect: nothing,
  disconnect: nothing,
  logout: nothing,
  beginLogin: (value): value is SessionOperations['beginLogin']['input'] => text(value, 'method'),
  nextLoginStep: nothing,
  answerLogin: (value): value is SessionOperations['answerLogin']['input'] =>
    isRecord(value) && Object.values(value).every((field) => typeof field === 'string'),
  cancelLogin: nothing,
  send: (value): value is SessionOperations['send']['input'] =>
    inChat(value) && text(value, 'networkId') && isRecord(value) && isRecord(value['content']),
  setTyping: (value): value is SessionOperations['setTyping']['input'] =>
    inChat(value) && isRecord(value) && typeof value['on'] === 'boolean',
  markRead: (value): value is SessionOperations['markRead']['input'] =>
    inChat(value) && isRecord(value) && Array.isArray(value['messages']) && value['messages'].length > 0,
  react: (value): value is SessionOperations['react']['input'] =>
    inChat(value) && text(value, 'emoji') && isRecord(value) && isRecord(value['target']),
  edit: (value): value is SessionOperations['edit']['input'] => inChat(value) && text(value, 'networkId', 'body'),
  deleteForEveryone: (value): value is SessionOperations['deleteForEveryone']['input'] =>
    inChat(value) && text(value, 'networkId'),
  setPresence: (value): value is SessionOperations['setPresence']['input'] =>
    isRecord(value) && typeof value['online'] === 'boolean',
  probe: nothing,
  sendCanary: (value): value is SessionOperations['sendCanary']['input'] => text(value, 'token'),
};

/** `input` as what the operation takes; throws when it is something else. */
export function checkedInput<K extends SessionOperation>(operation: K, input: unknown): SessionOperations[K]['input'] {
  const guard = isInput[operation];
  if (guard(input)) return input;
  throw new BellhopError('internal_error', { detail: `${operation} was called with the wrong input.` });
}

/** What a connector answers, looked at where it arrives. */
export const isOutput: Outputs = {
  connect: (value): value is SessionOperations['connect']['output'] =>
    text(value, 'version') && isRecord(value) && text(value['account'], 'address'),
  disconnect: nothing,
  logout: nothing,
  beginLogin: nothing,
  nextLoginStep: (value): value is LoginStep =>
    isRecord(value) && ['display', 'input', 'complete'].some((type) => value['type'] === type),
  answerLogin: nothing,
  cancelLogin: nothing,
  send: (value): value is SendResult =>
    text(value, 'networkId') && isRecord(value) && typeof value['acceptedAt'] === 'number',
  setTyping: nothing,
  markRead: nothing,
  react: nothing,
  edit: nothing,
  deleteForEveryone: nothing,
  setPresence: nothing,
  probe: (value): value is number => typeof value === 'number',
  sendCanary: nothing,
};

export function isOperation(name: unknown): name is SessionOperation {
  return typeof name === 'string' && Object.hasOwn(isInput, name);
}

const eventTypes: Readonly<Record<ConnectorEventType, true>> = {
  message: true,
  receipt: true,
  send_failed: true,
  reaction: true,
  poll_vote: true,
  edited: true,
  deleted: true,
  chat_read: true,
  identity: true,
  chat_updated: true,
  typing: true,
  presence: true,
  canary: true,
  limit: true,
  disconnected: true,
};

export function isConnectorEvent(value: unknown): value is ConnectorEvent {
  return isRecord(value) && typeof value['type'] === 'string' && Object.hasOwn(eventTypes, value['type']);
}
