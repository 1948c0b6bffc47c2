import type { Session } from '../model/session.ts';

/** Names the account behind a session: whatever sends for it shares its limits. `null` while none is linked. */
export function accountKeyOf({ channel, account }: Pick<Session, 'channel' | 'account'>): string | null {
  return account === null ? null : `${channel}:${account.address}`;
}
