import type { Clock } from '../core/clock.ts';
import { withDeadline } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { EXIT_CRASH } from './child-end.ts';
import type { ChildInit } from './child-init.ts';
import { childInit } from './child-init.ts';
import { ForwardingLogger } from './forwarding-logger.ts';
import { HOST_METHODS, NOTES, RUNTIME_METHODS } from './methods.ts';
import { Peer } from './peer.ts';
import { SystemGauge } from './process-gauge.ts';
import { linkToParent } from './process-link.ts';
import { redactedError } from './redact.ts';
import type { RuntimeParts } from './session-runtime.ts';
import { SessionRuntime } from './session-runtime.ts';

/** After the daemon is gone the sessions have this long to close; then the process ends all the same. */
const LAST_RITES_MS = 5_000;
const EXIT_ORPHAN = 0;

interface ChildDeps {
  readonly clock: Clock;
  /** Builds what sessions are made of, once the daemon has told where things are. */
  compose(init: ChildInit, log: Logger): Omit<RuntimeParts, 'log'>;
}

/**
 * The life of a child process: waits for `init`, runs sessions, and ends itself when the daemon is gone. Called once, by the
 * child's composition root.
 */
export function serveChild(deps: ChildDeps): void {
  let runtime: SessionRuntime | undefined;
  let log: Logger | undefined;
  const gauge = new SystemGauge();

  const init = (params: unknown): void => {
    const facts = childInit.parse(params);
    const send = (line: unknown): void => peer.note(NOTES.log, line);
    log = new ForwardingLogger({ send, minimum: facts.logLevel });
    runtime = new SessionRuntime({
      parts: { gauge, ...deps.compose(facts, log), log },
      deliver: async (sessionId, event) => {
        await peer.call(RUNTIME_METHODS.event, { sessionId, event }).answer;
      },
      onPulse: (pulse) => peer.note(NOTES.pulse, pulse),
    });
    gauge.start();
  };

  const end = async (): Promise<void> => {
    const closing = runtime?.stop() ?? Promise.resolve();
    await withDeadline(deps.clock, LAST_RITES_MS, closing, () => new Error('too late')).catch(() => undefined);
    process.exit(EXIT_ORPHAN);
  };

  const peer = new Peer({
    link: linkToParent(),
    handlers: {
      request: async (method, params, signal) => {
        if (method === HOST_METHODS.init) {
          init(params);
          return undefined;
        }
        if (runtime === undefined) throw new BellhopError('internal_error', { detail: 'Not initialised.' });
        return runtime.serve(method, params, signal);
      },
      note: (method) => {
        if (method === NOTES.ping) peer.note(NOTES.pong, undefined);
      },
      closed: () => void end(),
    },
  });

  // A terminal sends its signals to the whole group; when to stop is the daemon's word.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // Network libraries leave promises behind when a socket dies; that must not take down the other sessions.
  process.on('unhandledRejection', (reason) => {
    log?.error('a promise was left rejected in a child', { error: redactedError(reason) });
  });
  process.on('uncaughtException', (error) => {
    log?.error('a child met an error nobody caught', { error: redactedError(error) });
    process.exit(EXIT_CRASH);
  });
  peer.start();
}
