import { describe, expect, it } from 'vitest';
import type { DisconnectCause } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { admin, EngineFixture, networkCause } from '../../support/engine-fixture.ts';

const MINUTE_MS = 60_000;
const cause = (kind: DisconnectCause['kind'], more: Partial<DisconnectCause> = {}): DisconnectCause => ({
  kind,
  code: `fake_${kind}`,
  ...more,
});

const sessionEvents = async (fixture: EngineFixture): Promise<string[]> =>
  (await fixture.eventTypes()).filter((type) => type.startsWith('session.'));

describe('staying connected', () => {
  it('connects stored sessions at start and tells it once', async () => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    const session = await fixture.session();
    expect(session).toMatchObject({ state: 'connected', reason: null, version: { current: '1.0' } });
    expect(await sessionEvents(fixture)).toEqual(['session.connected']);
    expect(fixture.telemetry.states.get('front-desk')).toBe('connected');
  });

  it('tells an incident once, however many attempts it takes, and its end', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.connects.push(cause('network'), cause('network'), cause('unknown'));
    await line.drop(networkCause);
    await fixture.untilState('backing_off');
    const down = await fixture.session();
    expect(down.reason).toMatchObject({ code: 'fake_lost', kind: 'network', action: 'none' });
    expect(down.reason?.retryAt).not.toBeNull();
    await fixture.untilState('connected');
    expect(line.connects).toEqual([]);
    expect(await sessionEvents(fixture)).toEqual(['session.connected', 'session.disconnected', 'session.recovered']);
    expect(fixture.telemetry.count('disconnected:network')).toBe(3);
    const { data } = await fixture.store.listTimeline('front-desk', { limit: 50 });
    expect(data.filter((entry) => entry.state === 'backing_off')).toHaveLength(4);
  });

  it('restarts at once when the network asks, without any news', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause('restart_required'));
    await fixture.until(() => line.count('connect') === 2, 1_000);
    await fixture.untilState('connected');
    expect(await sessionEvents(fixture)).toEqual(['session.connected']);
  });

  it('opens the session again when its process dies', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.crash();
    await fixture.until(() => line.opened === 2);
    await fixture.untilState('connected');
    const { data } = await fixture.store.listTimeline('front-desk', { limit: 50 });
    expect(data.map((entry) => entry.reason?.code)).toContain('connector_lost');
  });

  it('is back within moments when its process dies, whatever the network did before', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    for (let failure = 0; failure < 8; failure += 1) line.connects.push(cause('network'));
    await line.drop(networkCause);
    await fixture.untilState('connected', 'front-desk', 30 * MINUTE_MS);
    const { length } = line.calls;
    line.crash();
    await fixture.until(() => line.calls.length > length, 1_000);
  });

  it('does not wait for ever for a network that says nothing', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.addLinked();
    line.connects.push(new BellhopError('session_down'));
    await fixture.engine.start();
    await fixture.untilState('connected');
    expect(line.opened).toBe(2);
  });
});

