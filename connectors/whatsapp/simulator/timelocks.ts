import type { Clock } from '../../../src/core/clock.ts';
import type { Lines, Target } from './lines.ts';

/** Accounts that may not begin new chats for a while; the refusal is ack error 463. */
export class Timelocks {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #until = new Map<Target, number>();

  constructor(deps: { clock: Clock; lines: Lines }) {
    this.#clock = deps.clock;
    this.#lines = deps.lines;
  }

  lock(target: Target, seconds: number): void {
    this.#until.set(target, this.#clock.now() + seconds * 1000);
  }

  unlock(target: Target): void {
    this.#until.delete(target);
  }

  clear(): void {
    this.#until.clear();
  }

  /** When the device's lock ends, in milliseconds since the epoch; undefined while it has none. */
  endOf(deviceJid: string): number | undefined {
    const ends = [...this.#until]
      .filter(([target, end]) => end > this.#clock.now() && this.#lines.isMeant(target, deviceJid))
      .map(([, end]) => end);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }
}

/** A lock as clients read it, in answers and announcements. */
export function describeTimelock(end: number | undefined): Readonly<Record<string, unknown>> {
  if (end === undefined) return { is_active: false };
  const time_enforcement_ends = String(Math.ceil(end / 1000));
  return { is_active: true, time_enforcement_ends, enforcement_type: 'WEB_COMPANION_ONLY' };
}
