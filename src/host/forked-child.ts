import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../core/clock.ts';
import { withDeadline } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ChildInit } from './child-init.ts';
import { ChildOutput } from './child-output.ts';
import { linkToChild } from './process-link.ts';
import { RuntimeClient } from './runtime-client.ts';

/** Starting Node and loading our own code, on a small machine where every child starts at once. */
const INIT_TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** So many heartbeats without a word and the child is hung. 30 s: no honest work blocks a loop that long. */
const SILENT_BEATS = 6;
/** After a heartbeat that came this late it was we who were blocked, not the child. */
const LATE_BEAT_MS = 2 * HEARTBEAT_MS;
/** Our own secrets travel over the line; a library that prints its environment must not find them there. */
const SECRET_PREFIX = 'BELLHOP_';

interface ForkedChildDeps {
  readonly channel: string;
  readonly module: URL;
  readonly execArgv: readonly string[];
  readonly init: ChildInit;
  readonly clock: Clock;
  readonly log: Logger;
  /** The process has ended, for whatever reason. */
  readonly onGone: (child: ForkedChild) => void;
}

/** One child process: starts it, listens to its heart, ends it. */
export class ForkedChild {
  readonly channel: string;
  readonly client: RuntimeClient;
  readonly #deps: ForkedChildDeps;
  readonly #process: ChildProcess;
  readonly #output: ChildOutput;
  readonly #gone: Promise<void>;
  #beat: Timer | undefined;
  #silent = 0;
  #heard = 0;
  #stopping = false;
  #hung = false;

  constructor(deps: ForkedChildDeps) {
    this.#deps = deps;
    this.channel = deps.channel;
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
    });
    this.#gone = this.#watch();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves once the child can open sessions. Rejects when it died or did not answer; it is ended then. */
  async start(): Promise<void> {
    this.client.start();
    try {
      await this.client.init(this.#deps.init, INIT_TIMEOUT_MS);
    } catch (error) {
      this.kill();
      throw error;
    }
    this.#listen(this.#deps.clock.monotonic());
  }

  /** Closes its sessions and ends it, by force after `limitMs`. */
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

  /** SIGKILL: also ends a process that is stopped or busy. Idempotent. */
  kill(): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
  }

  #watch(): Promise<void> {
    const child = this.#process;
    this.#output.watch('stdout', child.stdout);
    this.#output.watch('stderr', child.stderr);
    return new Promise((resolve) => {
      const end = (reason: string): void => {
        this.#beat?.cancel();
        this.client.lose(reason);
        this.#deps.onGone(this);
        resolve();
      };
      child.once('error', (error) => {
        this.#deps.log.error('a child could not be started', { error });
        if (child.pid === undefined) end('could not be started');
      });
      child.once('exit', (code, signal) => {
        const reason = this.#describeEnd(code, signal);
        // What the child had said before its end is still on the line: `disconnect` comes after the last of it.
        if (child.connected) child.once('disconnect', () => end(reason));
        else end(reason);
      });
    });
  }

  #describeEnd(code: number | null, signal: string | null): string {
    const how = signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
    const reason = this.#hung ? 'did not answer any more and was ended' : how;
    if (!this.#stopping && code !== 0) this.#output.sayLastWords(reason);
    return reason;
  }

  #listen(lastBeatAt: number): void {
    const { clock } = this.#deps;
    this.#beat = clock.after(HEARTBEAT_MS, () => {
      const now = clock.monotonic();
      const heard = this.client.heard;
      this.#silent = heard !== this.#heard || now - lastBeatAt > LATE_BEAT_MS ? 0 : this.#silent + 1;
      this.#heard = heard;
      if (this.#silent >= SILENT_BEATS) {
        this.#hung = true;
        this.kill();
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
