import type { ConnectorEvent } from '../../connector-api/index.ts';

/** Whether this came from a guest's device, not from the network or the account's own devices. Pure. */
export function isFromGuest(event: ConnectorEvent): boolean {
  switch (event.type) {
    case 'message':
      return event.message.direction === 'inbound';
    case 'receipt':
      return event.receipt.status !== 'sent';
    case 'reaction':
    case 'poll_vote':
      return !event.fromAccount;
    case 'typing':
    case 'presence':
      return true;
    default:
      return false;
  }
}
