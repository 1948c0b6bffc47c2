import { describe, expect, it } from 'vitest';
import { SendError } from '../../../../src/connector-api/index.ts';
import { BellhopError } from '../../../../src/core/errors.ts';
import { admin } from '../../../support/engine-fixture.ts';
import { busy, LineLife } from '../../../support/line-life.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

describe('a line that hears', () => {
  it('is not asked while the network pushes as usual', async () => {
    const life = await LineLife.begin();
    await life.live(30 * MINUTE_MS, busy);
    expect(life.line.count('sendCanary')).toBe(0);
    expect(life.line.count('probe')).toBe(0);
  });

  it('is asked every few minutes when it is quiet, and otherwise left alone', async () => {
    const life = await LineLife.begin();
    await life.live(2 * HOUR_MS);
    const asked = life.line.calls.filter(({ operation }) => operation === 'sendCanary').map(({ at }) => at);
    const gaps = asked.slice(1).map((at, index) => (at - (asked[index] ?? 0)) / MINUTE_MS);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(4.5);
    expect(new Set(gaps.map((gap) => gap.toFixed(2))).size).toBeGreaterThan(5);
    expect(life.connections).toBe(1);
    expect(life.fixture.telemetry.count('line:canary:answered')).toBe(asked.length);
  });

  it('shows when it last proved it, and by what', async () => {
    const life = await LineLife.begin();
    const { engine, clock } = life.fixture;
    expect(engine.livenessOf('front-desk')).toMatchObject({ provenBy: null, roundTripMs: null });
    life.line.pulse({ pushes: 1 });
    const pushedAt = new Date(clock.now()).toISOString();
    await life.live(10 * SECOND_MS);
    expect(engine.livenessOf('front-desk')).toEqual({ provenAt: pushedAt, provenBy: 'push', roundTripMs: null });
    life.line.onCanary = (token) => void clock.after(1_500, () => void life.line.returnCanary(token));
    await life.live(5 * MINUTE_MS);
    expect(engine.livenessOf('front-desk')).toMatchObject({ provenBy: 'canary', roundTripMs: 1_500 });
    expect(life.fixture.telemetry.provenAt.get('front-desk')).toBeGreaterThan(Date.parse(pushedAt));
    await life.line.drop({ kind: 'network', code: 'fake_lost' });
    await life.fixture.untilState('backing_off');
    expect(engine.livenessOf('front-desk')).toBeNull();
    expect(life.fixture.telemetry.provenAt.get('front-desk')).toBeNull();
  });

  it('is not restarted for a day without a byte, as long as it answers', async () => {
    const life = await LineLife.begin();
    await life.live(2 * HOUR_MS, () => ({ silentForMs: 3_600_000 }));
    expect(life.line.count('probe')).toBeGreaterThan(10);
    expect(life.connections).toBe(1);
  });

  it('is not restarted because the store cannot write', async () => {
    const disk = { full: false };
    const life = await LineLife.begin({
      wrapStore: (store) =>
        new Proxy(store, {
          get: (target, name, receiver): unknown =>
            name === 'ping' && disk.full
              ? () => Promise.reject(new BellhopError('store_full'))
              : Reflect.get(target, name, receiver),
        }),
    });
    disk.full = true;
    life.line.onCanary = (token) => void life.line.returnCanary(token).catch(() => undefined);
    await life.live(HOUR_MS);
    expect(life.fixture.telemetry.count('line:canary:unstored')).toBeGreaterThan(10);
    expect(life.connections).toBe(1);
    expect(life.fixture.engine.livenessOf('front-desk')?.provenBy).toBeNull();
  });

  it('is not judged while its process was blocked', async () => {
    const life = await LineLife.begin();
    const { clock } = life.fixture;
    life.goDeaf();
    await life.liveUntil(() => life.line.count('sendCanary') === 1, 5 * MINUTE_MS);
    // The event loop of the child stands still: no pulse, no answer; then all at once.
    await clock.advance(40 * SECOND_MS);
    life.line.pulse({ loopLagMs: 39_000 });
    await clock.advance(14 * SECOND_MS);
    life.hearAgain();
    await life.line.returnCanary(life.line.lastCanary);
    await life.live(20 * MINUTE_MS);
    expect(life.connections).toBe(1);
    expect(life.fixture.telemetry.count('line:canary:unanswered')).toBe(0);
  });
});

