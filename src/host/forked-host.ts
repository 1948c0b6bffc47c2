import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ConnectorHost, SessionHandle, SessionListener, SessionSpec } from '../engine/ports/connector-host.ts';
import type { ProcessControl, ProcessEnd, ProcessView } from '../engine/ports/processes.ts';
import type { ChildEnd } from './child-end.ts';
import type { ChildInit } from './child-init.ts';
import { execArgvFor, shippedChild } from './child-module.ts';
import { ChildSlot } from './child-slot.ts';
import { Emptier } from './emptier.ts';
import { ForkBrake } from './fork-brake.ts';
import type { Child, ChildDeps } from './forked-child.ts';
import { ForkedChild } from './forked-child.ts';
import { choosePlace } from './placement.ts';
import { Suspects } from './suspects.ts';

/** Sessions of one channel in one process. Their cryptography shares one thread, which about 500 busy sessions fill. */
export const DEFAULT_MAX_SESSIONS_PER_CHILD = 500;
/** Twice what so many WhatsApp sessions at rest need (bench/README.md: 113 MB with one, 1.2 MB for each further one). */
const DEFAULT_MAX_MEMORY_BYTES = 1_400 * 1_048_576;
/** A child this much above its limit is emptied: it leaks. */
const LEAK_FACTOR = 1.5;
/** A younger child has not grown by leaking, and a new one would be as large; ms. */
const LEAK_AGE_MS = 600_000;
/** A child without sessions is kept this long: reopening a session must not pay for loading its library again. */
const IDLE_CHILD_MS = 60_000;
const IDLE_STOP_MS = 5_000;

export interface ForkedHostDeps {
  readonly init: ChildInit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxSessionsPerChild?: number;
  /** A child whose resident memory is above it takes no new session. */
  readonly maxMemoryBytes?: number;
  /** The child's composition root; the shipped one unless a test brings its own. */
  readonly childModule?: URL;
  /** Makes a child; absent = forks one. */
  readonly makeChild?: (deps: ChildDeps) => Child;
  /** A process ended that was not idle. Must return at once. */
  readonly onProcessEnd?: (channel: string, end: ProcessEnd) => void;
}

