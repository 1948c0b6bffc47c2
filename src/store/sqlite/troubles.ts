import type { AlertStore, WebhookTrouble } from '../../engine/ports/index.ts';
import type { StoreParts } from './parts.ts';

/** What an operator is to be told of, as far as the rows show it. Cheap: index lookups, one set for each session and endpoint. */
export function troubleOperations(parts: StoreParts): Pick<AlertStore, 'findTroubles'> {
  const { database, read, sessions, webhooks } = parts;
  // `ready` = heads of their lines: what waits behind a message that a rule holds is not meant.
  const overdue = database.prepare<{ session: string; before: number }, { count: number; oldestAt: number | null }>(
    `SELECT COUNT(*) AS count, MIN(MAX(due_at, COALESCE(plan_at, due_at))) AS oldestAt FROM outbox
     WHERE session_id = @session AND state = 'ready' AND due_at <= @before AND (plan_at IS NULL OR plan_at <= @before)`,
  );
  const failing = database.prepare<[string], { created_at: number }>(
    "SELECT created_at FROM deliveries WHERE webhook_id = ? AND state = 'ready' AND attempts > 0 ORDER BY id LIMIT 1",
  );
  const dead = database.prepare<[string], { last_at: number | null }>(
    "SELECT last_at FROM deliveries WHERE webhook_id = ? AND state = 'dead' ORDER BY id DESC LIMIT 1",
  );
  const delivered = database.prepare<[string], { delivered_at: number | null }>(
    "SELECT delivered_at FROM deliveries WHERE webhook_id = ? AND state = 'delivered' ORDER BY id DESC LIMIT 1",
  );
  return {
    findTroubles: ({ overdueBefore }) =>
      read(() => ({
        overdue: [...sessions.all().keys()].flatMap((session) => {
          const { count = 0, oldestAt = null } = overdue.get({ session, before: overdueBefore }) ?? {};
          return oldestAt === null ? [] : [{ session, count, oldestAt }];
        }),
        webhooks: [...webhooks.all().values()].map(({ webhook }): WebhookTrouble => {
          const { id, property, url, disabled, disabledReason } = webhook;
          const deadAt = dead.get(id)?.last_at ?? null;
          const isAlive =
            (delivered.get(id)?.delivered_at ?? Number.NEGATIVE_INFINITY) > (deadAt ?? Number.POSITIVE_INFINITY);
          return {
            webhookId: id,
            property,
            host: URL.canParse(url) ? new URL(url).hostname : 'its host',
            disabledReason: disabled ? disabledReason : null,
            failingSince: disabled ? null : (failing.get(id)?.created_at ?? null),
            deadAt: isAlive ? null : deadAt,
          };
        }),
      })),
  };
}
