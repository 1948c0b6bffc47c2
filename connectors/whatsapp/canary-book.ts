import { createHash } from 'node:crypto';

/** One is under way at a time; the others are late ones that a phone answers when it is switched on again. */
const REMEMBERED_CANARIES = 64;
const ID_PREFIX = '3EB0'; // as WhatsApp Web's own ids
const ID_HEX_DIGITS = 18;

/** The requests to the account's own phone that have not been answered yet. In memory: nobody waits for one over a restart. */
export class CanaryBook {
  readonly #tokens = new Map<string, string>();

  /** The id under which the request is to be sent. */
  expect(token: string): string {
    const id = idFrom('request', token);
    this.#tokens.set(id, token);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= REMEMBERED_CANARIES) break;
      this.#tokens.delete(oldest);
    }
    return id;
  }

  /** The token of the request that an answer names; undefined for any other, and for a second answer. */
  take(requestId: string | null | undefined): string | undefined {
    if (requestId === null || requestId === undefined) return undefined;
    const token = this.#tokens.get(requestId);
    this.#tokens.delete(requestId);
    return token;
  }
}

/** An id like those of WhatsApp Web, always the same for a purpose and a token. */
export function idFrom(purpose: string, token: string): string {
  const digest = createHash('sha256').update(`${purpose} ${token}`).digest('hex');
  return `${ID_PREFIX}${digest.slice(0, ID_HEX_DIGITS).toUpperCase()}`;
}
