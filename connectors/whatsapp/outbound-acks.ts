import type { BinaryNode } from '@whiskeysockets/baileys';
import type { SendErrorCode, SendErrorScope } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { NO_NEW_CHATS } from './new-chats.ts';

/** The part of Baileys' socket client that tells of frames: it emits `TAG:<id>` for each one that carries the id. */
export interface FrameSource {
  on(event: string, listener: (frame: BinaryNode) => void): unknown;
  off(event: string, listener: (frame: BinaryNode) => void): unknown;
}

/** The server answers within a second; half a minute covers a line that has to wake up. */
const ACK_TIMEOUT_MS = 30_000;
const MS_PER_SECOND = 1000;

interface Refusal {
  readonly code: SendErrorCode;
  readonly retryable: boolean;
  /** Absent = the message alone. */
  readonly scope?: SendErrorScope;
}

/**
 * Errors in the server's acknowledgement. 479: a stale device session, mended by the next try (Baileys
 * `SERVER_ERROR_CODES`).
 */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  [NO_NEW_CHATS, { code: 'rate_limited', retryable: true, scope: 'new_chats' }],
  ['479', { code: 'encryption_failed', retryable: true }],
  ['404', { code: 'recipient_unknown', retryable: false }],
  ['406', { code: 'recipient_unknown', retryable: false }],
  ['429', { code: 'send_rejected', retryable: true }],
  ['500', { code: 'send_rejected', retryable: true }],
  ['503', { code: 'send_rejected', retryable: true }],
]);

/** Waits for the server's word on messages. One per connection. */
export class AckWaiter {
  readonly #frames: FrameSource;
  readonly #clock: Clock;
  readonly #pending = new Set<() => void>();
  #closed = false;

  constructor(deps: { frames: FrameSource; clock: Clock }) {
    this.#frames = deps.frames;
    this.#clock = deps.clock;
  }

  /**
   * Begins to listen; call it before the first byte is written, since Baileys keeps no answer for latecomers. `arrived`
   * resolves with the time of acceptance, or rejects with a SendError: refused, no answer in time, line gone, or aborted.
   */
  expect(networkId: string, signal?: AbortSignal): { readonly arrived: Promise<number>; cancel(): void } {
    const tag = `TAG:${networkId}`;
    let stop = (): void => undefined;
    const arrived = new Promise<number>((resolve, reject) => {
      const onFrame = (frame: BinaryNode): void => {
        const refused = refusalOf(frame);
        if (refused !== undefined) settle(() => reject(refused));
        else if (provesAcceptance(frame)) settle(() => resolve(timeOf(frame) ?? this.#clock.now()));
      };
      const onLineGone = (): void => settle(() => reject(maybeSent('session_down')));
      const onAbort = (): void => settle(() => reject(maybeSent('send_timeout')));
      const timer = this.#clock.after(ACK_TIMEOUT_MS, onAbort);
      stop = () => {
        timer.cancel();
        this.#frames.off(tag, onFrame);
        this.#pending.delete(onLineGone);
        signal?.removeEventListener('abort', onAbort);
      };
      const settle = (outcome: () => void): void => {
        stop();
        outcome();
      };
      this.#frames.on(tag, onFrame);
      this.#pending.add(onLineGone);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (this.#closed) onLineGone();
    });
    arrived.catch(() => undefined); // the send itself may fail first and leave this one unread
    return { arrived, cancel: () => stop() };
  }

  /** The line is gone: whatever still waits may or may not have reached the server. */
  close(): void {
    this.#closed = true;
    for (const fail of this.#pending) fail();
  }
}

const maybeSent = (code: 'session_down' | 'send_timeout'): SendError =>
  new SendError(code, { certainty: 'maybe_sent', retryable: true });

function refusalOf(frame: BinaryNode): SendError | undefined {
  const nativeCode = frame.tag === 'ack' ? frame.attrs['error'] : undefined;
  if (nativeCode === undefined) return undefined;
  const refusal: Refusal = REFUSALS.get(nativeCode) ?? { code: 'send_rejected', retryable: false };
  const { code, ...facts } = refusal;
  return new SendError(code, { certainty: 'not_sent', nativeCode, ...facts });
}

/** Beside the acknowledgement, any receipt for the id proves that the server has the message. */
const provesAcceptance = (frame: BinaryNode): boolean =>
  frame.tag === 'receipt' || (frame.tag === 'ack' && frame.attrs['class'] === 'message');

function timeOf(frame: BinaryNode): number | undefined {
  const seconds = frame.tag === 'ack' ? Number(frame.attrs['t']) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds * MS_PER_SECOND : undefined;
}
