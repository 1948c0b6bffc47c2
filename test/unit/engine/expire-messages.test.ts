import { expect, it } from 'vitest';
import { expireMessages } from '../../../src/engine/expire-messages.ts';
import { CountingTelemetry } from '../../support/engine-fixture.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import { accept, linkSession } from '../../support/store-fixture.ts';

it('counts each message whose time has passed', async () => {
  const { store, clock } = await openTestStore();
  await linkSession(store, clock);
  await accept(store, 'N1', { expiresAt: clock.now() + 10 });
  await accept(store, 'N2');
  const telemetry = new CountingTelemetry();
  expect(await expireMessages({ store, telemetry }, clock.now() + 10)).toBe(1);
  expect([...telemetry.counts].filter(([name]) => name.includes('expired')).map(([, count]) => count)).toEqual([1]);
  await store.close();
});
