import { describe, expect, it } from 'vitest';
import type { SendErrorScope } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { EngineFixture, GUEST, networkCause } from '../../support/engine-fixture.ts';
import { RecordingLogger } from '../../support/fake-connector-host.ts';
import type { FakeLine } from '../../support/fake-host.ts';
import { limitless } from '../../support/limitless.ts';

const BEN = '+15551230002';
const CAROL = '+15551230003';
const DAY_MS = 24 * 3_600_000;

/** The next send meets a limit. */
function refuse(line: FakeLine, scope: SendErrorScope, retryAfterMs?: number, nativeCode = 'FLOOD_WAIT_30'): void {
  line.sends.push(async () => {
    throw new SendError('rate_limited', {
      certainty: 'not_sent',
      retryable: true,
      scope,
      nativeCode,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  });
}

const sentAt = (line: FakeLine): readonly number[] =>
  line.calls.filter(({ operation }) => operation === 'send').map(({ at }) => at);
const limitsOf = async (fixture: EngineFixture) => (await fixture.session()).limits;

describe('a limit of the account', () => {
  it('lets nothing out before its end, shows why, and counts no attempt', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'account', 30_000);
    const first = await fixture.accept();
    await fixture.until(async () => (await limitsOf(fixture)).length === 1);
    const limitedAt = sentAt(line)[0] ?? 0;
    const second = await fixture.accept({ to: BEN, urgency: 'high' });
    const until = new Date(limitedAt + 30_000).toISOString();
    expect(second).toMatchObject({
      status: 'queued',
      heldBy: { rule: 'network_limit', until },
      estimatedSendAt: until,
    });
    await fixture.clock.advance(29_000);
    expect(line.count('send')).toBe(1);
    expect(await fixture.message(first.id)).toMatchObject({
      status: 'queued',
      attempts: 0,
      heldBy: { rule: 'network_limit', until },
      estimatedSendAt: until,
    });
    expect((await fixture.session()).state).toBe('connected');
    const sent = await fixture.untilStatus(first.id, 'sent');
    expect(sent).toMatchObject({ attempts: 1, heldBy: null, error: null });
    await fixture.untilStatus(second.id, 'sent');
    expect(Math.min(...sentAt(line).slice(1))).toBeGreaterThanOrEqual(limitedAt + 30_000);
    expect(line.arrivals.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(await limitsOf(fixture)).toEqual([]);
    const events = (await fixture.eventTypes()).filter((type) => type.startsWith('session.limit'));
    expect(events).toEqual(['session.limited', 'session.limit_over']);
    expect(fixture.telemetry.count('limited:account:FLOOD_WAIT')).toBe(1);
    expect(fixture.telemetry.count('outbound:limited')).toBe(1);
  });

  it('survives a restart of the daemon', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'account', 120_000);
    const { id } = await fixture.accept();
    await fixture.until(async () => (await limitsOf(fixture)).length === 1);
    const end = (sentAt(line)[0] ?? 0) + 120_000;
    await fixture.crashAndRestart();
    await fixture.untilState('connected');
    await fixture.clock.advance(100_000);
    expect(line.count('send')).toBe(1);
    const sent = await fixture.untilStatus(id, 'sent');
    expect(sent.attempts).toBe(1);
    expect(sentAt(line)[1]).toBeGreaterThanOrEqual(end);
  });

  it('is followed by one message at a time, at the usual pace', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    refuse(line, 'account', 600_000);
    const all = [];
    for (const to of [GUEST, BEN, CAROL, '+15551230004']) all.push(await fixture.accept({ to }));
    await fixture.until(async () => (await limitsOf(fixture)).length === 1, 120_000);
    for (const { id } of all) await fixture.untilStatus(id, 'sent', 1_000_000);
    expect(line.mostSendsUnderWay).toBe(1);
    const [, ...times] = sentAt(line);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps).toHaveLength(3);
    // What the hotel sends by itself goes to another guest after four seconds at the least.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4_000);
  });

  it('is one incident when the network repeats it, and one again when its end is assumed', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'account');
    refuse(line, 'account');
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent', 1_200_000);
    const [first = 0, second = 0, third = 0] = sentAt(line);
    expect(second - first).toBeGreaterThanOrEqual(300_000);
    expect(third - second).toBeGreaterThanOrEqual(300_000);
    const events = (await fixture.eventTypes()).filter((type) => type.startsWith('session.limit'));
    expect(events).toEqual(['session.limited', 'session.limit_over']);
  });

  it('does not fail a message that meets limits more often than a message may fail', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    for (let index = 0; index < 20; index += 1) refuse(line, 'account', 1_000);
    const { id } = await fixture.accept();
    expect((await fixture.untilStatus(id, 'sent', 120_000)).attempts).toBe(1);
    expect(line.count('send')).toBe(21);
  });

  it('lets messages that expire meanwhile expire', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'account', 60_000);
    await fixture.accept();
    const { id } = await fixture.accept({ to: BEN, expiresAt: fixture.clock.now() + 20_000 });
    await fixture.untilStatus(id, 'expired');
    expect(line.count('send')).toBe(1);
  });

  it('ends, with its event, also while the session is down', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'account', 30_000);
    await fixture.accept();
    await fixture.until(async () => (await limitsOf(fixture)).length === 1);
    for (let index = 0; index < 50; index += 1) line.connects.push(networkCause);
    await line.drop(networkCause);
    await fixture.clock.advance(31_000);
    expect(await limitsOf(fixture)).toEqual([]);
    expect(await fixture.eventTypes()).toContain('session.limit_over');
  });
});

