import { describe, expect, it } from 'vitest';
import type { ConnectorManifest, DisconnectCause } from '../../../src/connector-api/index.ts';
import { LoginError } from '../../../src/connector-api/index.ts';
import { admin, EngineFixture, networkCause, testManifest } from '../../support/engine-fixture.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const outdated: DisconnectCause = { kind: 'client_outdated', code: 'fake_405', nativeCode: '405' };
const manifest: ConnectorManifest = {
  ...testManifest(),
  clientVersions: (_config, accountKind) => (accountKind === 'bot' ? [] : ['4', '3', '2', '1']),
  shippedVersions: ['4', '3', '2', '1'],
  versionOrder: (version) => (/^\d+$/.test(version) ? [Number(version)] : undefined),
};

/** Sessions on a network that accepts some versions; `accepts` may be changed. */
async function town(count: number): Promise<{ fixture: EngineFixture; ids: string[]; network: Set<string> }> {
  const fixture = await EngineFixture.open({ manifests: [manifest] });
  const network = new Set(['4', '3', '2', '1']);
  const ids = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const id of ids) {
    const line = await fixture.addLinked(id);
    line.accepts = (version) => (version === undefined || network.has(version) ? undefined : outdated);
  }
  await fixture.engine.start();
  for (const id of ids) await fixture.untilState('connected', id);
  return { fixture, ids, network };
}

const announced = (fixture: EngineFixture, id: string): string[] =>
  fixture.host.line(id).announced.map((version) => version ?? 'none');
const eventsOf = async (fixture: EngineFixture, id: string): Promise<string[]> => {
  const { data } = await fixture.store.listEvents({ property: null, limit: 1_000 });
  return data.filter((event) => event.data.session?.id === id).map(({ type }) => type);
};

