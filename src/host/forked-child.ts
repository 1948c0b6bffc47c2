import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../core/clock.ts';
import { withDeadline } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ChildEnd } from './child-end.ts';
import { hungEnd, isAbort, readEnd, slowEnd } from './child-end.ts';
import type { ChildInit } from './child-init.ts';
import { ChildOutput } from './child-output.ts';
import { linkToChild } from './process-link.ts';
import type { ProcessPulse } from './process-pulse.ts';
import { RuntimeClient } from './runtime-client.ts';
import { SlowWatch } from './slow-watch.ts';

/** Starting Node and loading our own code, on a small machine where every child starts at once. */
const INIT_TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** So many heartbeats without a word and the child is hung. 30 s: no honest work blocks a loop that long. */
const SILENT_BEATS = 6;
/** After a heartbeat that came this late it was we who were blocked, not the child. */
const LATE_BEAT_MS = 2 * HEARTBEAT_MS;
/** Its last words are on their way when it has ended; somebody else may hold its output open, though. */
const LAST_WORDS_MS = 1_000;
/** Our own secrets travel over the line; a library that prints its environment must not find them there. */
const SECRET_PREFIX = 'BELLHOP_';

/** A process that runs sessions, seen from the daemon. */
export interface Child {
  readonly client: RuntimeClient;
  readonly pid: number | undefined;
  /** Resolves once the child can open sessions. Rejects when it died or did not answer; it is ended then. */
  start(): Promise<void>;
  /** Closes its sessions and ends it, by force after `limitMs`. */
  stop(limitMs: number): Promise<void>;
  /** Ends it by force, for this reason; its sessions are lost. No effect on one that has ended. */
  condemn(verdict: ChildEnd): void;
}

export interface ChildDeps {
  readonly module: URL;
  readonly execArgv: readonly string[];
  readonly init: ChildInit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onPulse: (pulse: ProcessPulse) => void;
  /** The process has ended; undefined: because it was told to stop. Called before its sessions hear of it. */
  readonly onGone: (end: ChildEnd | undefined) => void;
}

/** One child process: starts it, listens to its heart, ends it. */
export class ForkedChild implements Child {
  readonly client: RuntimeClient;
  readonly #deps: ChildDeps;
  readonly #process: ChildProcess;
  readonly #output: ChildOutput;
  readonly #slow = new SlowWatch();
  readonly #gone: Promise<void>;
  #beat: Timer | undefined;
  #silent = 0;
  #heard = 0;
  #stopping = false;
  #verdict: ChildEnd | undefined;

  constructor(deps: ChildDeps) {
    this.#deps = deps;
    this.#output = new ChildOutput({ log: deps.log });
    this.#process = fork(fileURLToPath(deps.module), [], {
      execArgv: [...deps.execArgv],
      env: childEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.client = new RuntimeClient({
      link: linkToChild(this.#process),
      clock: deps.clock,
      log: deps.log,
      onClosed: () => this.kill(), // a child that hangs up has nothing left to do; harmless when it has ended
      onPulse: (pulse) => this.#takePulse(pulse),
    });
    this.#gone = this.#watch();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  async start(): Promise<void> {
    this.client.start();
    try {
      await this.client.init(this.#deps.init, INIT_TIMEOUT_MS);
    } catch (error) {
      this.condemn(hungEnd);
      throw error;
    }
    this.#listen(this.#deps.clock.monotonic());
  }

  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    const { clock } = this.#deps;
    const until = clock.monotonic() + limitMs;
    const ended = this.client.stop(limitMs).then(() => {
      this.client.close();
      return this.#gone;
    });
    const rest = Math.max(0, until - clock.monotonic());
    await withDeadline(clock, rest, ended, () => new Error('too late')).catch(() => undefined);
    this.kill();
    await this.#gone;
  }

  condemn(verdict: ChildEnd): void {
    if (!this.#isRunning()) return;
    this.#verdict ??= verdict;
    this.kill();
  }

  /** SIGKILL: also ends a process that is stopped or busy. Idempotent. */
  kill(): void {
    if (this.#isRunning()) this.#process.kill('SIGKILL');
  }

  #isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  #watch(): Promise<void> {
    const child = this.#process;
    this.#output.watch('stdout', child.stdout);
    this.#output.watch('stderr', child.stderr);
    return new Promise((resolve) => {
      const end = (found: ChildEnd): void => {
        this.#beat?.cancel();
        const why = found.end === 'killed' ? (this.#verdict ?? found) : found; // it may have ended before we did it
        if (!this.#stopping) this.#output.sayLastWords(why.text);
        this.#deps.onGone(this.#stopping ? undefined : why);
        this.client.lose(why.text);
        resolve();
      };
      child.once('error', (error) => {
        this.#deps.log.error('a child could not be started', { error });
        if (child.pid === undefined) end({ end: 'crashed', text: 'could not be started' });
      });
      child.once('exit', (code, signal) => {
        const tell = (): void => void this.#readEnd(code, signal).then(end);
        // What the child had said before its end is still on the line: `disconnect` comes after the last of it.
        if (child.connected) child.once('disconnect', tell);
        else tell();
      });
    });
  }

  async #readEnd(code: number | null, signal: string | null): Promise<ChildEnd> {
    if (isAbort(code, signal)) {
      const { clock } = this.#deps;
      await withDeadline(clock, LAST_WORDS_MS, this.#output.complete, () => new Error('too late')).catch(
        () => undefined,
      );
    }
    return readEnd(code, signal, this.#output.tail);
  }

  #takePulse(pulse: ProcessPulse): void {
    this.#deps.onPulse(pulse);
    if (this.#slow.isSlow(pulse, this.#deps.clock.monotonic())) this.condemn(slowEnd);
  }

  #listen(lastBeatAt: number): void {
    const { clock } = this.#deps;
    this.#beat = clock.after(HEARTBEAT_MS, () => {
      const now = clock.monotonic();
      const heard = this.client.heard;
      this.#silent = heard !== this.#heard || now - lastBeatAt > LATE_BEAT_MS ? 0 : this.#silent + 1;
      this.#heard = heard;
      if (this.#silent >= SILENT_BEATS) {
        this.condemn(hungEnd);
        return;
      }
      this.client.ping();
      this.#listen(now);
    });
  }
}

function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith(SECRET_PREFIX)));
}
