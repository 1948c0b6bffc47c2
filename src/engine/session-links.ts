import { BellhopError } from '../core/errors.ts';
import type { SessionFeature, SessionHandle } from './ports/index.ts';

/** A session that is online now. */
export interface SessionLink {
  readonly sessionId: string;
  readonly channel: string;
  readonly handle: SessionHandle;
}

/** Which sessions are online. Kept by the session runners, asked by everything that talks to a network. */
export class SessionLinks {
  readonly #links = new Map<string, SessionLink>();

  add(link: SessionLink): void {
    this.#links.set(link.sessionId, link);
  }

  remove(sessionId: string): void {
    this.#links.delete(sessionId);
  }

  find(sessionId: string): SessionLink | undefined {
    return this.#links.get(sessionId);
  }

  /** Throws `session_down`, or `capability_missing` when the connector lacks the feature. */
  require(sessionId: string, feature: SessionFeature): SessionLink {
    const link = this.#links.get(sessionId);
    if (link === undefined) throw new BellhopError('session_down');
    if (!link.handle.features.has(feature)) throw new BellhopError('capability_missing');
    return link;
  }
}