describe('a network that refuses the newest versions', () => {
  it('is met by one session, and the others follow what it found', async () => {
    const { fixture, ids, network } = await town(6);
    network.delete('4');
    network.delete('3');
    const [first = '', ...others] = ids;
    await fixture.host.line(first).drop(networkCause);
    await fixture.untilState('degraded', first, 2 * MINUTE_MS);
    expect(announced(fixture, first)).toEqual(['4', '4', '3', '2']);
    for (const id of others) await fixture.host.line(id).drop(networkCause);
    for (const id of others) await fixture.untilState('degraded', id);
    for (const id of others) expect(announced(fixture, id)).toEqual(['4', '2']);
    const session = await fixture.session(first);
    expect(session.version).toMatchObject({ current: '2', wanted: '4' });
    expect(fixture.engine.api.versions.facts('fake')).toEqual({ versions: ['4', '3', '2', '1'], wanted: '4' });
    expect(session.reason?.text).toMatch(/^Running on 2; the newest is 4, refused since 20/);
    expect(fixture.telemetry.count('versionTried:fake:refused')).toBe(2);
    expect(fixture.telemetry.count('versionTried:fake:accepted')).toBe(1);
    expect(fixture.telemetry.count('versionDegraded:fake')).toBe(1);
  });

  it('is told as an incident: each step, then that it runs on an older version', async () => {
    const { fixture, network } = await town(1);
    network.delete('4');
    network.delete('3');
    await fixture.host.line('s0').drop(outdated);
    await fixture.untilState('degraded', 's0');
    expect(await eventsOf(fixture, 's0')).toEqual([
      'session.connected',
      'session.disconnected',
      'session.version_changed',
      'session.version_changed',
      'session.degraded',
    ]);
    const { data } = await fixture.store.listTimeline('s0', { limit: 50 });
    expect(data.map(({ reason, version }) => [reason?.code ?? null, version])).toEqual(
      expect.arrayContaining([
        ['client_version_changed', '3'],
        ['client_version_changed', '2'],
        ['older_client_version', '2'],
      ]),
    );
  });

  it('holds back sessions that were cut together: nobody else knocks until one version is accepted', async () => {
    const { fixture, ids, network } = await town(12);
    network.clear();
    network.add('1');
    for (const id of ids) await fixture.host.line(id).drop(networkCause);
    for (const id of ids) await fixture.untilState('degraded', id, 3 * MINUTE_MS);
    const attempts = ids.map((id) => announced(fixture, id).slice(1));
    // Those that had passed the gate before the first refusal came back, and the one that looked.
    expect(attempts.filter((each) => each.length === 1).length).toBeGreaterThanOrEqual(8);
    expect(attempts.filter((each) => each.length > 2)).toHaveLength(1);
    // One attempt each, one for each refused version, and those at the gate together with the first.
    expect(attempts.flat().length).toBeLessThanOrEqual(ids.length + 3 + 3);
    const waiting = ids.find((id) => announced(fixture, id).length === 2) ?? '';
    const { data } = await fixture.store.listTimeline(waiting, { limit: 50 });
    expect(data.map(({ state }) => state)).toContain('backing_off');
  });

  it('goes back up when the newest works again, at a natural reconnect, and says so', async () => {
    const { fixture, network } = await town(2);
    network.delete('4');
    for (const id of ['s0', 's1']) await fixture.host.line(id).drop(networkCause);
    for (const id of ['s0', 's1']) await fixture.untilState('degraded', id);
    network.add('4');
    await fixture.clock.advance(2 * HOUR_MS);
    expect(fixture.host.line('s1').isOnline).toBe(true);
    await fixture.host.line('s0').drop(networkCause);
    await fixture.untilState('connected', 's0');
    expect((await fixture.session('s0')).version.current).toBe('4');
    expect((await fixture.session('s1')).state).toBe('degraded');
    expect((await eventsOf(fixture, 's0')).slice(-3)).toEqual([
      'session.disconnected',
      'session.version_changed',
      'session.recovered',
    ]);
    await fixture.host.line('s1').drop(networkCause);
    await fixture.untilState('connected', 's1');
    expect(fixture.telemetry.count('versionDegraded:fake')).toBe(0);
  });

  it('tries a refused version again only after an hour, costs the session one refusal, and goes on as before', async () => {
    const { fixture, network } = await town(1);
    network.delete('4');
    await fixture.host.line('s0').drop(outdated);
    await fixture.untilState('degraded', 's0');
    await fixture.clock.advance(30 * MINUTE_MS);
    await fixture.host.line('s0').drop(networkCause);
    await fixture.until(() => announced(fixture, 's0').length === 3);
    await fixture.untilState('degraded', 's0');
    expect(announced(fixture, 's0')).toEqual(['4', '3', '3']);
    await fixture.clock.advance(HOUR_MS);
    await fixture.host.line('s0').drop(networkCause);
    await fixture.until(() => announced(fixture, 's0').length === 5);
    await fixture.untilState('degraded', 's0');
    expect(announced(fixture, 's0').slice(3)).toEqual(['4', '3']);
  });

  it('is remembered over a crash in the middle of it', async () => {
    const { fixture, network } = await town(3);
    network.delete('4');
    network.delete('3');
    await fixture.host.line('s0').drop(outdated);
    await fixture.untilState('degraded', 's0');
    await fixture.crashAndRestart();
    for (const id of ['s0', 's1', 's2']) await fixture.untilState('degraded', id);
    for (const id of ['s1', 's2']) expect(announced(fixture, id)).toEqual(['4', '2']);
  });

  it('that accepts none is asked again at long intervals, and the person is told to upgrade', async () => {
    const { fixture, network } = await town(3);
    network.clear();
    for (const id of ['s0', 's1', 's2']) await fixture.host.line(id).drop(outdated);
    await fixture.clock.advance(12 * HOUR_MS);
    const all = ['s0', 's1', 's2'].flatMap((id) => announced(fixture, id));
    expect(all.length).toBeGreaterThan(40);
    expect(all.length).toBeLessThan(300);
    expect(fixture.telemetry.count('versionDegraded:fake')).toBe(1);
    network.add('2');
    for (const id of ['s0', 's1', 's2']) await fixture.untilState('degraded', id, 40 * MINUTE_MS);
  });
});

