import type { Link } from './link.ts';
import { NOTES, RUNTIME_METHODS } from './methods.ts';
import { Peer } from './peer.ts';
import type { RuntimeParts } from './session-runtime.ts';
import { SessionRuntime } from './session-runtime.ts';

/** Puts a runtime at the end of a link: the daemon's calls go in, events and heartbeats go out. */
export class RuntimeEndpoint {
  readonly #peer: Peer;
  readonly runtime: SessionRuntime;

  constructor(deps: { link: Link; parts: RuntimeParts; onClosed: () => void }) {
    this.runtime = new SessionRuntime({
      parts: deps.parts,
      deliver: async (sessionId, event) => {
        await this.#peer.call(RUNTIME_METHODS.event, { sessionId, event }).answer;
      },
      onPulse: (pulse) => this.#peer.note(NOTES.pulse, pulse),
    });
    this.#peer = new Peer({
      link: deps.link,
      handlers: {
        request: (method, params, signal) => this.runtime.serve(method, params, signal),
        note: (method) => {
          if (method === NOTES.ping) this.#peer.note(NOTES.pong, undefined);
        },
        closed: deps.onClosed,
      },
    });
  }

  start(): void {
    this.#peer.start();
  }
}
