/** Why the process of some sessions ended; a fixed set, also a label of metrics. */
export const processEnds = [
  /** By itself: an error that nobody caught, a signal of its own, or an exit. */
  'crashed',
  /** By a SIGKILL from outside: an operator, or the kernel for want of memory. */
  'killed',
  /** Its heap was full. */
  'out_of_memory',
  /** It did not answer any more, and was killed. */
  'hung',
  /** It answered, but its event loop was blocked again and again, and it was killed. */
  'slow',
  /** It had grown too large: its sessions were moved, then it was ended. */
  'memory',
  /** An operator asked for new processes: its sessions were moved, then it was ended. */
  'renewed',
  /** Its sessions had been set apart after crashes and went back to the others. */
  'regrouped',
] as const;
export type ProcessEnd = (typeof processEnds)[number];

/** One process that runs sessions. */
export interface ProcessView {
  readonly channel: string;
  /** Smallest number that was free among the processes of the channel; from 1. */
  readonly number: number;
  readonly pid: number | null;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Open, or being opened. */
  readonly sessions: number;
  /** Its sessions are being moved elsewhere, and it takes no new ones. */
  readonly isRetiring: boolean;
  /** As of its last pulse; null before the first. */
  readonly rssBytes: number | null;
  readonly heapBytes: number | null;
  /** Longest block of its event loop in the time of the last pulse; ms. */
  readonly loopLagMs: number | null;
}

/** The processes of all sessions, for operators. */
export interface ProcessControl {
  processes(): readonly ProcessView[];
  /**
   * Replaces every process by a new one, one at a time, and moves its sessions gently. Resolves when that is done, at most hours later;
   * a call meanwhile joins the one under way. Never rejects.
   */
  renew(): Promise<void>;
}
