import type { LimitScope } from '../../connector-api/index.ts';
import { limitTextOf } from '../../engine/limit-texts.ts';
import type { Webhook } from '../../engine/model/webhook.ts';
import type { Store, StoreFigures } from '../../engine/ports/index.ts';
import { isClosing } from './limit-table.ts';
import { toSessionLimit } from './limit-view.ts';
import type { StoreParts } from './parts.ts';

/** Figures for metrics and the check that the store can write. */
export function figureOperations(parts: StoreParts): Pick<Store, 'figures' | 'ping'> {
  const { database, clock, read, write } = parts;
  const queued = database.prepare<{ now: number }, { session: string; count: number; oldestAt: number | null }>(
    `SELECT session_id AS session, COUNT(*) AS count,
            MIN(CASE WHEN plan_at > @now THEN NULL WHEN plan_at IS NOT NULL THEN plan_at
                     WHEN scheduled = 0 THEN queued_at WHEN due_at <= @now THEN due_at END) AS oldestAt
     FROM outbox GROUP BY session_id`,
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
    figures: (now) =>
      read((): StoreFigures => {
        let deliveriesPending = 0;
        let deliveriesDead = 0;
        let oldestDeliveryAt: number | null = null;
        const webhooks = { enabled: 0, paused: 0, refused: 0 };
        for (const [id, { webhook }] of parts.webhooks.all()) {
          webhooks[standingOf(webhook)] += 1;
          const row = counts.get({ id });
          deliveriesPending += row?.pending ?? 0;
          deliveriesDead += row?.dead ?? 0;
          if (webhook.disabled) continue; // what waits for it is not late
          for (const state of ['ready', 'waiting'] as const) {
            const at = oldest.get(id, state)?.created_at;
            if (at !== undefined && (oldestDeliveryAt === null || at < oldestDeliveryAt)) oldestDeliveryAt = at;
          }
        }
        const limits = new Map<string, { session: string; scope: LimitScope; count: number }>();
        const brakes: { session: string; rule: string }[] = [];
        for (const row of parts.limits.all()) {
          const { sessionId, scope } = row;
          if (!isClosing(row)) brakes.push({ session: sessionId, rule: limitTextOf(toSessionLimit(row)).rule });
          // A network may close the same in several ways.
          const key = `${sessionId} ${scope}`;
          if (!isClosing(row) || (limits.has(key) && scope !== 'chat')) continue;
          limits.set(key, { session: sessionId, scope, count: (limits.get(key)?.count ?? 0) + 1 });
        }
        return {
          queued: queued.all({ now }),
          deliveriesPending,
          deliveriesDead,
          oldestDeliveryAt,
          webhooks,
          limits: [...limits.values()],
          brakes,
        };
      }),
    ping: () =>
      write(() => {
        alive.run(Buffer.from(String(clock.now())));
      }),
  };
}

function standingOf({ disabled, disabledReason }: Webhook): 'enabled' | 'paused' | 'refused' {
  if (!disabled) return 'enabled';
  return disabledReason === null ? 'paused' : 'refused';
}
