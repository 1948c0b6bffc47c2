import type { LimitScope } from '../../connector-api/index.ts';
import type { Store, StoreFigures } from '../../engine/ports/index.ts';
import type { StoreParts } from './parts.ts';

/** Figures for metrics and the check that the store can write. */
export function figureOperations(parts: StoreParts): Pick<Store, 'figures' | 'ping'> {
  const { database, clock, read, write } = parts;
  const queued = database.prepare<[], { session: string; count: number; oldestAt: number | null }>(
    'SELECT session_id AS session, COUNT(*) AS count, MIN(queued_at) AS oldestAt FROM outbox GROUP BY session_id',
  );
  const counts = database.prepare<{ id: string }, { pending: number; dead: number }>(
    `SELECT (SELECT COUNT(*) FROM deliveries WHERE webhook_id = @id AND state IN ('ready', 'waiting')) AS pending,
            (SELECT COUNT(*) FROM deliveries WHERE webhook_id = @id AND state = 'dead') AS dead`,
  );
  const oldest = database.prepare<[string, 'ready' | 'waiting'], { created_at: number }>(
    'SELECT created_at FROM deliveries WHERE webhook_id = ? AND state = ? ORDER BY id LIMIT 1',
  );
  const alive = database.prepare<[Buffer]>(
    "INSERT INTO store_facts (name, value) VALUES ('ping', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  return {
    figures: () =>
      read((): StoreFigures => {
        let deliveriesPending = 0;
        let deliveriesDead = 0;
        let oldestDeliveryAt: number | null = null;
        for (const id of parts.webhooks.all().keys()) {
          const row = counts.get({ id });
          deliveriesPending += row?.pending ?? 0;
          deliveriesDead += row?.dead ?? 0;
          for (const state of ['ready', 'waiting'] as const) {
            const at = oldest.get(id, state)?.created_at;
            if (at !== undefined && (oldestDeliveryAt === null || at < oldestDeliveryAt)) oldestDeliveryAt = at;
          }
        }
        const limits = new Map<string, { session: string; scope: LimitScope; count: number }>();
        for (const { sessionId, scope } of parts.limits.all()) {
          const key = `${sessionId} ${scope}`;
          limits.set(key, { session: sessionId, scope, count: (limits.get(key)?.count ?? 0) + 1 });
        }
        return {
          queued: queued.all(),
          deliveriesPending,
          deliveriesDead,
          oldestDeliveryAt,
          limits: [...limits.values()],
        };
      }),
    ping: () =>
      write(() => {
        alive.run(Buffer.from(String(clock.now())));
      }),
  };
}