describe('a limit of one chat', () => {
  it('holds that conversation back and no other', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'chat', 60_000, 'SLOWMODE_WAIT_60');
    const slow = await fixture.accept();
    await fixture.until(async () => (await limitsOf(fixture)).length === 1);
    const urgent = await fixture.accept({ urgency: 'high', body: 'urgent' });
    const other = await fixture.accept({ to: BEN });
    await fixture.untilStatus(other.id, 'sent', 5_000);
    for (const { id } of [slow, urgent])
      expect(await fixture.message(id)).toMatchObject({ status: 'queued', heldBy: { rule: 'network_limit' } });
    expect(await limitsOf(fixture)).toMatchObject([{ scope: 'chat', conversationId: slow.conversationId }]);
    await fixture.untilStatus(slow.id, 'sent', 90_000);
    const [first = 0, , ...rest] = sentAt(line);
    expect(Math.min(...rest)).toBeGreaterThanOrEqual(first + 60_000);
    expect([...line.phone.values()]).toEqual(['Your room is ready.', 'urgent', 'Your room is ready.']);
  });
});

describe('new chats that the network has closed', () => {
  it('hold back messages to guests who never wrote, and let answers go on', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    refuse(line, 'new_chats', undefined, 'PEER_FLOOD');
    const refused = await fixture.accept({ to: BEN });
    await fixture.until(async () => (await limitsOf(fixture)).length === 1);
    const stranger = await fixture.accept({ to: CAROL });
    expect(stranger).toMatchObject({ status: 'queued', heldBy: { rule: 'new_chats_closed' } });
    const answer = await fixture.accept({ to: GUEST });
    await fixture.untilStatus(answer.id, 'sent', 5_000);
    await fixture.clock.advance(3_600_000);
    expect(line.count('send')).toBe(2);
    const { heldBy, estimatedSendAt } = await fixture.message(refused.id);
    expect(heldBy).toMatchObject({ rule: 'new_chats_closed', until: estimatedSendAt });
    expect(heldBy?.detail).toContain('Let guests write first');
    const { data } = await fixture.store.listEvents({ property: null, types: ['session.limited'], limit: 9 });
    expect(data[0]?.data).toMatchObject({
      cause: 'rate_limited',
      limit: { scope: 'new_chats', nativeCode: 'PEER_FLOOD' },
    });
    expect(data[0]?.data.remedy).toContain('Let guests write first');
  });

  it('are tried with one message after a day, and open again only when it went through', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'new_chats', undefined, 'PEER_FLOOD');
    refuse(line, 'new_chats', undefined, 'PEER_FLOOD');
    const first = await fixture.accept({ to: BEN });
    const second = await fixture.accept({ to: CAROL });
    await fixture.until(() => line.count('send') === 1);
    await fixture.clock.advance(DAY_MS - 60_000);
    expect(line.count('send')).toBe(1);
    await fixture.clock.advance(180_000);
    expect(line.count('send')).toBe(2);
    expect(await limitsOf(fixture)).toHaveLength(1);
    expect(await fixture.eventTypes()).not.toContain('session.limit_over');
    await fixture.clock.advance(DAY_MS);
    await fixture.untilStatus(first.id, 'sent');
    await fixture.untilStatus(second.id, 'sent');
    expect(await limitsOf(fixture)).toEqual([]);
    const events = (await fixture.eventTypes()).filter((type) => type.startsWith('session.limit'));
    expect(events).toEqual(['session.limited', 'session.limit_over']);
  });

  it('open at once for a guest who writes', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    refuse(line, 'new_chats', DAY_MS, 'PEER_FLOOD');
    await fixture.accept({ to: BEN });
    await fixture.until(() => line.count('send') === 1);
    const { id } = await fixture.accept({ to: GUEST });
    await fixture.clock.advance(60_000);
    expect((await fixture.message(id)).status).toBe('queued');
    await line.emit({ type: 'message', message: fixture.inbound() });
    await fixture.untilStatus(id, 'sent', 5_000);
    expect(line.arrivals.map(({ chat }) => chat)).toEqual([GUEST]);
  });
});