describe('a line that is deaf', () => {
  it('is found within a minute on a busy account, and recovers by a new socket', async () => {
    const life = await LineLife.begin();
    await life.live(10 * MINUTE_MS, busy);
    life.goDeaf();
    const tookMs = await life.liveUntil(() => life.connections === 2, 2 * MINUTE_MS);
    expect(tookMs).toBeLessThanOrEqual(60 * SECOND_MS);
    expect(life.line.opened).toBe(1); // the same session, another socket
    expect(life.line.count('disconnect')).toBe(1);
    expect(await life.codes()).toEqual(['line_deaf']);
    expect(life.fixture.telemetry.count('deaf:canary')).toBe(1);
  });

  it('is found within five minutes on a quiet one', async () => {
    for (const seed of [1, 2, 3]) {
      const life = await LineLife.begin({ seed });
      await life.live(20 * MINUTE_MS);
      life.goDeaf();
      const tookMs = await life.liveUntil(() => life.connections === 2, 6 * MINUTE_MS);
      expect(tookMs).toBeLessThanOrEqual(5 * MINUTE_MS);
    }
  });

  it('is one incident, which ends when a canary has passed and says what came late', async () => {
    const life = await LineLife.begin();
    const { fixture, line } = life;
    await life.live(10 * MINUTE_MS, busy);
    const lastHeardAt = fixture.clock.now();
    life.goDeaf();
    await fixture.clock.advance(20 * SECOND_MS);
    const saidAt = fixture.clock.now();
    await life.liveUntil(() => life.connections === 2, MINUTE_MS);
    expect(await life.sessionEvents()).toEqual(['session.connected', 'session.disconnected']);
    for (const networkId of ['LATE-1', 'LATE-2', 'LATE-2'])
      await line.emit({ type: 'message', message: fixture.inbound({ networkId, sentAt: saidAt }) });
    await line.emit({
      type: 'message',
      message: fixture.inbound({ networkId: 'NEW', sentAt: fixture.clock.now() + 1 }),
    });
    await fixture.clock.advance(30 * SECOND_MS);
    expect(await life.sessionEvents()).toEqual(['session.connected', 'session.disconnected']);
    life.hearAgain();
    await life.liveUntil(async () => (await life.sessionEvents()).length === 3, 2 * MINUTE_MS);
    expect(await life.sessionEvents()).toEqual(['session.connected', 'session.disconnected', 'session.recovered']);
    const { data } = await fixture.store.listEvents({ property: null, limit: 1_000 });
    const gap = data.find(({ type }) => type === 'session.recovered')?.data.gap;
    expect(gap).toMatchObject({ lateMessages: 2 });
    expect(Math.abs(Date.parse(gap?.from ?? '') - lastHeardAt)).toBeLessThanOrEqual(10 * SECOND_MS);
    const [row] = (await fixture.store.listTimeline('front-desk', { limit: 1 })).data;
    expect(row).toMatchObject({ state: 'connected', reason: null, gap });
  });

  it.each([
    ['a busy line on which canaries are lost', (life: LineLife) => life.goDeaf(), busy],
    [
      'a network that does not take canaries any more',
      (life: LineLife) => {
        life.line.onCanary = () =>
          Promise.reject(new SendError('send_rejected', { certainty: 'not_sent', retryable: false }));
      },
      () => ({}),
    ],
  ] as const)('ends the incident also on %s', async (_name, change, each) => {
    const life = await LineLife.begin();
    await life.live(10 * MINUTE_MS, busy);
    life.goDeaf();
    await life.liveUntil(() => life.connections === 2, 2 * MINUTE_MS);
    change(life);
    await life.liveUntil(async () => (await life.sessionEvents()).length === 3, 3 * MINUTE_MS, each);
    expect((await life.sessionEvents()).at(-1)).toBe('session.recovered');
    expect(life.connections).toBe(2);
  });

  it('is asked no more for what the session cannot do after all', async () => {
    const life = await LineLife.begin();
    life.goDeaf();
    await life.liveUntil(() => life.line.count('sendCanary') === 1, 5 * MINUTE_MS);
    life.line.onCanary = () => Promise.reject(new BellhopError('capability_missing'));
    await life.live(HOUR_MS);
    expect(life.line.count('sendCanary')).toBe(2);
    expect(life.line.count('probe')).toBeGreaterThan(10);
    expect(life.connections).toBe(1);
  });

  it('is found by what it does not push', async () => {
    const life = await LineLife.begin();
    let missed = 0;
    life.line.onCanary = (token) => life.line.returnCanary(token, missed);
    await life.live(10 * MINUTE_MS, busy);
    missed = 3;
    const tookMs = await life.liveUntil(() => life.connections === 2, 2 * MINUTE_MS);
    expect(tookMs).toBeLessThanOrEqual(60 * SECOND_MS);
    expect(await life.codes()).toEqual(['line_not_pushed']);
  });

  it('is not, when only once something was not pushed', async () => {
    const life = await LineLife.begin();
    let missed = 1;
    life.line.onCanary = (token) => life.line.returnCanary(token, missed);
    await life.liveUntil(() => life.fixture.telemetry.count('line:canary:missed') === 1, 5 * MINUTE_MS);
    missed = 0;
    await life.live(HOUR_MS);
    expect(life.connections).toBe(1);
  });

  it('gets a new session when messages are stuck in the library', async () => {
    const life = await LineLife.begin();
    await life.live(MINUTE_MS, busy);
    let stuckMs = 0;
    await life.liveUntil(
      () => life.connections === 2,
      3 * MINUTE_MS,
      () => ({ oldestPendingMs: (stuckMs += 5_000) }),
    );
    expect(life.line.opened).toBe(2);
    expect(await life.codes()).toEqual(['library_stuck']);
  });

  it('does not keep what waits to be sent', async () => {
    const life = await LineLife.begin();
    await life.live(10 * MINUTE_MS, busy);
    life.goDeaf();
    life.line.sends.push(
      (_message, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new BellhopError('session_down')));
        }),
    );
    const { id } = await life.fixture.accept();
    await life.liveUntil(() => life.connections === 2, 2 * MINUTE_MS);
    life.hearAgain();
    await life.fixture.untilStatus(id, 'sent');
    expect(life.line.phone.size).toBe(1);
  });

  it('is left alone once a person stops the session', async () => {
    const life = await LineLife.begin();
    life.goDeaf();
    await life.liveUntil(() => life.line.count('sendCanary') === 2, 5 * MINUTE_MS);
    const { engine } = life.fixture;
    const stopping = engine.api.sessions.stop(admin, 'front-desk');
    await life.fixture.clock.advance(10 * SECOND_MS);
    await stopping;
    await life.live(HOUR_MS);
    expect(life.connections).toBe(1);
    expect((await life.fixture.session()).state).toBe('stopped');
  });
});

