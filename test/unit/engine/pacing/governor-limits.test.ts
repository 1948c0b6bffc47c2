import { describe, expect, it } from 'vitest';
import { SendError } from '../../../../src/connector-api/index.ts';
import { observeSession } from '../../../../src/engine/incidents/observe-session.ts';
import { admin, EngineFixture, GUEST } from '../../../support/engine-fixture.ts';
import { limitless } from '../../../support/limitless.ts';
import { ask, guest, meet, sendsOf } from '../../../support/paced-guests.ts';
import { HOUR, MINUTE, plainRules, SECOND } from '../../../support/pacing-town.ts';
import { rules as alertRules } from '../incidents/observations.ts';

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
    await fixture.clock.advance(3 * HOUR);
    expect(await fixture.message(id)).toMatchObject({ status: 'queued', heldBy: { rule: 'temporary_ban' } });
    await fixture.engine.api.sessions.start(admin, 'front-desk');
    await fixture.untilStatus(id, 'sent', HOUR);
  });
});

describe('guests who want no more', () => {
  it('put the brakes on: one event, a limit of the session, an alert with what to do, and no second one after a restart', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules() });
    const line = await fixture.online();
    for (const index of [1, 2]) {
      const chat = { kind: 'direct', addresses: [guest(index)] } as const;
      const content = { type: 'text', body: 'STOP' } as const;
      const message = fixture.inbound({ networkId: `S${index}`, chat, sender: chat, content });
      await line.emit({ type: 'message', message });
    }
    await fixture.until(async () => (await fixture.session()).limits.length > 0, 3 * MINUTE, SECOND);
    const session = await fixture.session();
    expect(session.limits).toMatchObject([
      { source: 'bellhop', code: 'opt_outs', scope: 'new_chats', state: 'closed' },
    ]);
    const [, observed] = observeSession(session, 'Fake', alertRules);
    expect(observed?.health).toMatchObject({
      is: 'ill',
      complaint: { code: 'opt_outs', title: 'front-desk (Fake) writes to no new guests for now' },
    });
    const waiting = await fixture.accept({ to: guest(9) });
    await fixture.until(async () => (await fixture.message(waiting.id)).heldBy?.rule === 'opt_outs', MINUTE);
    await fixture.crashAndRestart();
    await fixture.untilState('connected');
    await fixture.clock.advance(3 * MINUTE);
    const limited = (await fixture.eventTypes()).filter((type) => type.startsWith('session.limit'));
    expect(limited).toEqual(['session.limited']);
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