describe('what a network publishes as its newest version', () => {
  const published = (answer: () => Promise<string | undefined>): ConnectorManifest => ({
    ...manifest,
    liveVersion: answer,
  });
  const refusing = async (live: ConnectorManifest, accepted: string): Promise<EngineFixture> => {
    const fixture = await EngineFixture.open({ manifests: [live] });
    const line = await fixture.addLinked('s0');
    line.accepts = (version) => (version === accepted ? undefined : outdated);
    await fixture.engine.start();
    return fixture;
  };

  it('is tried next, and counts as the newest once it has been accepted', async () => {
    const fixture = await refusing(
      published(async () => '5'),
      '5',
    );
    await fixture.untilState('connected', 's0');
    expect(announced(fixture, 's0')).toEqual(['4', '5']);
    expect(fixture.engine.api.versions.view('fake')[0]).toMatchObject({ version: '5', origin: 'live', wanted: true });
    await fixture.crashAndRestart();
    await fixture.untilState('connected', 's0');
    expect(announced(fixture, 's0').at(-1)).toBe('5');
  });

  it('is one candidate among others when it is a lie', async () => {
    const fixture = await refusing(
      published(async () => '9'),
      '3',
    );
    await fixture.untilState('degraded', 's0');
    expect(announced(fixture, 's0')).toEqual(['4', '9', '3']);
    expect((await fixture.session('s0')).version.wanted).toBe('4');
  });

  it.each([
    ['no answer', () => Promise.reject(new Error('ENOTFOUND'))],
    ['silence', () => new Promise<never>(() => undefined)],
    ['nonsense', async () => 'latest'],
    ['nothing', async () => undefined],
  ])('may be %s: the ladder goes on', async (_name, answer) => {
    const fixture = await refusing(published(answer), '3');
    await fixture.untilState('degraded', 's0');
    expect(announced(fixture, 's0')).toEqual(['4', '3']);
  });
});

describe('what the ladder leaves alone', () => {
  it.each(['logged_out', 'banned', 'replaced', 'restricted'] as const)('a session that is %s', async (kind) => {
    const { fixture } = await town(2);
    await fixture.host.line('s0').drop({ kind, code: `fake_${kind}` });
    await fixture.clock.advance(3 * HOUR_MS);
    expect(new Set(announced(fixture, 's0'))).toEqual(new Set(['4']));
    expect(fixture.engine.api.versions.view('fake').every(({ lastFailedAt }) => lastFailedAt === null)).toBe(true);
  });

  it.each(['network', 'unknown', 'protocol_changed'] as const)(
    'an installation on which no version has worked yet, while every attempt ends as it would with any (%s)',
    async (kind) => {
      const fixture = await EngineFixture.open({ manifests: [manifest] });
      const line = await fixture.addLinked('s0');
      let cause: DisconnectCause | undefined = { kind, code: 'fake_unreached', anyVersion: true };
      line.accepts = () => cause;
      await fixture.engine.start();
      await fixture.clock.advance(3 * HOUR_MS);
      expect(announced(fixture, 's0').length).toBeGreaterThan(5);
      expect(fixture.engine.api.versions.view('fake').every(({ failingSince }) => failingSince === null)).toBe(true);
      cause = undefined;
      await fixture.untilState('connected', 's0', 40 * MINUTE_MS);
      expect(new Set(announced(fixture, 's0'))).toEqual(new Set(['4']));
    },
  );

  it('an account of a kind that has no versions', async () => {
    const fixture = await EngineFixture.open({ manifests: [manifest] });
    const line = await fixture.addLinked('bot');
    const account = { address: '@bot', kind: 'bot' };
    await fixture.store.recordSessionChange({
      sessionId: 'bot',
      state: 'connecting',
      reason: null,
      at: fixture.clock.now(),
      account,
    });
    line.account = account;
    line.accepts = () => outdated;
    await fixture.engine.start();
    await fixture.untilState('backing_off', 'bot');
    expect(announced(fixture, 'bot')).toEqual(['none']);
    expect(fixture.engine.api.versions.view('fake').every(({ lastFailedAt }) => lastFailedAt === null)).toBe(true);
  });
});

