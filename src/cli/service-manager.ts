import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock, Timer } from '../core/clock.ts';
import { withDeadline } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';

/** A sign of life comes three times in the period that systemd grants, so that one may be late (sd_watchdog_enabled(3) advises two). */
const SIGNS_PER_PERIOD = 3;
/** A store that takes longer than this to answer hangs; with a sign each 20 s it is noticed within the period of 60 s; ms. */
const HEALTH_DEADLINE_MS = 10_000;

/** Says something to systemd: `READY=1`, `STATUS=…`, `WATCHDOG=1`, `STOPPING=1` (sd_notify(3)). */
export type Notify = (...facts: readonly string[]) => Promise<void>;

export interface ServiceManagerDeps {
  readonly environment: NodeJS.ProcessEnv;
  readonly pid: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Resolves when the daemon is well; a rejection counts as well, too: what is said aloud is no hang. */
  readonly checkHealth: () => Promise<void>;
  /** One line for `systemctl status`. */
  readonly status: () => Promise<string>;
  readonly notify?: Notify;
}

/**
 * Tells systemd how the daemon is, where systemd asks for it (NOTIFY_SOCKET); else does nothing. Signs of life are only given while
 * the event loop turns and the store answers, so that a daemon that hangs is started again.
 */
export class ServiceManager {
  readonly #deps: ServiceManagerDeps;
  readonly #notify: Notify | undefined;
  readonly #everyMs: number | undefined;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(deps: ServiceManagerDeps) {
    this.#deps = deps;
    const isAsked = (deps.environment['NOTIFY_SOCKET'] ?? '') !== '';
    this.#notify = isAsked ? (deps.notify ?? systemdNotify) : undefined;
    this.#everyMs = watchdogInterval(deps.environment, deps.pid);
  }

  /** The API answers: `systemctl start` returns. Signs of life begin. Never rejects. */
  async ready(): Promise<void> {
    if (this.#notify === undefined) return;
    await this.#say('READY=1', `STATUS=${await this.#deps.status()}`);
    this.#plan();
  }

  /** The end begins; systemd waits TimeoutStopSec from here. Never rejects. */
  async stopping(): Promise<void> {
    this.#isOver = true;
    this.#timer?.cancel();
    await this.#say('STOPPING=1', 'STATUS=Stopping');
  }

  #plan(): void {
    if (this.#everyMs === undefined || this.#isOver) return;
    this.#timer = this.#deps.clock.after(this.#everyMs, () => void this.#giveSign().finally(() => this.#plan()));
  }

  async #giveSign(): Promise<void> {
    const { clock, log, checkHealth, status } = this.#deps;
    try {
      const answered = checkHealth().catch(() => undefined);
      await withDeadline(clock, HEALTH_DEADLINE_MS, answered, () => new Error('the store does not answer'));
      await this.#say('WATCHDOG=1', `STATUS=${await status()}`);
    } catch (error) {
      log.error('no sign of life for systemd', { error: error instanceof Error ? error : undefined });
    }
  }

  async #say(...facts: readonly string[]): Promise<void> {
    try {
      await this.#notify?.(...facts);
    } catch (error) {
      this.#deps.log.warn('systemd could not be told', { error: error instanceof Error ? error : undefined });
    }
  }
}

/** WATCHDOG_USEC is meant for the process WATCHDOG_PID only, where that is set (sd_watchdog_enabled(3)). */
function watchdogInterval(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const periodMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1_000;
  const meant = environment['WATCHDOG_PID'];
  if (!(periodMs > 0) || (meant !== undefined && Number(meant) !== pid)) return undefined;
  return Math.floor(periodMs / SIGNS_PER_PERIOD);
}

/** Node has no datagram sockets of the Unix family, so systemd's own program carries the words. */
async function systemdNotify(...facts: readonly string[]): Promise<void> {
  await promisify(execFile)('systemd-notify', [...facts], { timeout: HEALTH_DEADLINE_MS });
}
