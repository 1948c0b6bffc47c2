import type { Clock, Timer } from '../../core/clock.ts';
import type { LiveEvents } from '../../engine/engine-api.ts';
import type { EventEnvelope, LiveEvent } from '../../engine/model/event.ts';
import type { PropertyFilter, Store } from '../../engine/ports/index.ts';
import { matchesType } from '../schemas/event-types.ts';
import { followEvents } from './event-feed.ts';

/** Where a stream writes: an SSE response or a WebSocket. */
export interface StreamSink {
  /** Resolves when the reader can take more; rejects when it is gone or too slow. */
  writeEvent(event: EventEnvelope): Promise<void>;
  /** Dropped when the reader is behind: live events are worth nothing late. */
  writeLive(event: LiveEvent): void;
  writeHeartbeat(): void;
}

export interface StreamQuery {
  readonly property: PropertyFilter;
  readonly after: string | null;
  readonly types: readonly string[];
}

/** Feeds a sink until the controller aborts or the reader fails. Never rejects. */
export async function runStream(
  deps: { store: Store; live: LiveEvents; clock: Clock; heartbeatMs: number },
  query: StreamQuery,
  sink: StreamSink,
  controller: AbortController,
): Promise<void> {
  const unsubscribe = deps.live.subscribe((event) => {
    if (query.property !== null && event.property !== query.property) return;
    if (query.types.length > 0 && !query.types.some((pattern) => matchesType(pattern, event.type))) return;
    sink.writeLive(event);
  });
  let timer: Timer | undefined;
  const beat = (): void => {
    sink.writeHeartbeat();
    timer = deps.clock.after(deps.heartbeatMs, beat);
  };
  timer = deps.clock.after(deps.heartbeatMs, beat);
  try {
    for await (const event of followEvents(deps.store, { ...query, signal: controller.signal })) {
      await sink.writeEvent(event);
    }
  } catch {
    // the reader is gone or too slow, or the store is closing: either way it resumes from its last cursor
  } finally {
    unsubscribe();
    timer.cancel();
    controller.abort();
  }
}
