import { describe, expect, it } from 'vitest';
import { SendError } from '../../../../src/connector-api/index.ts';
import { admin, EngineFixture, GUEST } from '../../../support/engine-fixture.ts';
import type { FakeLine } from '../../../support/fake-host.ts';
import { limitless } from '../../../support/limitless.ts';
import { HOUR, MINUTE, plainRules, SECOND } from '../../../support/pacing-town.ts';

const guest = (index: number): string => `+1555400${String(index).padStart(4, '0')}`;
const sendsOf = (line: FakeLine): readonly number[] =>
  line.calls.filter(({ operation }) => operation === 'send').map(({ at }) => at);
const limits = limitless.limits;

/** Guests who wrote long ago, so that what is sent to them opens no chat and is no answer. */
async function meet(fixture: EngineFixture, line: FakeLine, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await ask(fixture, line, index);
  await fixture.clock.advance(25 * HOUR);
}

async function ask(fixture: EngineFixture, line: FakeLine, index: number): Promise<void> {
  const chat = { kind: 'direct', addresses: [guest(index)] } as const;
  const message = fixture.inbound({ networkId: `IN-${index}-${fixture.clock.now()}`, chat, sender: chat });
  await line.emit({ type: 'message', message });
}

function most(at: readonly number[], windowMs: number): number {
  return Math.max(0, ...at.map((from) => at.filter((each) => each >= from && each < from + windowMs).length));
}

describe('a flood', () => {
  it('leaves within its budgets, tells when and why, and an answer overtakes it', { timeout: 30_000 }, async () => {
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
    expect(
      most(
        [...sendsOf(first), ...sendsOf(second)].toSorted((one, other) => one - other),
        HOUR,
      ),
    ).toBe(6);
    expect([first.count('send'), second.count('send')]).toEqual([6, 6]);
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

describe('limits of the network', () => {
  it('close new chats until their end, and leave answers alone', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    line.sends.push(async () => {
      throw new SendError('rate_limited', {
        certainty: 'not_sent',
        retryable: true,
        scope: 'new_chats',
        nativeCode: 'PEER_FLOOD',
        retryAfterMs: 6 * HOUR,
      });
    });
    const first = await fixture.accept({ to: guest(1) });
    await fixture.until(async () => (await fixture.session()).limits.length === 1, MINUTE);
    const closedAt = fixture.clock.now();
    const second = await fixture.accept({ to: guest(2) });
    await line.emit({ type: 'message', message: fixture.inbound() });
    const answer = await fixture.accept({ to: GUEST, purpose: 'reply' });
    await fixture.untilStatus(answer.id, 'sent', MINUTE);
    for (const { id } of [first, second])
      expect((await fixture.message(id)).heldBy).toMatchObject({ rule: 'new_chats_closed' });
    expect(fixture.engine.pacingOf('front-desk')?.lanes).toContainEqual(
      expect.objectContaining({ lane: 'new_chats', queued: 2 }),
    );
    await fixture.until(() => line.phone.size === 3, 8 * HOUR, 10 * SECOND);
    expect(sendsOf(line).filter((at) => at > closedAt + MINUTE)[0]).toBeGreaterThan(closedAt + 6 * HOUR - MINUTE);
  });

  it('a temporary ban stops everything, and only a person ends it', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    await line.drop({ kind: 'restricted', code: 'fake_temporary_ban', retryAfterMs: HOUR });
    await fixture.untilState('backing_off');
    await fixture.untilState('connected', 'front-desk', 3 * HOUR);
    await ask(fixture, line, 1);
    const { id } = await fixture.accept({ to: guest(1), purpose: 'reply' });
    await fixture.clock.advance(25 * HOUR);
    expect(await fixture.message(id)).toMatchObject({ status: 'queued', heldBy: { rule: 'temporary_ban' } });
    await fixture.engine.api.sessions.start(admin, 'front-desk');
    await fixture.untilStatus(id, 'sent', HOUR);
  });
});

describe('budgets', () => {
  it('are shown with the session, in use and left', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules() });
    const line = await fixture.online();
    await meet(fixture, line, 1);
    const { id } = await fixture.accept({ to: guest(0) });
    await fixture.untilStatus(id, 'sent', HOUR);
    await fixture.clock.advance(SECOND);
    const own = fixture.engine.pacingOf('front-desk')?.budgets.find((budget) => budget.id === 'ownPerHour');
    expect(own).toMatchObject({ used: 1, left: (own?.limit ?? 0) - 1 });
    expect(Date.parse(own?.resetsAt ?? '')).toBe((sendsOf(line)[0] ?? 0) + HOUR);
  });
});
