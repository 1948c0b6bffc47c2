import { expect, it } from 'vitest';
import type { MessageRequest } from '../../../../src/engine/engine-api.ts';
import { defaultLimits } from '../../../../src/engine/pacing/limits.ts';
import { EngineFixture } from '../../../support/engine-fixture.ts';
import { limitless } from '../../../support/limitless.ts';
import { ask, guest } from '../../../support/paced-guests.ts';
import { DAY, HOUR, MINUTE, plainRules, SECOND } from '../../../support/pacing-town.ts';

/** What is told at once, in ms from now. */
async function guess(fixture: EngineFixture, request: Partial<MessageRequest>): Promise<number> {
  const { estimatedSendAt } = await fixture.accept({ body: 'Your room is ready.', purpose: 'service', ...request });
  return Date.parse(estimatedSendAt ?? '') - fixture.clock.now();
}

it('is not put off by what is planned for another day', async () => {
  const fixture = await EngineFixture.open({ pacing: limitless });
  await fixture.online();
  await fixture.accept({ to: guest(1), purpose: 'scheduled', sendAt: fixture.clock.now() + 9 * DAY });
  await fixture.clock.advance(SECOND);
  expect(await guess(fixture, { to: guest(2) })).toBeLessThan(MINUTE);
});

it('stands behind all that is due before it, now and on another day', async () => {
  const fixture = await EngineFixture.open({ pacing: limitless });
  await fixture.online();
  const sendAt = fixture.clock.now() + 2 * DAY;
  for (let index = 0; index < 20; index += 1) {
    await fixture.accept({ to: guest(index), purpose: 'service', body: `Room ${index}` });
    await fixture.accept({ to: guest(100 + index), purpose: 'service', body: `Tour ${index}`, sendAt });
  }
  await fixture.clock.advance(SECOND);
  expect(await guess(fixture, { to: guest(50) })).toBeGreaterThan(5 * MINUTE);
  const tour = await guess(fixture, { to: guest(51), sendAt });
  expect(tour).toBeGreaterThan(2 * DAY + 5 * MINUTE);
  expect(tour).toBeLessThan(2 * DAY + 2 * HOUR);
});

it('lets what is less urgent, and first words that only strangers wait for, stand aside', async () => {
  const rules = plainRules({ ...limitless.limits, newChatsWeek1: defaultLimits.newChatsWeek1 });
  const fixture = await EngineFixture.open({ pacing: rules });
  const line = await fixture.online();
  await ask(fixture, line, 200);
  for (let index = 0; index < 20; index += 1) await fixture.accept({ to: guest(index), body: `Room ${index}` });
  await fixture.clock.advance(SECOND);
  expect(await guess(fixture, { to: guest(200) })).toBeLessThan(5 * MINUTE);
  expect(await guess(fixture, { to: guest(201) })).toBeGreaterThan(2 * DAY);
});
