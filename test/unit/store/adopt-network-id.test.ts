import { expect, it } from 'vitest';
import { openStoreParts } from '../../support/open-store-parts.ts';
import { accept, inbound, linkSession, SESSION } from '../../support/store-fixture.ts';

it('leaves one row under an id whose echo came before the outcome of the send', async () => {
  const { store, parts, clock } = openStoreParts();
  await linkSession(store, clock);
  const { id } = await accept(store, 'r1');
  await store.beginAttempt(id, clock.now());
  await store.recordInbound(inbound('501', clock.now(), { message: { direction: 'outbound' } }));
  await store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: '501' });
  expect(parts.messages.byNetworkId(SESSION, '501').map(({ message }) => message.id)).toEqual([id]);
  expect(parts.messages.byNetworkId(SESSION, 'r1')).toEqual([]);
  await store.close();
});
