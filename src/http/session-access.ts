import { BellhopError } from '../core/errors.ts';
import type { Principal } from '../engine/model/access.ts';
import type { Session } from '../engine/model/session.ts';
import type { SessionStore } from '../engine/ports/index.ts';

/** The session, if this key may know of it. Sessions are read without a property, so every route on one goes through here. */
export async function requireSession(store: SessionStore, principal: Principal, id: string): Promise<Session> {
  const session = await store.getSession(id);
  if (session === null || (principal.property !== null && session.property !== principal.property)) {
    throw new BellhopError('not_found');
  }
  return session;
}
