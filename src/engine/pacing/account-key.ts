import type { Session } from '../model/session.ts';

/** Names the account behind a session: whatever sends for it shares its limits, also after the session was removed and made anew. */
export function accountKeyOf({ id, channel, account }: Pick<Session, 'id' | 'channel' | 'account'>): string {
  return account === null ? `${channel} session ${id}` : `${channel}:${account.address}`;
}
