/**
 * Time, injected everywhere. Wall time is for records, monotonic time for measuring and waiting:
 * a wall clock that jumps must neither fire a retry early nor hold it back.
 */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes backwards. */
  monotonic(): number;
  /** Runs `work` once after `delayMs` (clamped to 0..2^31-1). The timer does not keep the process alive. */
  after(delayMs: number, work: () => void): Timer;
}

export interface Timer {
  /** Idempotent; after it `work` never runs. */
  cancel(): void;
}

const LONGEST_TIMER_MS = 2_147_483_647; // setTimeout overflows to 1 ms beyond 2^31-1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, work) {
    const handle = setTimeout(work, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      if (signal !== undefined) reject(abortReason(signal));
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** For commands that wait in the foreground: unlike a `Clock`'s timer it keeps the process alive. */
export function waitInForeground(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}

/** Settles like `work`, but rejects with `onTimeout()` when `timeoutMs` passes first. The work itself is not stopped. */
export function withDeadline<T>(clock: Clock, timeoutMs: number, work: Promise<T>, onTimeout: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => reject(onTimeout()));
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}

/** RFC 3339 UTC with milliseconds, the only time format that leaves the daemon. */
export function toTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
