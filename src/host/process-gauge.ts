import type { IntervalHistogram } from 'node:perf_hooks';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How a process is doing. */
export interface ProcessReading {
  /** Longest time that the event loop was blocked since the reading before; ms. */
  readonly loopLagMs: number;
  /** Of one core, since the reading before; 1 = all of it. A process that is blocked by itself uses it, one that is starved does not. */
  readonly cpuShare: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** Measures the process that it stands in. */
export interface ProcessGauge {
  read(): ProcessReading;
}

/** How closely the loop is looked at; ms. Shorter blocks are no matter here, and each look wakes the process. */
const RESOLUTION_MS = 100;
const NANOSECONDS_PER_MS = 1e6;
const MICROSECONDS_PER_MS = 1e3;

/** The gauge of a real process. */
export class SystemGauge implements ProcessGauge {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  #cpuMs = cpuMs();
  #wallMs = wallMs();

  start(): void {
    this.#delay.enable();
  }

  read(): ProcessReading {
    const longestMs = this.#delay.max / NANOSECONDS_PER_MS;
    this.#delay.reset();
    // The histogram holds the whole time between two looks, which is never less than its resolution.
    return { loopLagMs: Math.max(0, longestMs - RESOLUTION_MS), cpuShare: this.#readCpuShare(), ...memory() };
  }

  #readCpuShare(): number {
    const [usedMs, passedMs] = [cpuMs() - this.#cpuMs, wallMs() - this.#wallMs];
    this.#cpuMs += usedMs;
    this.#wallMs += passedMs;
    return passedMs <= 0 ? 0 : usedMs / passedMs;
  }
}

/** For sessions in the daemon's own process: what the loop does is seen by the beat alone. */
export const plainGauge: ProcessGauge = { read: () => ({ loopLagMs: 0, cpuShare: 0, ...memory() }) };

function memory(): { rssBytes: number; heapBytes: number } {
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}

function wallMs(): number {
  return Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS;
}
