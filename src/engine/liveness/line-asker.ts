import { SendError } from '../../connector-api/index.ts';
import type { Clock } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { SessionHandle } from '../ports/index.ts';
import type { Question } from './judge.ts';

/** The judge says when an answer is late; this only keeps calls from piling up; ms. */
const CALL_TIMEOUT_MS = 30_000;
const NONCE_BYTES = 6;

export interface AskerDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** `roundTripMs` is null for an answer to an earlier question. */
  onProbe(handle: SessionHandle, roundTripMs: number): void;
  /** The network answered that it does not take the canary. */
  onRefused(handle: SessionHandle): void;
  /** The session turned out not to be able to. */
  onUnable(handle: SessionHandle, question: Question): void;
}

/** Sends the questions of one session. No method throws; what gets no answer is simply not heard of again. */
export class LineAsker {
  readonly #deps: AskerDeps;
  /** Canaries that another run of the daemon sent are none of ours. */
  readonly #nonce: string;
  #count = 0;
  #askedAt = 0;

  constructor(deps: AskerDeps) {
    this.#deps = deps;
    this.#nonce = Buffer.from(deps.random.bytes(NONCE_BYTES)).toString('hex');
  }

  ask(handle: SessionHandle, question: Question): void {
    this.#askedAt = this.#deps.clock.monotonic();
    if (question === 'probe') void this.#probe(handle);
    else void this.#sendCanary(handle);
  }

  /** Whether this is a canary of ours, and how long the latest one was on its way; null for an earlier one. */
  recognise(token: string): { readonly roundTripMs: number | null } | undefined {
    if (!token.startsWith(this.#nonce)) return undefined;
    return { roundTripMs: token === this.#token() ? this.#deps.clock.monotonic() - this.#askedAt : null };
  }

  async #probe(handle: SessionHandle): Promise<void> {
    try {
      const roundTripMs = await handle.call('probe', undefined, { timeoutMs: CALL_TIMEOUT_MS });
      this.#deps.onProbe(handle, roundTripMs);
    } catch (error) {
      if (isIncapable(error)) this.#deps.onUnable(handle, 'probe');
    }
  }

  async #sendCanary(handle: SessionHandle): Promise<void> {
    this.#count += 1;
    try {
      await handle.call('sendCanary', { token: this.#token() }, { timeoutMs: CALL_TIMEOUT_MS });
    } catch (error) {
      if (isIncapable(error)) this.#deps.onUnable(handle, 'canary');
      else if (isRefusal(error)) this.#deps.onRefused(handle);
    }
  }

  #token(): string {
    return `${this.#nonce}${this.#count.toString(36)}`;
  }
}

function isIncapable(error: unknown): boolean {
  return error instanceof BellhopError && error.code === 'capability_missing';
}

/** An answer, if not the one that was asked for; silence and a line that broke are none. */
function isRefusal(error: unknown): boolean {
  return error instanceof SendError && error.code !== 'send_timeout' && error.code !== 'session_down';
}
