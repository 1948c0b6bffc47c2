import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src/engine/model/event.ts';
import type { CommitSummary, EventQuery, Store } from '../../../src/engine/ports/index.ts';
import { followEvents } from '../../../src/http/stream/event-feed.ts';
import { settle } from '../../support/virtual-clock.ts';

/** A log of numbered events; `onRead` runs while a read is under way, when commits may come. */
class NumberedLog {
  readonly listeners = new Set<(summary: CommitSummary) => void>();
  size = 0;
  reads = 0;
  onRead: () => void = () => undefined;
  /** How far one read looks. */
  scan = Number.MAX_SAFE_INTEGER;
  wanted: (index: number) => boolean = () => true;

  commit(events = true): void {
    if (events) this.size += 1;
    for (const listener of this.listeners) listener({ events, deliveries: false, outbox: new Set(), limits: false });
  }

  readonly store = {
    onCommit: (listener: (summary: CommitSummary) => void) => {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    },
    listEvents: async (query: EventQuery) => {
      this.reads += 1;
      const from = Number(query.after ?? 0);
      const to = Math.min(this.size, from + query.limit, from + this.scan);
      await Promise.resolve();
      this.onRead();
      const data = Array.from({ length: to - from }, (_, index) => from + index + 1)
        .filter(this.wanted)
        .map((index) => ({ cursor: String(index) }) as EventEnvelope);
      return { data, nextCursor: to === 0 ? null : String(to) };
    },
  } as Pick<Store, 'onCommit' | 'listEvents'> as Store;
}

function follow(log: NumberedLog, after: string | null = null) {
  const controller = new AbortController();
  const seen: string[] = [];
  const ended = (async () => {
    const feed = followEvents(log.store, { property: null, after, types: [], signal: controller.signal });
    for await (const event of feed) seen.push(event.cursor);
  })();
  return { controller, seen, ended };
}

describe('following the event log', () => {
  it('notices a commit that falls between an empty read and the sleep', async () => {
    const log = new NumberedLog();
    log.onRead = () => {
      log.onRead = () => undefined;
      log.commit();
    };
    const { controller, seen, ended } = follow(log);
    await settle();
    expect(seen).toEqual(['1']);
    controller.abort();
    await ended;
  });

  it('reads page after page without waiting for a commit', async () => {
    const log = new NumberedLog();
    log.size = 250;
    const { controller, seen, ended } = follow(log, '20');
    await settle(20);
    expect(seen).toEqual(Array.from({ length: 230 }, (_, index) => String(index + 21)));
    controller.abort();
    await ended;
  });

  it('goes on through pages in which nothing matched', async () => {
    const log = new NumberedLog();
    log.size = 30;
    log.wanted = (index) => index === 30;
    log.scan = 10;
    const { controller, seen, ended } = follow(log);
    await settle(10);
    expect(seen).toEqual(['30']);
    controller.abort();
    await ended;
  });

  it('sleeps while nothing happens, and through commits without events', async () => {
    const log = new NumberedLog();
    const { controller, ended } = follow(log);
    await settle();
    const { reads } = log;
    log.commit(false);
    await settle();
    expect(log.reads).toBe(reads);
    controller.abort();
    await ended;
  });

  it('ends when it is told to, also while asleep, and lets go of the store', async () => {
    const log = new NumberedLog();
    const { controller, ended } = follow(log);
    await settle();
    expect(log.listeners.size).toBe(1);
    controller.abort();
    await ended;
    expect(log.listeners.size).toBe(0);
  });
});
