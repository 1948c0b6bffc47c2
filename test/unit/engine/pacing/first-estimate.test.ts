import { expect, it } from 'vitest';
import type { MessageRequest } from '../../../../src/engine/engine-api.ts';
import { defaultLimits } from '../../../../src/engine/pacing/limits.ts';
import { EngineFixture } from '../../../support/engine-fixture.ts';
import { limitless } from '../../../support/limitless.ts';
import { ask, guest } from '../../../support/paced-guests.ts';
import { DAY, HOUR, MINUTE, plainRules } from '../../../support/pacing-town.ts';

/** What is told at once, in ms from now. */
async function guess(fixture: EngineFixture, request: Partial<MessageRequest>): Promise<number> {
  const { estimatedSendAt } = await fixture.accept({ body: 'Your room is ready.', purpose: 'service', ...request });
  return Date.parse(estimatedSendAt ?? '') - fixture.clock.now();
}

/** Until the desk has a plan of so many. */
async function planned(fixture: EngineFixture, count: number): Promise<void> {
  const queued = (): number =>
    (fixture.engine.pacingOf('front-desk')?.lanes ?? [])
      .filter(({ lane }) => lane !== 'new_chats')
      .reduce((sum, lane) => sum + lane.queued, 0);
  await fixture.until(() => fixture.engine.pacingOf('front-desk') !== null && queued() >= count, MINUTE, 100);
}

it('is not put off by what is planned for another day', async () => {
  const fixture = await EngineFixture.open({ pacing: limitless });
  await fixture.online();
  await fixture.accept({ to: guest(1), purpose: 'scheduled', sendAt: fixture.clock.now() + 9 * DAY });
  await planned(fixture, 1);
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
  await planned(fixture, 39);
  expect(await guess(fixture, { to: guest(50) })).toBeGreaterThan(5 * MINUTE);
  const tour = await guess(fixture, { to: guest(51), sendAt });
  expect(tour).toBeGreaterThan(2 * DAY + 5 * MINUTE);
  expect(tour).toBeLessThan(2 * DAY + 2 * HOUR);
});

it('knows of those that were accepted just before, in no plan yet', async () => {
  const rules = plainRules({ ...limitless.limits, ownPerHour: 20 });
  const fixture = await EngineFixture.open({ pacing: rules });
  const line = await fixture.online();
  await ask(fixture, line, 1);
  await planned(fixture, 0);
  const guesses: number[] = [];
  for (let index = 0; index < 50; index += 1)
    guesses.push(await guess(fixture, { to: guest(1), body: `Point ${index}`, purpose: 'service' }));
  expect(guesses[0]).toBeLessThan(MINUTE);
  expect(guesses[10]).toBeGreaterThan(3 * MINUTE);
  expect(guesses[49]).toBeGreaterThan(2 * HOUR);
});

it('lets what is less urgent, and first words that only strangers wait for, stand aside', async () => {
  const rules = plainRules({ ...limitless.limits, newChatsWeek1: defaultLimits.newChatsWeek1 });
  const fixture = await EngineFixture.open({ pacing: rules });
  const line = await fixture.online();
  await ask(fixture, line, 200);
  for (let index = 0; index < 20; index += 1) await fixture.accept({ to: guest(index), body: `Room ${index}` });
  await planned(fixture, 19);
  expect(await guess(fixture, { to: guest(200) })).toBeLessThan(5 * MINUTE);
  expect(await guess(fixture, { to: guest(201) })).toBeGreaterThan(2 * DAY);
});
