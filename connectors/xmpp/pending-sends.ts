import type { Element, StreamManagement } from '@xmpp/client';
import type { SendErrorCode } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';

/** A server that has a stanza says so within a round trip. */
const ACK_TIMEOUT_MS = 20_000;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: SendError) => void;
}

/** Sends that are written and not yet acknowledged (XEP-0198). */
export class PendingSends {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();

  constructor(deps: { clock: Clock; acknowledgements: StreamManagement }) {
    this.#clock = deps.clock;
    deps.acknowledgements.on('ack', (stanza: Element) => this.#waiting.get(stanza.attrs['id'] ?? '')?.resolve());
  }

  /** Resolves when the server has the stanza; rejects with a SendError when that cannot be known any more. */
  expect(id: string, signal: AbortSignal): Promise<void> {
    const acknowledged = new Promise<void>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const give = (): void => this.fail(id, 'send_timeout');
    const timer = this.#clock.after(ACK_TIMEOUT_MS, give);
    signal.addEventListener('abort', give, { once: true });
    return acknowledged.finally(() => {
      timer.cancel();
      signal.removeEventListener('abort', give);
      this.#waiting.delete(id);
    });
  }

  /** It may have gone, and nobody will say. */
  fail(id: string, code: SendErrorCode): void {
    this.#waiting.get(id)?.reject(new SendError(code, { certainty: 'maybe_sent', retryable: true }));
  }

  /** The server said no. True when a send was waiting. */
  refuse(id: string, error: SendError): boolean {
    const waiting = this.#waiting.get(id);
    waiting?.reject(error);
    return waiting !== undefined;
  }

  end(): void {
    for (const id of this.#waiting.keys()) this.fail(id, 'session_down');
  }
}

/** What callers are told while there is no line. */
export function notSent(): SendError {
  return new SendError('session_down', { certainty: 'not_sent', retryable: true });
}
