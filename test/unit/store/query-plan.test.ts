import { afterAll, describe, expect, it } from 'vitest';
import { openStoreParts } from '../../support/open-store-parts.ts';

const { store, parts, statements } = openStoreParts();
afterAll(() => store.close());

/** Scans that are right, each with the reason why. Everything else must be a search in an index. */
const rightScans = new Map([
  ['SCAN sessions USING INDEX sqlite_autoindex_sessions_1', 'read once, then kept in memory'],
  ['SCAN webhooks', 'read once after a change, then kept in memory'],
  ['SCAN client_versions', 'read once at the start, and after a change of the operator'],
  ['SCAN alerts USING INDEX alerts_open', 'a partial index that holds only what is open; read once at the start'],
  ['SCAN alerts', 'once an hour, over the few rows of ninety days'],
  ['SCAN alert_notices', 'read once at the start; holds only what is not delivered yet'],
  ['SCAN session_limits', 'read once after a change, then kept in memory'],
  ['SCAN outbox USING INDEX outbox_line', 'a figure of the queue, which holds only what is not sent yet'],
  ['SCAN outbox USING INDEX outbox_sending', 'a partial index that holds only what is being sent'],
]);
/** Statements that walk in the order of the rows and end at a limit. */
const rightWalks = new Set(['SCAN events', 'SCAN idempotency_keys']);

const queries = [...new Set(statements)].filter((sql) => /^\s*(SELECT|WITH|UPDATE|DELETE)/.test(sql));

function plan(sql: string): readonly string[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map((match) => match[1] ?? '');
  const statement = parts.database.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const positional = sql.split('?').length - 1;
  const rows = (
    names.length > 0
      ? statement.all(Object.fromEntries(names.map((name) => [name, null])))
      : statement.all(...Array.from({ length: positional }, () => null))
  ) as { detail: string }[];
  return rows.map((row) => row.detail);
}

describe('query plans', () => {
  it('are looked at for every statement of the store', () => {
    expect(queries.length).toBeGreaterThan(60);
  });

  it.each(queries)('go by an index: %s', (sql) => {
    const walks = /ORDER BY (n|cursor DESC) LIMIT/.test(sql);
    const scans = plan(sql).filter((detail) => {
      if (!detail.startsWith('SCAN ') || /VIRTUAL TABLE|^SCAN (found|\(subquery-\d+\)|CONSTANT ROW)$/.test(detail))
        return false;
      return ![...rightScans.keys()].some((right) => detail.startsWith(right)) && !(walks && rightWalks.has(detail));
    });
    expect(scans).toEqual([]);
  });
});
