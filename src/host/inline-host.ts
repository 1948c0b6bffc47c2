import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ConnectorHost, SessionHandle, SessionListener, SessionSpec } from '../engine/ports/connector-host.ts';
import { memoryLinks } from './memory-link.ts';
import { RuntimeClient } from './runtime-client.ts';
import { RuntimeEndpoint } from './runtime-endpoint.ts';
import type { RuntimeParts } from './session-runtime.ts';

interface Line {
  readonly client: RuntimeClient;
  readonly endpoint: RuntimeEndpoint;
}

/**
 * Runs connectors in this very process, for tests. All that passes is cloned as between processes. There is only one process, so
 * `freshProcess` gives a fresh session object and no more.
 */
export class InlineHost implements ConnectorHost {
  readonly #parts: RuntimeParts;
  readonly #clock: Clock;
  readonly #log: Logger;
  #line: Line | undefined;
  #stopped = false;

  constructor(deps: { parts: RuntimeParts; clock: Clock; log: Logger }) {
    this.#parts = deps.parts;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  async open(spec: SessionSpec, listener: SessionListener): Promise<SessionHandle> {
    if (this.#stopped) throw new BellhopError('shutting_down');
    this.#line ??= this.#connect();
    return this.#line.client.open(spec, listener);
  }

  async stop(limitMs: number): Promise<void> {
    this.#stopped = true;
    const line = this.#line;
    if (line === undefined) return;
    this.#line = undefined;
    try {
      await line.client.stop(limitMs);
    } catch {
      line.endpoint.runtime.abandon(); // what a kill does to a child that takes too long
    }
    line.client.close();
  }

  /** Every session is closed and opened again, one after the other. */
  async renew(): Promise<void> {
    const line = this.#line;
    for (const sessionId of line?.client.sessionIds ?? []) await line?.client.move(sessionId);
  }

  /** What `kill -9` does to a child: every session is lost, nothing is said to the connectors. */
  crash(): void {
    const line = this.#line;
    if (line === undefined) return;
    this.#line = undefined;
    line.endpoint.runtime.abandon();
    line.client.close();
    line.client.lose('killed');
  }

  #connect(): Line {
    const [near, far] = memoryLinks();
    const endpoint = new RuntimeEndpoint({ link: far, parts: this.#parts, onClosed: () => undefined });
    const client = new RuntimeClient({ link: near, clock: this.#clock, log: this.#log, onClosed: () => undefined });
    endpoint.start();
    client.start();
    return { client, endpoint };
  }
}
