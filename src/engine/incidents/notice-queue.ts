import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type {
  AlertNotice,
  AlertSink,
  AlertStore,
  AlertWay,
  PendingNotice,
  SinkAnswer,
  Telemetry,
} from '../ports/index.ts';
import { WakeSignal } from '../wake-signal.ts';
import { mergeKinds, restAfter } from './merge-notices.ts';

const MINUTE_MS = 60_000;
/** Waits after each failed attempt, then the last one again and again. A mail server that is restarted is back within the first. */
const RETRY_DELAYS_MS: readonly number[] = [0.5, 1, 5, 15, 30, 60].map((minutes) => minutes * MINUTE_MS);
/** Whoever has not been reached for this long has other ways to notice. */
const GIVE_UP_MS = 7 * 24 * 60 * MINUTE_MS;
const LONGEST_IDLE_MS = MINUTE_MS; // a look even when nothing is due: heals a wall clock that jumped

interface QueueDeps {
  readonly store: QueueStore;
  readonly sink: AlertSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Pick<Telemetry, 'alertTold'>;
}

type QueueStore = Pick<AlertStore, 'savePendingNotice' | 'dropPendingNotice'>;

/**
 * What one way has still to be told, in memory and, for the next start, in the store. Memory comes first: when the store cannot be
 * written, that is what people must hear of. At least once: a kill at the wrong moment tells a thing twice, under the same id.
 */
export class NoticeQueue {
  readonly #deps: QueueDeps;
  readonly #life = new AbortController();
  readonly #wake: WakeSignal;
  /** By alert. */
  readonly #waiting = new Map<string, PendingNotice>();
  /** Since the first attempt in a row that failed. */
  #failure: { readonly since: number; readonly reason: string } | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    this.#wake = new WakeSignal({ clock: deps.clock, signal: this.#life.signal });
  }

  get way(): string {
    return this.#deps.sink.way;
  }

  get view(): AlertWay {
    const { name, kind } = this.#deps.sink;
    const { since, reason } = this.#failure ?? { since: null, reason: null };
    return { id: this.way, way: name, kind, waiting: this.#waiting.size, failingSince: since, reason };
  }

  /** `waiting`: of before a restart, which may have brought the setting that was wrong: it is tried at once. */
  start(waiting: readonly PendingNotice[]): void {
    const dueAt = this.#deps.clock.now();
    for (const notice of waiting) this.#waiting.set(notice.alert.id, { ...notice, dueAt });
    this.#done = this.#run();
  }

  /** Takes nothing new; resolves when the attempt under way has ended. */
  async stop(): Promise<void> {
    this.#life.abort();
    await this.#done;
  }

  /** What is to be kept in the store from now on; it goes out after `wake`. */
  add(notice: AlertNotice): PendingNotice {
    const known = this.#waiting.get(notice.alert.id);
    const kind = mergeKinds(known?.kind, notice.kind);
    const merged = { ...notice, kind, way: this.way, attempts: known?.attempts ?? 0, dueAt: this.#deps.clock.now() };
    this.#waiting.set(notice.alert.id, merged);
    return merged;
  }

  /** One attempt, at once, of something that nobody has to be told again. */
  async try(notice: AlertNotice): Promise<SinkAnswer> {
    const answer = await this.#deps.sink.send(notice);
    if (answer.delivered) this.#failure = undefined;
    return answer;
  }

  /** What waits for this alert, to be written down with it. */
  find(alertId: string): PendingNotice | undefined {
    return this.#waiting.get(alertId);
  }

  wake(): void {
    this.#wake.wake();
  }

  async #run(): Promise<void> {
    while (!this.#life.signal.aborted) {
      this.#wake.clear();
      const next = this.#next();
      const waitMs = next === undefined ? LONGEST_IDLE_MS : next.dueAt - this.#deps.clock.now();
      if (next === undefined || waitMs > 0) await this.#wake.wait(Math.min(waitMs, LONGEST_IDLE_MS));
      else await this.#attempt(next);
    }
  }

  #next(): PendingNotice | undefined {
    return [...this.#waiting.values()].toSorted((one, other) => one.dueAt - other.dueAt || one.at - other.at)[0];
  }

  async #attempt(notice: PendingNotice): Promise<void> {
    const { sink, clock, log, telemetry } = this.#deps;
    const answer = await this.try(notice);
    // More may have been said about the alert meanwhile.
    const present = this.#waiting.get(notice.alert.id) ?? notice;
    if (answer.delivered) {
      telemetry.alertTold(sink.kind, 'delivered');
      log.info('alert told', { alert: notice.alert.id, kind: notice.kind, way: sink.name });
      if (present === notice) return this.#drop(notice);
      return this.#keep({ ...present, kind: restAfter(notice.kind, present.kind), attempts: 0 });
    }
    this.#failure = { since: this.#failure?.since ?? clock.now(), reason: answer.reason };
    const attempts = notice.attempts + 1;
    const facts = { alert: notice.alert.id, way: sink.name, attempts, reason: answer.reason };
    if (clock.now() - notice.at > GIVE_UP_MS) {
      telemetry.alertTold(sink.kind, 'dead');
      log.error('alert could not be told', facts);
      return this.#drop(notice);
    }
    telemetry.alertTold(sink.kind, 'retry');
    log.warn('alert not told yet', facts);
    const delayMs = RETRY_DELAYS_MS[Math.min(attempts, RETRY_DELAYS_MS.length) - 1] ?? MINUTE_MS;
    return this.#keep({ ...present, attempts, dueAt: clock.now() + delayMs });
  }

  async #keep(notice: PendingNotice): Promise<void> {
    this.#waiting.set(notice.alert.id, notice);
    await this.#write(() => this.#deps.store.savePendingNotice(notice));
  }

  async #drop({ alert }: PendingNotice): Promise<void> {
    this.#waiting.delete(alert.id);
    await this.#write(() => this.#deps.store.dropPendingNotice({ way: this.way, alertId: alert.id }));
  }

  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.log.warn('what became of an alert is not stored', {
        way: this.#deps.sink.name,
        error: error instanceof Error ? error : String(error),
      });
    }
  }
}