describe('what the network says by itself', () => {
  it('closes new chats before any message is refused, over a restart, and opens them when it says so', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const said = { type: 'limit', scope: 'new_chats', origin: 'lock' } as const;
    await line.emit({ ...said, state: 'closed', endsInMs: DAY_MS, nativeCode: 'LOCKED' });
    const { id } = await fixture.accept({ to: BEN });
    await fixture.crashAndRestart();
    await fixture.untilState('connected');
    await fixture.clock.advance(60_000);
    expect((await fixture.message(id)).heldBy).toMatchObject({ rule: 'new_chats_closed' });
    expect(line.count('send')).toBe(0);
    await line.emit({ ...said, state: 'open' });
    await fixture.untilStatus(id, 'sent');
    const events = (await fixture.eventTypes()).filter((type) => type.startsWith('session.limit'));
    expect(events).toEqual(['session.limited', 'session.limit_over']);
  });

  it.each([
    ['of one chat', { scope: 'chat' }],
    ['under a name that is none', { origin: 'Bad name' }],
    ['in a state that is none', { state: 'ajar' }],
  ])('is refused where it breaks the contract: %s', async (_name, wrong) => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const event: unknown = { type: 'limit', scope: 'new_chats', origin: 'lock', state: 'closed', ...wrong };
    // What a connector in another process may send.
    await expect(line.emit(event as Parameters<FakeLine['emit']>[0])).rejects.toMatchObject({ code: 'internal_error' });
    expect(await limitsOf(fixture)).toEqual([]);
  });
});

describe('the log of limits', () => {
  it('tells the beginning and the end once, without an address', async () => {
    const log = new RecordingLogger();
    const fixture = await EngineFixture.open({ log });
    const line = await fixture.online();
    refuse(line, 'account', 30_000);
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    await fixture.clock.advance(120_000);
    const lines = log.lines.filter(({ text }) => text.includes('limit'));
    expect(lines.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'warn: the network limits a session',
      'info: a limit of the network is over',
    ]);
    expect(lines[0]?.fields).toMatchObject({ session: 'front-desk', scope: 'account', nativeCode: 'FLOOD_WAIT_30' });
    expect(JSON.stringify(log.lines)).not.toContain(GUEST);
  });

  it('goes on after a store that could not be read', async () => {
    let refused = 0;
    const sick = (store: Store): Store =>
      new Proxy(store, {
        get(target, name, receiver) {
          if (name === 'endLimits' && refused < 3) {
            refused += 1;
            return () => Promise.reject(new BellhopError('store_full'));
          }
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
    const fixture = await EngineFixture.open({ wrapStore: sick });
    const line = await fixture.online();
    refuse(line, 'account', 5_000);
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    await fixture.until(async () => (await limitsOf(fixture)).length === 0);
    expect(refused).toBe(3);
  });
});