describe('a line that stays deaf', () => {
  it('gets a socket, a session, a process, and then a person, who hears of it once', async () => {
    const life = await LineLife.begin();
    life.goDeaf();
    await life.liveUntil(async () => (await life.fixture.session()).state === 'degraded', 20 * MINUTE_MS);
    expect(life.connections).toBe(4);
    expect(life.line.freshProcesses).toEqual([false, false, true]);
    expect((await life.fixture.session()).reason).toMatchObject({ code: 'line_deaf', action: 'open_app' });
    await life.live(2 * HOUR_MS);
    expect(life.connections).toBeGreaterThanOrEqual(7);
    expect(life.connections).toBeLessThanOrEqual(8);
    expect(await life.sessionEvents()).toEqual(['session.connected', 'session.disconnected', 'session.degraded']);
    expect((await life.fixture.session()).state).toBe('degraded');
  });

  it('is well again with the first canary that comes back', async () => {
    const life = await LineLife.begin();
    life.goDeaf();
    await life.liveUntil(async () => (await life.fixture.session()).state === 'degraded', 20 * MINUTE_MS);
    const { connections } = life;
    life.hearAgain();
    await life.fixture.untilState('connected', 'front-desk', 6 * MINUTE_MS);
    expect(life.connections).toBe(connections);
    expect((await life.sessionEvents()).at(-1)).toBe('session.recovered');
    const { data } = await life.fixture.store.listEvents({ property: null, limit: 1_000 });
    expect(data.at(-1)?.data.gap).toBeDefined();
  });
});