describe('linking while the network refuses the newest version', () => {
  it('asks with the next one that is accepted, and tells the others', async () => {
    const fixture = await EngineFixture.open({ manifests: [manifest] });
    await fixture.store.createSession({ id: 'new', property: 'main', channel: 'fake', settings: {} });
    const line = fixture.host.line('new');
    line.linked = false;
    const qr = { type: 'display', display: 'qr', data: 'code', expiresAt: fixture.clock.now() + 60_000 } as const;
    line.steps.push(new LoginError('outdated'), new LoginError('outdated'), qr);
    await fixture.engine.start();
    const linking = fixture.engine.api.sessions.beginLink(admin, 'new', { method: 'qr' });
    await fixture.clock.advance(15_000);
    expect((await linking).step).toEqual(qr);
    expect(line.versions).toEqual(['4', '3', '2']);
    expect(fixture.engine.api.versions.view('fake').find(({ current }) => current)?.version).toBe('2');
  });

  it('says so when none is accepted', async () => {
    const fixture = await EngineFixture.open({ manifests: [manifest] });
    await fixture.store.createSession({ id: 'new', property: 'main', channel: 'fake', settings: {} });
    const line = fixture.host.line('new');
    line.linked = false;
    line.steps.push(...[1, 2, 3, 4, 5].map(() => new LoginError('outdated')));
    await fixture.engine.start();
    const linking = fixture.engine.api.sessions.beginLink(admin, 'new', { method: 'qr' });
    const refused = expect(linking).rejects.toMatchObject({ code: 'link_rejected' });
    await fixture.clock.advance(60_000);
    await refused;
    expect(line.versions).toEqual(['4', '3', '2', '1']);
  });
});

describe('versions and the operator', () => {
  it('pins one, which the sessions take at their next reconnect, and takes the pin back', async () => {
    const { fixture } = await town(2);
    const { versions } = fixture.engine.api;
    expect(await versions.pin('fake', '2')).toMatchObject({ version: '2', pinned: true, wanted: true, current: false });
    expect(fixture.host.line('s0').isOnline).toBe(true);
    await fixture.host.line('s0').drop(networkCause);
    await fixture.until(async () => (await fixture.session('s0')).version.current === '2');
    await fixture.untilState('connected', 's0');
    expect(await versions.unpin('fake', '2')).toMatchObject({ pinned: false, wanted: false });
    await fixture.host.line('s0').drop(networkCause);
    await fixture.until(async () => (await fixture.session('s0')).version.current === '4');
  });

  it('adds one that the release does not know, and a search takes it up at once', async () => {
    const { fixture, network } = await town(2);
    network.clear();
    for (const id of ['s0', 's1']) await fixture.host.line(id).drop(outdated);
    await fixture.clock.advance(HOUR_MS);
    network.add('5');
    await fixture.engine.api.versions.pin('fake', '5');
    for (const id of ['s0', 's1']) await fixture.untilState('connected', id, 5_000);
    expect(fixture.engine.api.versions.view('fake')[0]).toMatchObject({
      version: '5',
      origin: 'operator',
      sessions: 2,
    });
    await fixture.crashAndRestart();
    for (const id of ['s0', 's1']) await fixture.untilState('connected', id);
    expect(announced(fixture, 's1').at(-1)).toBe('5');
  });

  it('forgets what was refused', async () => {
    const { fixture, network } = await town(1);
    network.delete('4');
    await fixture.host.line('s0').drop(outdated);
    await fixture.untilState('degraded', 's0');
    await fixture.engine.api.versions.forget('fake', '4');
    expect(fixture.engine.api.versions.view('fake')[0]).toMatchObject({ version: '4', failingSince: null });
    await expect(fixture.engine.api.versions.forget('fake', '9')).rejects.toMatchObject({ code: 'not_found' });
    await expect(fixture.engine.api.versions.pin('sms', '9')).rejects.toMatchObject({ code: 'not_found' });
    await expect(fixture.engine.api.versions.pin('fake', 'x')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('a session that is stopped while it looks leaves the search to another', async () => {
    const { fixture, network } = await town(2);
    network.clear();
    network.add('1');
    await fixture.host.line('s0').drop(outdated);
    await fixture.host.line('s1').drop(outdated);
    await fixture.engine.api.sessions.stop(admin, 's0');
    await fixture.untilState('degraded', 's1', 2 * MINUTE_MS);
  });
});
