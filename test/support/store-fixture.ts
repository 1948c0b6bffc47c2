import type { InboundMessage, Person } from '../../src/connector-api/index.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { InboundRecord, NewOutbound, Store } from '../../src/engine/ports/index.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const SESSION = 'front-desk';
export const ANN = '+4915112345678';
export const BEN = '+4915187654321';
export const ACCOUNT = '+493012345';

/** A store with one linked session, as the daemon has it after its first link. */
export async function linkSession(store: Store, clock: VirtualClock, id = SESSION, property = 'main'): Promise<void> {
  await store.createSession({ id, property, channel: 'whatsapp', settings: {} });
  await store.recordSessionChange({
    sessionId: id,
    state: 'connected',
    reason: null,
    at: clock.now(),
    account: { address: ACCOUNT },
  });
}

export function outbound(networkId: string, overrides: Partial<NewOutbound> = {}): NewOutbound {
  return {
    property: 'main',
    sessionId: SESSION,
    channel: 'whatsapp',
    networkId,
    to: { kind: 'direct', address: ANN },
    body: `body of ${networkId}`,
    entities: [],
    buttons: [],
    attachments: [],
    location: null,
    contacts: null,
    poll: null,
    replyTo: null,
    urgency: 'normal',
    purpose: 'service',
    basis: null,
    sendAt: null,
    expiresAt: null,
    metadata: null,
    requestedBy: 'key_00000000000000000000000000',
    estimatedSendAt: null,
    ...overrides,
  };
}

export function person(...addresses: [string, ...string[]]): Person {
  return { addresses };
}

/** A message as a guest sent it in a direct chat; `overrides.message` changes parts of it. */
export function inbound(
  networkId: string,
  at: number,
  overrides: Partial<Omit<InboundRecord, 'message'>> & { from?: Person; message?: Partial<InboundMessage> } = {},
): InboundRecord {
  const { from = person(ANN), message, ...rest } = overrides;
  return {
    property: 'main',
    sessionId: SESSION,
    channel: 'whatsapp',
    receivedAt: at,
    ...rest,
    message: {
      networkId,
      chat: { kind: 'direct', addresses: from.addresses },
      sender: from,
      direction: 'inbound',
      content: { type: 'text', body: `text of ${networkId}` },
      sentAt: at,
      ...message,
    },
  };
}

/** Accepts one message and answers it. */
export async function accept(store: Store, networkId: string, overrides: Partial<NewOutbound> = {}): Promise<Message> {
  const outcome = await store.acceptMessages([outbound(networkId, overrides)]);
  if (!('messages' in outcome)) throw new Error('expected no replay');
  const [message] = outcome.messages;
  if (message === undefined) throw new Error('expected one message');
  return message;
}

/** Accepts, attempts and sends one message. */
export async function send(
  store: Store,
  clock: VirtualClock,
  networkId: string,
  overrides: Partial<NewOutbound> = {},
): Promise<Message> {
  const message = await accept(store, networkId, overrides);
  await store.beginAttempt(message.id, clock.now());
  return store.finishAttempt(message.id, { type: 'sent', at: clock.now() });
}

export async function eventTypes(store: Store): Promise<readonly string[]> {
  return (await store.listEvents({ property: null, limit: 1000 })).data.map((event) => event.type);
}