describe('ends that only a person can mend', () => {
  it.each([
    ['logged_out', 'logged_out', 'relink', 'session.logged_out'],
    ['banned', 'banned', 'open_app', 'session.banned'],
  ] as const)('%s: stops, says what to do, and never tries again', async (kind, state, action, event) => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause(kind));
    await fixture.untilState(state);
    expect((await fixture.session()).reason).toMatchObject({ kind, action });
    expect(await sessionEvents(fixture)).toEqual(['session.connected', event]);
    await fixture.clock.advance(24 * 60 * MINUTE_MS);
    expect(line.count('connect')).toBe(1);
    await fixture.crashAndRestart();
    await fixture.clock.advance(MINUTE_MS);
    expect(line.count('connect')).toBe(1);
  });

  it('replaced: comes back once after a minute, for it may have been a ghost of its own', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause('replaced'));
    await fixture.untilState('backing_off');
    expect((await fixture.session()).reason).toMatchObject({ action: 'none', remedy: expect.stringContaining('once') });
    await fixture.clock.advance(MINUTE_MS - 1_000);
    expect(line.count('connect')).toBe(1);
    await fixture.untilState('connected', 'front-desk', 2 * MINUTE_MS);
    await fixture.clock.advance(24 * 60 * MINUTE_MS);
    expect(line.count('connect')).toBe(2);
    expect(await sessionEvents(fixture)).toEqual(['session.connected', 'session.disconnected', 'session.recovered']);
  });

  it('replaced again soon after it came back: stops for good, and does not fight', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause('replaced'));
    await fixture.until(() => line.count('connect') === 2, 3 * MINUTE_MS);
    await fixture.clock.advance(30 * MINUTE_MS);
    await line.drop(cause('replaced'));
    await fixture.untilState('stopped');
    expect((await fixture.session()).reason).toMatchObject({ kind: 'replaced', action: 'open_app' });
    await fixture.clock.advance(24 * 60 * MINUTE_MS);
    await fixture.crashAndRestart();
    await fixture.clock.advance(MINUTE_MS);
    expect(line.count('connect')).toBe(2);
    await fixture.engine.api.sessions.start(admin, 'front-desk');
    await fixture.untilState('connected');
  });

  it.each(['configuration', 'elsewhere'] as const)('final (%s): stops at once, whatever the kind', async (final) => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause('unknown', { final, detail: 'channels.fake.apiId is wrong.' }));
    await fixture.untilState('stopped');
    const { reason } = await fixture.session();
    expect(reason).toMatchObject({ text: 'channels.fake.apiId is wrong.' });
    if (final === 'configuration')
      expect(reason).toMatchObject({ action: 'start', remedy: expect.stringContaining('Correct the setting') });
    await fixture.clock.advance(24 * 60 * MINUTE_MS);
    expect(line.count('connect')).toBe(1);
    // A setting may have been corrected by then; whoever holds the account elsewhere knows of nothing.
    await fixture.crashAndRestart();
    await fixture.clock.advance(MINUTE_MS);
    expect(line.count('connect')).toBe(final === 'configuration' ? 2 : 1);
  });

  it('by the operator holds when the daemon starts again', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await fixture.engine.api.sessions.stop(admin, 'front-desk');
    await fixture.crashAndRestart();
    await fixture.clock.advance(MINUTE_MS);
    expect(line.count('connect')).toBe(1);
    expect((await fixture.session()).state).toBe('stopped');
  });

  it('is told even in the middle of an incident', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.connects.push(cause('logged_out'));
    await line.drop(networkCause);
    await fixture.untilState('logged_out');
    expect(await sessionEvents(fixture)).toEqual(['session.connected', 'session.disconnected', 'session.logged_out']);
  });

  it.each(['vault_key_wrong', 'vault_corrupt', 'connector_missing'] as const)(
    'a session that cannot be opened (%s) is stopped with its code',
    async (code) => {
      const fixture = await EngineFixture.open();
      const line = await fixture.addLinked();
      line.opens.push(new BellhopError(code));
      await fixture.engine.start();
      await fixture.untilState('stopped');
      expect((await fixture.session()).reason).toMatchObject({ code, action: 'start' });
      await fixture.clock.advance(60 * MINUTE_MS);
      expect(line.opened).toBe(1);
      await fixture.engine.api.sessions.start(admin, 'front-desk');
      await fixture.untilState('connected');
    },
  );

  it('waits as long as a restriction lasts', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause('restricted', { retryAfterMs: 60 * MINUTE_MS }));
    await fixture.clock.advance(59 * MINUTE_MS);
    expect(line.count('connect')).toBe(1);
    expect((await fixture.session()).reason?.action).toBe('wait');
    await fixture.clock.advance(8 * MINUTE_MS);
    await fixture.untilState('connected');
  });

  it('waits as long as a restriction lasts, also over a restart of the daemon', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.drop(cause('restricted', { retryAfterMs: 60 * MINUTE_MS }));
    await fixture.clock.advance(10 * MINUTE_MS);
    await fixture.crashAndRestart();
    await fixture.clock.advance(49 * MINUTE_MS);
    expect(line.count('connect')).toBe(1);
    await fixture.untilState('connected', 'front-desk', 8 * MINUTE_MS);
  });

  it('says `upgrade` when the client version is refused, and keeps trying at long intervals', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    for (let index = 0; index < 200; index += 1) line.connects.push(cause('client_outdated'));
    await line.drop(cause('client_outdated'));
    await fixture.clock.advance(12 * 60 * MINUTE_MS);
    expect((await fixture.session()).reason?.action).toBe('upgrade');
    expect(line.count('connect')).toBeGreaterThan(10);
    expect(line.count('connect')).toBeLessThan(150);
  });
});

