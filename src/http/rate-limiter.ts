import type { Clock } from '../core/clock.ts';

interface Window {
  startedAt: number;
  used: number;
}

export interface RateVerdict {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Seconds until the window is new, at least 1. */
  readonly resetSeconds: number;
}

/** Windows kept at once; the oldest is forgotten first. Keys are authenticated, so this is far above real use. */
const MAX_WINDOWS = 4_096;

/** Counts requests a key in fixed windows on monotonic time. A guard against runaway clients, not a pace towards guests. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #windowMs: number;
  readonly #windows = new Map<string, Window>();
  /** The `RateLimit-Policy` header (IETF draft ratelimit-headers, structured fields). */
  readonly policy: string;

  constructor(deps: { clock: Clock; max: number; windowSeconds: number }) {
    this.#clock = deps.clock;
    this.#max = deps.max;
    this.#windowMs = deps.windowSeconds * 1_000;
    this.policy = `"default";q=${deps.max};w=${deps.windowSeconds}`;
  }

  take(key: string): RateVerdict {
    const now = this.#clock.monotonic();
    const window = this.#windowOf(key, now);
    const allowed = window.used < this.#max;
    if (allowed) window.used += 1;
    return {
      allowed,
      remaining: this.#max - window.used,
      resetSeconds: Math.max(1, Math.ceil((window.startedAt + this.#windowMs - now) / 1_000)),
    };
  }

  #windowOf(key: string, now: number): Window {
    const present = this.#windows.get(key);
    if (present !== undefined) {
      if (now - present.startedAt >= this.#windowMs) {
        present.startedAt = now;
        present.used = 0;
      }
      return present;
    }
    const window = { startedAt: now, used: 0 };
    this.#windows.set(key, window);
    if (this.#windows.size > MAX_WINDOWS) {
      const oldest = this.#windows.keys().next();
      if (oldest.done !== true) this.#windows.delete(oldest.value);
    }
    return window;
  }
}

/** The `RateLimit` header for a verdict. */
export function rateLimitHeader(verdict: RateVerdict): string {
  return `"default";r=${verdict.remaining};t=${verdict.resetSeconds}`;
}
