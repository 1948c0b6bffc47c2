import { expect, it } from 'vitest';
import { EngineFixture } from '../../../support/engine-fixture.ts';
import { limitless } from '../../../support/limitless.ts';
import { ask, guest, most, sendsOf } from '../../../support/paced-guests.ts';
import { DAY, HOUR, MINUTE, plainRules, SECOND } from '../../../support/pacing-town.ts';

it.each([
  ['an hour back', -HOUR],
  ['a month back', -30 * DAY],
  ['two hours ahead', 2 * HOUR],
  ['a year ahead', 365 * DAY],
])('a clock that is set %s neither stops the queue nor lets it burst', async (_name, ms) => {
  const fixture = await EngineFixture.open({ pacing: plainRules({ ...limitless.limits, ownPerHour: 20 }) });
  const line = await fixture.online();
  for (let index = 0; index < 30; index += 1) await fixture.accept({ to: guest(index), body: `Room ${index}` });
  await fixture.until(() => line.count('send') === 5, 2 * HOUR, SECOND);
  fixture.clock.jump(ms);
  const jumpedAt = fixture.clock.now();
  await ask(fixture, line, 70);
  const { id } = await fixture.accept({ to: guest(70), body: 'Yes, gladly.', purpose: 'reply' });
  await fixture.untilStatus(id, 'sent', MINUTE);
  await fixture.until(() => line.count('send') >= 12, HOUR, 2 * SECOND);
  await fixture.clock.advance(30 * MINUTE);
  const after = sendsOf(line).filter((at) => at >= jumpedAt && at < jumpedAt + 2 * HOUR);
  expect(most(after, HOUR)).toBeLessThanOrEqual(21); // with the answer
});
