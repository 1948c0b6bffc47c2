import type { Clock } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import { IdFactory } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import type { Session } from '../model/session.ts';
import type { Store } from '../ports/index.ts';
import { WakeSignal } from '../wake-signal.ts';
import type { AlertDesk } from './alert-desk.ts';
import type { AlertRules } from './alert-rules.ts';
import { IncidentBook } from './incident-book.ts';
import type { Observation } from './observation.ts';
import { observeDisk, observeQueue, observeStore, observeWay, observeWebhook } from './observe-house.ts';
import { observeSession, observeVersions } from './observe-session.ts';

/** What costs a query for each session and endpoint is asked this seldom; ms. */
const SLOW_EVERY_MS = 60_000;

export interface WatchDeps {
  readonly store: Store;
  readonly desk: AlertDesk;
  readonly rules: AlertRules;
  /** How often it looks; ms. */
  readonly checkMs: number;
  /** The least free space of the folders; null = not known. */
  readonly freeBytes: () => Promise<number | null>;
  /** The name of a channel for people. */
  readonly channelName: (channel: string) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Looks now and then at how everything is, and has alerts told. */
export class AlertWatch {
  readonly #deps: WatchDeps;
  readonly #life = new AbortController();
  readonly #wait: WakeSignal;
  #book: IncidentBook | undefined;
  #slow: { readonly at: number; readonly observations: readonly Observation[] } | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.#wait = new WakeSignal({ clock: deps.clock, signal: this.#life.signal });
  }

  /** Rejects when the store cannot be read. */
  async start(): Promise<void> {
    const { store, desk, rules, clock, random } = this.#deps;
    const ids = new IdFactory({ clock, random });
    const open = await store.openAlerts();
    this.#book = new IncidentBook({ rules, open, startedAt: clock.now(), makeId: () => ids.next('alr') });
    await desk.start();
    this.#done = this.#run();
  }

  /** Resolves when it does nothing any more. */
  async stop(): Promise<void> {
    this.#life.abort();
    await this.#done;
    await this.#deps.desk.stop();
  }

  async #run(): Promise<void> {
    while ((await this.#wait.wait(this.#deps.checkMs)) !== 'stopped') await this.#look();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { store, clock, desk, log } = this.#deps;
    const now = clock.now();
    try {
      const observed = await this.#observe(await store.allSessions(), now);
      await desk.publish(this.#book?.look(observed, now, true) ?? []);
    } catch (error) {
      log.warn('the look for trouble failed', { error: error instanceof Error ? error : String(error) });
      const changes = this.#book?.look([observeStore(codeOf(error), now)], now, false) ?? [];
      await desk.publish(changes);
    }
  }

  async #observe(sessions: readonly Session[], now: number): Promise<readonly Observation[]> {
    const { rules, channelName } = this.#deps;
    const channels = new Map<string, Session[]>();
    for (const session of sessions) {
      const key = `${session.property}/${session.channel}`;
      channels.set(key, [...(channels.get(key) ?? []), session]);
    }
    if (this.#slow === undefined || now - this.#slow.at >= SLOW_EVERY_MS || now < this.#slow.at)
      this.#slow = { at: now, observations: await this.#observeSlowly(sessions, now) };
    const present = new Set(sessions.map(({ id }) => id));
    return [
      ...sessions.flatMap((session) => observeSession(session, channelName(session.channel), rules)),
      ...[...channels.values()].flatMap((same) => observeVersions(same, channelName(same[0]?.channel ?? ''))),
      ...this.#deps.desk.ways().map(observeWay),
      ...this.#slow.observations.filter(({ session }) => session === null || present.has(session)),
    ];
  }

  async #observeSlowly(sessions: readonly Session[], now: number): Promise<readonly Observation[]> {
    const { store, rules, channelName, freeBytes } = this.#deps;
    const { overdue, webhooks } = await store.findTroubles({ overdueBefore: now - rules.queueMs });
    return [
      ...sessions.map((session) => observeQueue(session, channelName(session.channel), overdue, rules)),
      ...webhooks.map((webhook) => observeWebhook(webhook, now)),
      observeDisk(await freeBytes(), now, rules),
      observeStore(await this.#ping(), now),
    ];
  }

  async #ping(): Promise<string | null> {
    try {
      await this.#deps.store.ping();
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof BellhopError ? error.code : 'store_unavailable';
}