/** Runs connectors in child processes, one a channel and more where the number of sessions, their memory or their crashes ask for it. */
export class ForkedHost implements ConnectorHost, ProcessControl {
  readonly #deps: ForkedHostDeps;
  readonly #maxMemoryBytes: number;
  readonly #full: number;
  readonly #slots = new Set<ChildSlot>();
  readonly #open = new Set<string>();
  readonly #suspects: Suspects;
  readonly #brake = new ForkBrake();
  #emptier: Emptier;
  #renewal: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: ForkedHostDeps) {
    this.#deps = deps;
    this.#maxMemoryBytes = deps.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES;
    this.#full = deps.maxSessionsPerChild ?? DEFAULT_MAX_SESSIONS_PER_CHILD;
    this.#suspects = new Suspects({ full: this.#full });
    this.#emptier = this.#makeEmptier();
  }

  async start(): Promise<void> {
    if (this.#stopped) this.#emptier = this.#makeEmptier();
    this.#stopped = false;
  }

  async open(spec: SessionSpec, listener: SessionListener): Promise<SessionHandle> {
    if (this.#stopped) throw new BellhopError('shutting_down');
    const { sessionId } = spec;
    if (this.#open.has(sessionId)) {
      throw new BellhopError('store_locked', { detail: 'The session is open already.' });
    }
    const share = this.#suspects.share(sessionId, this.#deps.clock.monotonic());
    const slot = this.#slotFor(spec, share);
    this.#open.add(sessionId);
    slot.enter(sessionId, share);
    const release = once(() => {
      this.#open.delete(sessionId);
      slot.leave(sessionId);
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
    this.#emptier.stop();
    const slots = [...this.#slots];
    await Promise.all(slots.map((slot) => slot.child.stop(limitMs)));
  }

  processes(): readonly ProcessView[] {
    return [...this.#slots].map((slot) => slot.view());
  }

  renew(): Promise<void> {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** All are closed at once, so that no session is moved into one that is next. */
  async #renew(): Promise<void> {
    await Promise.all([...this.#slots].map((slot) => this.#emptier.retire(slot, 'renewed')));
  }

  #makeEmptier(): Emptier {
    const { clock, log } = this.#deps;
    return new Emptier({ clock, log, prepare: (slot, sessionId) => this.#prepare(slot.channel, sessionId) });
  }

  /** So that a session which is moved is away only for as long as it takes to connect. */
  async #prepare(channel: string, sessionId: string): Promise<void> {
    if (this.#stopped) return;
    const share = this.#suspects.share(sessionId, this.#deps.clock.monotonic());
    const slot = this.#slotFor({ channel, sessionId, config: undefined }, share);
    await slot.ready;
    if (slot.load > 0) return;
    this.#restIfIdle(slot);
    await slot.child.client.load(channel);
  }

  #slotFor({ channel, sessionId, freshProcess }: SessionSpec, share: number): ChildSlot {
    const place = choosePlace(this.#slots, { channel, sessionId, share, isFresh: freshProcess === true });
    if (place !== undefined) return place;
    if (!this.#brake.isFree(brakeKey(channel, [sessionId], share), this.#deps.clock.monotonic())) {
      throw new BellhopError('session_down', {
        detail: 'The processes of the channel crash as soon as they have started.',
      });
    }
    return this.#fork(channel);
  }

  #fork(channel: string): ChildSlot {
    const { clock, init, log } = this.#deps;
    const module = this.#deps.childModule ?? shippedChild();
    const makeChild = this.#deps.makeChild ?? ((deps: ChildDeps) => new ForkedChild(deps));
    const child = makeChild({
      module,
      execArgv: execArgvFor(module),
      init,
      clock,
      log: log.child({ child: channel }),
      onPulse: (pulse) => {
        slot.note(pulse);
        this.#look(slot);
      },
      onGone: (end) => this.#onGone(slot, end),
    });
    const slot = new ChildSlot({
      channel,
      number: this.#freeNumber(channel),
      child,
      ready: child.start(),
      clock,
      maxMemoryBytes: this.#maxMemoryBytes,
    });
    slot.ready.catch(() => this.#slots.delete(slot)); // whoever opens next gets a new child
    this.#slots.add(slot);
    return slot;
  }

  #onGone(slot: ChildSlot, found: ChildEnd | undefined): void {
    this.#slots.delete(slot);
    const end = found?.end ?? slot.retiring;
    if (end === undefined) return;
    this.#deps.onProcessEnd?.(slot.channel, end);
    if (found === undefined || found.end === slot.retiring) return;
    const now = this.#deps.clock.monotonic();
    this.#brake.crashed(brakeKey(slot.channel, slot.sessionIds, slot.share ?? this.#full), now);
    // What comes from outside says nothing about the sessions; setting them apart would take yet more memory.
    if (end !== 'killed') this.#suspects.crashed(slot.sessionIds, slot.share ?? this.#full, now);
  }

  /** At each pulse: whether the child has to be replaced. */
  #look(slot: ChildSlot): void {
    if (slot.retiring !== undefined || this.#stopped) return;
    if (slot.rssBytes > this.#maxMemoryBytes * LEAK_FACTOR && slot.ageMs > LEAK_AGE_MS) {
      void this.#emptier.retire(slot, 'memory');
      return;
    }
    if (slot.share === null || slot.share === this.#full) return;
    const now = this.#deps.clock.monotonic();
    if (slot.sessionIds.some((sessionId) => this.#suspects.share(sessionId, now) !== this.#full)) return;
    slot.clear(this.#full);
    const { channel, load } = slot;
    const isHome = (other: ChildSlot): boolean =>
      other !== slot && other.channel === channel && !other.isClosed && other.share === this.#full;
    if ([...this.#slots].some((other) => isHome(other) && other.load + load <= this.#full))
      void this.#emptier.retire(slot, 'regrouped');
  }

  #freeNumber(channel: string): number {
    const taken = new Set([...this.#slots].filter((slot) => slot.channel === channel).map(({ number }) => number));
    let number = 1;
    while (taken.has(number)) number += 1;
    return number;
  }

  #restIfIdle(slot: ChildSlot): void {
    if (slot.load > 0 || this.#stopped || slot.retiring !== undefined || !this.#slots.has(slot)) return;
    slot.restFor(IDLE_CHILD_MS, () => {
      this.#slots.delete(slot);
      void slot.child.stop(IDLE_STOP_MS);
    });
  }
}

/** One that is kept alone holds up nobody but itself. */
function brakeKey(channel: string, sessionIds: readonly string[], share: number): string {
  return share === 1 ? `${channel}/${sessionIds[0] ?? ''}` : channel;
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
