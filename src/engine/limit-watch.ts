import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { SessionLimit } from './model/session-limit.ts';
import type { Store } from './ports/index.ts';
import { WakeSignal } from './wake-signal.ts';

/** A look even when no end is near: heals a wall clock that jumped; ms. */
const LONGEST_IDLE_MS = 60_000;
/** A store that cannot be read or written (disk full) is asked again after this long; ms. */
const STORE_RETRY_MS = 10_000;

/**
 * Has limits of networks end when their time is over, also of sessions that are down, and writes beginnings and ends to the log.
 * Holding messages back does not depend on it: the store compares times.
 */
export class LimitWatch {
  readonly #deps: { store: Store; clock: Clock; log: Logger };
  readonly #life = new AbortController();
  readonly #wake: WakeSignal;
  #known: ReadonlyMap<string, LoggedLimit> | undefined;
  #unsubscribe: (() => void) | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: { store: Store; clock: Clock; log: Logger }) {
    this.#deps = deps;
    this.#wake = new WakeSignal({ clock: deps.clock, signal: this.#life.signal });
  }

  start(): void {
    this.#unsubscribe = this.#deps.store.onCommit((summary) => {
      if (summary.limits) this.#wake.wake();
    });
    this.#done = this.#run();
  }

  /** Resolves when it does nothing any more. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#life.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#life.signal.aborted) {
      this.#wake.clear();
      await this.#wake.wait(await this.#look());
    }
  }

  /** Resolves with the time until the next look. Never rejects. */
  async #look(): Promise<number> {
    const { store, clock, log } = this.#deps;
    try {
      await store.endLimits(clock.now());
      await this.#logChanges();
      const next = await store.nextLimitEnd();
      return next === null ? LONGEST_IDLE_MS : Math.min(LONGEST_IDLE_MS, Math.max(0, next - clock.now()));
    } catch (error) {
      log.error('limits of networks could not be looked at', {
        error: error instanceof Error ? error : String(error),
      });
      this.#wake.clear();
      return STORE_RETRY_MS;
    }
  }

  async #logChanges(): Promise<void> {
    const { store, log } = this.#deps;
    const present = new Map<string, LoggedLimit>();
    for (const { id, limits } of await store.allSessions()) {
      for (const limit of limits) present.set(keyOf(id, limit), logged(id, limit));
    }
    const before = this.#known ?? new Map<string, LoggedLimit>();
    for (const [key, limit] of present) {
      if (before.get(key)?.until === limit.until) continue;
      if (limit.source === 'network') log.warn('the network limits a session', { ...limit });
      else if (!before.has(key))
        log.warn('fewer new guests are written to, for guests do not take it well', { ...limit });
    }
    for (const [key, { session, scope, source, code }] of before) {
      if (present.has(key)) continue;
      if (source === 'network') log.info('a limit of the network is over', { session, scope });
      else log.info('new guests are written to as always', { session, code });
    }
    this.#known = present;
  }
}

interface LoggedLimit extends Pick<SessionLimit, 'source' | 'state' | 'scope' | 'code' | 'nativeCode' | 'until'> {
  readonly session: string;
  readonly conversation: string | null;
}

function keyOf(session: string, { source, scope, conversationId, code }: SessionLimit): string {
  return `${session} ${source === 'network' ? scope : code} ${conversationId ?? ''}`;
}

function logged(session: string, limit: SessionLimit): LoggedLimit {
  const { source, state, scope, conversationId, code, nativeCode, until } = limit;
  return { session, source, state, scope, conversation: conversationId, code, nativeCode, until };
}
