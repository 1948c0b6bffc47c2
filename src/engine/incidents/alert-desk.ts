import type { Clock } from '../../core/clock.ts';
import { sleep, toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { AlertTestResult } from '../engine-api.ts';
import type { Alert } from '../model/alert.ts';
import { DEFAULT_PROPERTY } from '../model/primitives.ts';
import type { AlertNotice, AlertSink, AlertStore, AlertWay, Telemetry } from '../ports/index.ts';
import type { AlertChange } from './alert-change.ts';
import { NoticeQueue } from './notice-queue.ts';
import { wayKey } from './observe-house.ts';

/** An attempt under way may end in this time; ms. What is cut off goes out at the next start. */
const STOP_GRACE_MS = 3_000;

export interface DeskDeps {
  readonly store: AlertStore;
  readonly sinks: readonly AlertSink[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Pick<Telemetry, 'alertTold'>;
}

/** Has each alert written down and told on every way. */
export class AlertDesk {
  readonly #deps: DeskDeps;
  readonly #queues: readonly NoticeQueue[];
  /** Changes that the store has not taken yet, oldest first. */
  readonly #unsaved: AlertChange[] = [];

  constructor(deps: DeskDeps) {
    this.#deps = deps;
    this.#queues = deps.sinks.map((sink) => new NoticeQueue({ ...deps, sink }));
  }

  /** Goes on with what waited before a restart. Rejects when the store cannot be read. */
  async start(): Promise<void> {
    const { store, log } = this.#deps;
    const waiting = await store.pendingNotices();
    for (const queue of this.#queues) queue.start(waiting.filter(({ way }) => way === queue.way));
    const ways = new Set(this.#queues.map(({ way }) => way));
    for (const { way, alert } of waiting.filter((notice) => !ways.has(notice.way))) {
      log.info('a way of telling alerts is not configured any more', { alert: alert.id });
      await store.dropPendingNotice({ way, alertId: alert.id });
    }
  }

  async stop(): Promise<void> {
    const ended = Promise.all(this.#queues.map((queue) => queue.stop()));
    const giveUp = new AbortController();
    await Promise.race([ended, sleep(this.#deps.clock, STOP_GRACE_MS, giveUp.signal).catch(() => undefined)]);
    giveUp.abort();
  }

  /** Never rejects: what the store does not take is tried again at the next call, and told all the same. */
  async publish(changes: readonly AlertChange[]): Promise<void> {
    for (const change of changes) {
      this.#unsaved.push(change);
      this.#log(change);
      if (change.notice === null) continue;
      const { alert } = change.stored;
      const at = Date.parse(alert.updatedAt);
      const notice = { id: `${alert.id}.${change.notice}.${at}`, kind: change.notice, alert, at };
      // That it took nothing need not be told to who takes it again.
      for (const queue of this.#queues) if (change.stored.key !== wayKey(queue.way)) queue.add(notice);
    }
    await this.#save();
    for (const queue of this.#queues) queue.wake();
  }

  /** How each way is doing. */
  ways(): readonly AlertWay[] {
    return this.#queues.map(({ view }) => view);
  }

  /** Tells a test on every way, at once and one time. */
  async test(): Promise<readonly AlertTestResult[]> {
    const now = this.#deps.clock.now();
    const notice: AlertNotice = { id: `test.${now}`, kind: 'test', alert: testAlert(now), at: now };
    return Promise.all(
      this.#queues.map(async (queue) => {
        const answer = await queue.try(notice);
        return { way: queue.view.way, delivered: answer.delivered, reason: answer.delivered ? null : answer.reason };
      }),
    );
  }

  async #save(): Promise<void> {
    while (this.#unsaved[0] !== undefined) {
      const { stored, event } = this.#unsaved[0];
      try {
        const notices = this.#queues.flatMap((queue) => queue.find(stored.alert.id) ?? []);
        await this.#deps.store.saveAlert(stored, { event, notices });
      } catch (error) {
        this.#deps.log.warn('an alert is not stored', {
          alert: stored.alert.id,
          error: error instanceof Error ? error : String(error),
        });
        // What the store refuses for good must not keep the others from it.
        if (isPassing(error)) return;
      }
      this.#unsaved.shift();
    }
  }

  #log({ event, stored }: AlertChange): void {
    const { id, code, title, action, remedy, sessions, resolution } = stored.alert;
    const facts = { title, alert: id, code, ...(sessions.length === 1 ? { session: sessions[0] } : {}) };
    const todo = action === 'none' ? {} : { action, remedy };
    if (event === 'alert.closed') this.#deps.log.info('alert closed', { ...facts, resolution });
    else if (event === 'alert.updated') this.#deps.log.warn('alert changed', { ...facts, ...todo });
    else if (event === 'alert.opened') this.#deps.log.warn('alert opened', { ...facts, ...todo });
  }
}

/** The store may take it later. */
function isPassing(error: unknown): boolean {
  return error instanceof BellhopError && (error.code === 'store_full' || error.code === 'store_unavailable');
}

function testAlert(now: number): Alert {
  const at = toTimestamp(now);
  return {
    id: `alr_${'0'.repeat(26)}`,
    property: DEFAULT_PROPERTY,
    kind: 'store',
    code: 'test',
    name: 'A test',
    title: 'A test: alerts arrive',
    text: 'Somebody asked for a test. Nothing is wrong.',
    action: 'none',
    remedy: 'Nothing to do.',
    channel: null,
    sessions: [],
    webhookId: null,
    since: at,
    openedAt: at,
    updatedAt: at,
    endedAt: at,
    closedAt: at,
    resolution: 'ended',
  };
}