describe('commands', () => {
  it('stop closes the line, keeps the link and survives a restart of the daemon; start connects again', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const stopped = await fixture.engine.api.sessions.stop(admin, 'front-desk');
    expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'stopped_by_operator', action: 'start' } });
    expect(line.isOnline).toBe(false);
    expect(line.count('logout')).toBe(0);
    expect(await sessionEvents(fixture)).toEqual(['session.connected', 'session.disconnected']);
    await fixture.crashAndRestart();
    await fixture.clock.advance(MINUTE_MS);
    expect(line.count('connect')).toBe(1);
    const { id } = await fixture.accept();
    const started = await fixture.engine.api.sessions.start(admin, 'front-desk');
    expect(started.state).toBe('connecting');
    await fixture.untilStatus(id, 'sent');
  });

  it('stop ends an attempt that hangs', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.addLinked();
    line.connects.push('hang');
    await fixture.engine.start();
    await fixture.until(() => line.count('connect') === 1);
    expect((await fixture.engine.api.sessions.stop(admin, 'front-desk')).state).toBe('stopped');
    await fixture.clock.advance(10 * MINUTE_MS);
    expect(line.count('connect')).toBe(1);
  });

  it('stop ends the waiting for the next attempt', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.connects.push(networkCause);
    await line.drop(networkCause);
    await fixture.untilState('backing_off');
    await fixture.engine.api.sessions.stop(admin, 'front-desk');
    const attempts = line.count('connect');
    await fixture.clock.advance(60 * MINUTE_MS);
    expect(line.count('connect')).toBe(attempts);
  });

  it('restart connects once more; commands at the same time run one after the other', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { sessions } = fixture.engine.api;
    await Promise.all([sessions.restart(admin, 'front-desk'), sessions.stop(admin, 'front-desk')]);
    await sessions.start(admin, 'front-desk');
    await fixture.untilState('connected');
    expect(line.isOnline).toBe(true);
    expect(line.count('connect')).toBeLessThanOrEqual(3);
  });

  it('start refuses a session that was never linked', async () => {
    const fixture = await EngineFixture.open();
    await fixture.engine.start();
    fixture.host.line('spa').linked = false;
    const { sessions } = fixture.engine.api;
    await sessions.create(admin, { id: 'spa', channel: 'fake' });
    await expect(sessions.start(admin, 'spa')).rejects.toMatchObject({ code: 'session_not_linked' });
  });

  it('remove unlinks the account and forgets the session', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await fixture.engine.api.sessions.remove(admin, 'front-desk');
    expect(line.count('logout')).toBe(1);
    expect(line.linked).toBe(false);
    expect(await fixture.store.getSession('front-desk')).toBeNull();
    expect(fixture.telemetry.states.has('front-desk')).toBe(false);
  });

  it('a key of another property sees no session', async () => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    const stranger = { ...admin, property: 'other' };
    await expect(fixture.engine.api.sessions.stop(stranger, 'front-desk')).rejects.toMatchObject({ code: 'not_found' });
    expect(() => fixture.engine.api.sessions.currentLink(stranger, 'front-desk')).toThrow(BellhopError);
  });

  it.each([
    [{ id: '../etc', channel: 'fake' }, 'invalid_session_id'],
    [{ id: 'a'.repeat(41), channel: 'fake' }, 'invalid_session_id'],
    [{ id: 'spa', channel: 'pigeon' }, 'unknown_channel'],
  ])('create refuses %j', async (request, code) => {
    const fixture = await EngineFixture.open();
    await expect(fixture.engine.api.sessions.create(admin, request)).rejects.toMatchObject({ code });
  });
});

describe('the end of the daemon', () => {
  it('closes the lines, stops the host and leaves the state so that the next start goes on', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await fixture.engine.stop(10_000);
    expect(line.isOnline).toBe(false);
    expect(fixture.host.isStopped).toBe(true);
    expect((await fixture.session()).state).toBe('connected');
    await fixture.crashAndRestart();
    await fixture.until(() => line.isOnline);
  });

  it('keeps to its limit when a session hangs', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(() => new Promise(() => undefined));
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sending');
    let isStopped = false;
    const stopping = fixture.engine.stop(10_000).then(() => {
      isStopped = true;
    });
    await fixture.until(() => isStopped, 10_000);
    await stopping;
    expect(fixture.host.isStopped).toBe(true);
  });
});
