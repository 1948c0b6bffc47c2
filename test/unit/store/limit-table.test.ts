import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import type { LimitRow } from '../../../src/store/sqlite/limit-table.ts';
import { openStoreParts } from '../../support/open-store-parts.ts';
import { linkSession, SESSION } from '../../support/store-fixture.ts';

let open: ReturnType<typeof openStoreParts>;
beforeEach(async () => {
  open = openStoreParts();
  await linkSession(open.store, open.clock);
});
afterEach(() => open.store.close());

describe('the limits that are kept in memory', () => {
  it('are those of the file after a transaction that was undone', async () => {
    const { parts, clock } = open;
    const row: LimitRow = {
      sessionId: SESSION,
      scope: 'account',
      conversationId: null,
      code: 'rate_limited',
      nativeCode: null,
      since: clock.now(),
      until: clock.now() + 1_000,
      isAssumed: false,
    };
    const undone = parts.write(() => {
      parts.limits.put(row);
      expect(parts.limits.of(SESSION)).toEqual([row]);
      throw new BellhopError('not_found');
    });
    await expect(undone).rejects.toMatchObject({ code: 'not_found' });
    expect(parts.limits.of(SESSION)).toEqual([]);
    await parts.write(() => parts.limits.put(row));
    parts.limits.forget();
    expect(parts.limits.of(SESSION)).toEqual([row]);
  });

  it('are none for a session that was written before there were any', async () => {
    const { store, parts } = open;
    parts.database.exec("UPDATE sessions SET object = json_remove(object, '$.limits')");
    parts.sessions.forget();
    expect((await store.getSession(SESSION))?.limits).toEqual([]);
  });
});
