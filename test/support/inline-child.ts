import type { Clock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { ChildEnd } from '../../src/host/child-end.ts';
import type { Child, ChildDeps } from '../../src/host/forked-child.ts';
import { loadConnector } from '../../src/host/load-connector.ts';
import { memoryLinks } from '../../src/host/memory-link.ts';
import { RuntimeClient } from '../../src/host/runtime-client.ts';
import { RuntimeEndpoint } from '../../src/host/runtime-endpoint.ts';
import { findTestConnector } from './hostile-connector.ts';
import { MemoryVault } from './memory-vault.ts';

let lastPid = 1_000_000;

/** A child without a process: runs its sessions here, dies when it is told to, and is as large as it is told to be. */
export class InlineChild implements Child {
  readonly client: RuntimeClient;
  readonly pid: number;
  readonly reading = { loopLagMs: 0, cpuShare: 0, rssBytes: 0, heapBytes: 0 };
  /** What `start` rejects with. */
  failure: Error | undefined;
  readonly #deps: ChildDeps;
  readonly #endpoint: RuntimeEndpoint;
  #isGone = false;

  constructor(deps: ChildDeps) {
    lastPid += 1;
    this.pid = lastPid;
    this.#deps = deps;
    const [near, far] = memoryLinks();
    const { clock, log, onPulse } = deps;
    this.client = new RuntimeClient({ link: near, clock, log, onPulse, onClosed: () => undefined });
    this.#endpoint = new RuntimeEndpoint({
      link: far,
      parts: {
        loadConnector: (channel) => loadConnector(findTestConnector(channel)),
        openVault: () => openVault(clock),
        media: noMedia,
        clock,
        random: systemRandom,
        log: silentLogger,
        gauge: { read: () => this.reading },
      },
      onClosed: () => undefined,
    });
  }

  async start(): Promise<void> {
    if (this.failure !== undefined) {
      this.#end({ end: 'crashed', text: 'could not be started' });
      throw this.failure;
    }
    this.client.start();
    this.#endpoint.start();
  }

  async stop(limitMs: number): Promise<void> {
    await this.client.stop(limitMs);
    this.#end(undefined);
  }

  condemn(verdict: ChildEnd): void {
    this.#end(verdict);
  }

  #end(end: ChildEnd | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#endpoint.runtime.abandon();
    this.#deps.onGone(end);
    this.client.lose(end?.text ?? 'was stopped');
    this.client.close();
  }
}

function openVault(clock: Clock): MemoryVault & { close(): void } {
  return Object.assign(new MemoryVault({ clock }), { close: () => undefined });
}

const noMedia = {
  write: () => Promise.reject(new Error('no media here')),
  open: () => {
    throw new Error('no media here');
  },
};
