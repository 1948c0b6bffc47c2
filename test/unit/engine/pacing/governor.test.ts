import { describe, expect, it } from 'vitest';
import { admin, EngineFixture } from '../../../support/engine-fixture.ts';
import { limitless } from '../../../support/limitless.ts';
import { ask, guest, meet, most, sendsOf } from '../../../support/paced-guests.ts';
import { HOUR, MINUTE, plainRules, SECOND } from '../../../support/pacing-town.ts';

const limits = limitless.limits;

describe('a flood', () => {
  it('leaves within its budgets, tells when and why, and an answer overtakes it', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, ownPerHour: 20 }) });
    const line = await fixture.online();
    const flood = [];
    for (let index = 0; index < 500; index += 1)
      flood.push(await fixture.accept({ to: guest(index), body: `Room ${index} is ready.` }));
    await fixture.until(() => line.count('send') === 3, HOUR, SECOND);
    const last = await fixture.message(flood.at(-1)?.id ?? '');
    expect(last.heldBy).toMatchObject({ rule: 'own_hour' });
    expect(last.heldBy?.detail).toContain('at most 20 messages an hour');
    expect(Date.parse(last.estimatedSendAt ?? '')).toBeGreaterThan(fixture.clock.now() + 20 * HOUR);
    await ask(fixture, line, 499);
    const answer = await fixture.accept({ to: guest(499), body: 'Yes, until ten.', purpose: 'reply' });
    await fixture.untilStatus(answer.id, 'sent', MINUTE);
    await fixture.clock.advance(3 * HOUR);
    expect(most(sendsOf(line), HOUR)).toBeLessThanOrEqual(21);
    expect(line.count('send')).toBeGreaterThan(50);
  });

  it('pauses after some eight to twelve messages, as people do', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    for (let index = 0; index < 30; index += 1) await fixture.accept({ to: guest(index), body: `Room ${index}` });
    await fixture.until(() => line.count('send') === 30, 4 * HOUR, SECOND);
    const times = sendsOf(line);
    const rests = times.slice(1).filter((at, index) => at - (times[index] ?? 0) >= 3 * MINUTE);
    expect(rests.length).toBeGreaterThanOrEqual(1);
  });
});

describe('a restart', () => {
  it('forgets nothing of what went out: no budget is passed across it', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, ownPerHour: 5 }) });
    const line = await fixture.online();
    for (let index = 0; index < 12; index += 1) await fixture.accept({ to: guest(index), body: `Room ${index}` });
    await fixture.until(() => line.count('send') === 5, HOUR, SECOND);
    for (let restart = 0; restart < 3; restart += 1) {
      await fixture.crashAndRestart();
      await fixture.untilState('connected');
      await fixture.clock.advance(5 * MINUTE);
    }
    await fixture.until(() => line.count('send') >= 10, 4 * HOUR, SECOND);
    expect(most(sendsOf(line), HOUR)).toBe(5);
  });

  it('between the first byte and its record counts the message as sent', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, ownPerHour: 1 }) });
    const line = await fixture.online();
    line.sends.push(async (message) => {
      line.deliver(message);
      await new Promise(() => undefined);
    });
    const first = await fixture.accept({ to: guest(1) });
    await fixture.until(() => line.arrivals.length === 1);
    const second = await fixture.accept({ to: guest(2) });
    await fixture.crashAndRestart();
    await fixture.untilState('connected');
    await fixture.clock.advance(30 * MINUTE);
    expect((await fixture.message(second.id)).heldBy?.rule).toBe('own_hour');
    expect(line.phone.size).toBe(1);
    await fixture.until(async () => (await fixture.message(second.id)).status === 'sent', 4 * HOUR, SECOND);
    expect((await fixture.message(first.id)).status).toBe('sent');
    expect(line.phone.size).toBe(2);
  });
});

describe('two sessions of one account', () => {
  it('share its budgets, and never type to two guests at once', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, ownPerHour: 6 }) });
    const first = await fixture.addLinked('front-desk');
    const second = await fixture.addLinked('back-office');
    await fixture.engine.start();
    await fixture.untilState('connected', 'front-desk');
    await fixture.untilState('connected', 'back-office');
    for (let index = 0; index < 12; index += 1) {
      const session = index % 2 === 0 ? 'front-desk' : 'back-office';
      await fixture.accept({ to: guest(index), session, body: `Room ${index}` });
    }
    await fixture.until(() => first.count('send') + second.count('send') === 12, 4 * HOUR, SECOND);
    const own = [...sendsOf(first), ...sendsOf(second)].toSorted((one, other) => one - other);
    expect(most(own, HOUR)).toBe(6);
    // Two guests who wait at the same time, and long answers.
    await ask(fixture, first, 90);
    await ask(fixture, second, 91);
    const body = 'The shuttle leaves in front of the house. '.repeat(12);
    await fixture.accept({ to: guest(90), session: 'front-desk', purpose: 'reply', body });
    await fixture.accept({ to: guest(91), session: 'back-office', purpose: 'reply', body });
    await fixture.until(() => first.count('send') + second.count('send') === 14, 5 * MINUTE, SECOND);
    expect([first.count('send'), second.count('send')]).toEqual([7, 7]);
    const signs = [...first.calls, ...second.calls]
      .filter(({ operation }) => operation === 'setTyping')
      .toSorted((one, other) => one.at - other.at);
    let typedTo: string | undefined;
    for (const { input } of signs) {
      const { chat, on } = input as { chat: { addresses: [string] }; on: boolean };
      if (typedTo !== undefined) expect(chat.addresses[0]).toBe(typedTo);
      typedTo = on ? chat.addresses[0] : undefined;
    }
  });
});

