import { createRequire } from 'node:module';
import type { Clock, Timer } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ConnectorHost, SessionHandle, SessionListener, SessionSpec } from '../engine/ports/connector-host.ts';
import type { ChildInit } from './child-init.ts';
import { ForkedChild } from './forked-child.ts';

/** Sessions of one channel in one process. Their cryptography shares one thread, which about 500 busy sessions fill. */
export const DEFAULT_MAX_SESSIONS_PER_CHILD = 500;
/** A child without sessions is kept this long: reopening a session must not pay for loading its library again. */
const IDLE_CHILD_MS = 60_000;
const IDLE_STOP_MS = 5_000;

export interface ForkedHostDeps {
  readonly init: ChildInit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxSessionsPerChild?: number;
  /** The child's composition root; the shipped one unless a test brings its own. */
  readonly childModule?: URL;
}

interface Slot {
  readonly child: ForkedChild;
  readonly ready: Promise<void>;
  /** Sessions that are open or being opened. */
  load: number;
  /** Sessions that were ever opened in it. */
  readonly known: Set<string>;
  idle: Timer | undefined;
}

/** Runs connectors in child processes, one a channel and more where the number of sessions asks for it. */
export class ForkedHost implements ConnectorHost {
  readonly #deps: ForkedHostDeps;
  readonly #slots = new Set<Slot>();
  readonly #open = new Set<string>();
  #stopped = false;

  constructor(deps: ForkedHostDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  async open(spec: SessionSpec, listener: SessionListener): Promise<SessionHandle> {
    if (this.#stopped) throw new BellhopError('shutting_down');
    if (this.#open.has(spec.sessionId)) {
      throw new BellhopError('store_locked', { detail: 'The session is open already.' });
    }
    this.#open.add(spec.sessionId);
    const slot = this.#slotFor(spec);
    slot.load += 1;
    slot.known.add(spec.sessionId);
    const release = once(() => {
      this.#open.delete(spec.sessionId);
      slot.load -= 1;
      this.#restIfIdle(slot);
    });
    try {
      await slot.ready;
      return await slot.child.client.open(spec, listener, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  async stop(limitMs: number): Promise<void> {
    this.#stopped = true;
    const slots = [...this.#slots];
    for (const slot of slots) slot.idle?.cancel();
    await Promise.all(slots.map((slot) => slot.child.stop(limitMs)));
  }

  /** The processes that run now, for operators and tests. */
  children(): readonly { channel: string; pid: number | undefined; sessions: number }[] {
    return [...this.#slots].map(({ child, load }) => ({ channel: child.channel, pid: child.pid, sessions: load }));
  }

  #slotFor({ channel, sessionId, freshProcess }: SessionSpec): Slot {
    const limit = this.#deps.maxSessionsPerChild ?? DEFAULT_MAX_SESSIONS_PER_CHILD;
    for (const slot of this.#slots) {
      if (slot.child.channel !== channel || slot.load >= limit) continue;
      if (freshProcess === true && slot.known.has(sessionId)) continue;
      slot.idle?.cancel();
      return slot;
    }
    return this.#fork(channel);
  }

  #fork(channel: string): Slot {
    const module = this.#deps.childModule ?? shippedChild();
    const child = new ForkedChild({
      channel,
      module,
      execArgv: execArgvFor(module),
      init: this.#deps.init,
      clock: this.#deps.clock,
      log: this.#deps.log.child({ child: channel }),
      onGone: () => this.#slots.delete(slot),
    });
    const slot: Slot = { child, ready: child.start(), load: 0, known: new Set(), idle: undefined };
    slot.ready.catch(() => this.#slots.delete(slot)); // whoever opens next gets a new child
    this.#slots.add(slot);
    return slot;
  }

  #restIfIdle(slot: Slot): void {
    if (slot.load > 0 || this.#stopped) return;
    slot.idle?.cancel();
    slot.idle = this.#deps.clock.after(IDLE_CHILD_MS, () => {
      this.#slots.delete(slot);
      void slot.child.stop(IDLE_STOP_MS);
    });
  }
}

// The child stands one folder above this file and has the same ending: .ts in the sources, .js when compiled.
function shippedChild(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../child.ts' : '../child.js', import.meta.url);
}

function execArgvFor(module: URL): readonly string[] {
  if (!module.pathname.endsWith('.ts')) return [];
  return ['--import', createRequire(import.meta.url).resolve('tsx')];
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