describe('quiet hours', () => {
  it('hold back what the hotel sends by itself until the morning, also in the night of the change of clocks', async () => {
    const rules = { ...limitless, timeZone: 'Europe/Berlin', quietHours: { from: 21 * 60, to: 8 * 60 } };
    const fixture = await EngineFixture.open({ pacing: rules });
    fixture.clock.jump(Date.UTC(2026, 2, 28, 21) - fixture.clock.now()); // 22:00; clocks go forward at 02:00
    const line = await fixture.online();
    const note = await fixture.accept({ to: guest(1) });
    await fixture.clock.advance(MINUTE);
    const opens = Date.UTC(2026, 2, 29, 6); // 08:00 in summer time
    expect((await fixture.message(note.id)).heldBy).toMatchObject({
      rule: 'quiet_hours',
      until: new Date(opens).toISOString(),
      detail: 'Held until Sun 29 Mar, 08:00: quiet hours of the property.',
    });
    await ask(fixture, line, 2);
    const answer = await fixture.accept({ to: guest(2), purpose: 'reply', body: 'Good night!' });
    await fixture.untilStatus(answer.id, 'sent', MINUTE);
    await fixture.until(async () => (await fixture.message(note.id)).status === 'sent', 12 * HOUR, 10 * SECOND);
    const [, sentAt = 0] = sendsOf(line);
    expect(sentAt).toBeGreaterThan(opens);
    expect(sentAt).toBeLessThan(opens + 20 * MINUTE);
  });
});

describe('what is held for a person', () => {
  it('the same text to more guests than the limit goes when somebody lets it go', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, sameTextPerHour: 2 }) });
    const line = await fixture.online();
    const all = [];
    for (let index = 0; index < 3; index += 1)
      all.push(await fixture.accept({ to: guest(index), body: 'Pool party!' }));
    await fixture.until(() => line.count('send') === 2, HOUR, SECOND);
    await fixture.clock.advance(3 * HOUR);
    const held = await fixture.message(all[2]?.id ?? '');
    expect(held).toMatchObject({ status: 'queued', estimatedSendAt: null, heldBy: { rule: 'same_text', until: null } });
    expect((await fixture.store.figures(fixture.clock.now())).queued).toMatchObject([{ oldestAt: null }]);
    await fixture.engine.api.messages.release(admin, held.id);
    expect(await fixture.eventTypes()).toContain('message.released');
    await fixture.untilStatus(held.id, 'sent', HOUR);
  });

  it('a guest who does not answer opens the way again by writing', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, unansweredInARow: 2 }) });
    const line = await fixture.online();
    await meet(fixture, line, 1);
    const all = [];
    for (let index = 0; index < 3; index += 1) all.push(await fixture.accept({ to: guest(0), body: `Note ${index}` }));
    await fixture.until(() => line.count('send') === 2, HOUR, SECOND);
    const third = all[2]?.id ?? '';
    await fixture.clock.advance(MINUTE);
    expect((await fixture.message(third)).heldBy).toMatchObject({ rule: 'unanswered', until: null });
    await ask(fixture, line, 0);
    await fixture.untilStatus(third, 'sent', 10 * MINUTE);
  });
});

describe('a message that would come too late', () => {
  it('is expired as soon as that is known, and not when only seconds are missing', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, ownPerHour: 1 }) });
    const line = await fixture.online();
    await fixture.accept({ to: guest(1) });
    await fixture.until(() => line.count('send') === 1, HOUR, SECOND);
    const now = fixture.clock.now();
    const late = await fixture.accept({ to: guest(2), expiresAt: now + 20 * MINUTE });
    const close = await fixture.accept({ to: guest(3), expiresAt: now + HOUR + 30 * SECOND });
    await fixture.clock.advance(10 * SECOND);
    expect(await fixture.message(late.id)).toMatchObject({ status: 'expired', error: { code: 'too_late' } });
    expect((await fixture.message(close.id)).status).toBe('queued');
    expect(fixture.telemetry.count('outbound:expired')).toBe(1);
    expect(await fixture.eventTypes()).toContain('message.expired');
  });
});
