import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { IdFactory } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { createEngine } from '../../../src/engine/engine.ts';
import type { Message, MessageStatus } from '../../../src/engine/model/message.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { ForkedHost } from '../../../src/host/index.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { admin, BASIS, CountingTelemetry } from '../../support/engine-fixture.ts';
import { fakeAccount } from '../../support/fake-connector.ts';
import { fakeChildModule, temporaryInit } from '../../support/fake-connector-host.ts';
import { hostileManifest } from '../../support/hostile-connector.ts';
import { noPacing } from '../../support/no-pacing.ts';

const clock = systemClock;
let temporary: ReturnType<typeof temporaryInit>;
let store: Store;
let host: ForkedHost;
let engine: Engine;

beforeEach(async () => {
  temporary = temporaryInit();
  store = await openStore({
    url: 'sqlite::memory:',
    clock,
    ids: new IdFactory({ clock, random: systemRandom }),
    log: silentLogger,
    secretKey: new Uint8Array(32).fill(7),
  });
});
afterEach(async () => {
  await engine.stop(4_000);
  await store.close();
  temporary.remove();
});

/** The engine on real children, with linked sessions that are all connected. */
async function start(sessions: readonly string[], maxSessionsPerChild: number): Promise<void> {
  for (const id of sessions) {
    const vault = openVault({
      dir: temporary.init.sessionsDir,
      sessionId: id,
      masterKey: temporary.init.sessionsKey,
      clock,
    });
    vault.secrets.set('fake', 'creds', Buffer.from('linked'));
    vault.close();
    await store.createSession({ id, property: 'main', channel: 'hostile', settings: {} });
    const at = clock.now();
    await store.recordSessionChange({ sessionId: id, state: 'connecting', reason: null, at, account: fakeAccount });
  }
  await run(maxSessionsPerChild);
  for (const id of sessions) await untilState(id, 'connected');
}

async function run(maxSessionsPerChild: number): Promise<void> {
  host = new ForkedHost({
    init: temporary.init,
    clock,
    log: silentLogger,
    childModule: fakeChildModule,
    maxSessionsPerChild,
  });
  engine = createEngine({
    store,
    host,
    pacing: noPacing,
    manifests: new Map([['hostile', hostileManifest]]),
    channelConfigs: new Map([['hostile', {}]]),
    clock,
    random: seededRandom(1),
    log: silentLogger,
    telemetry: new CountingTelemetry(),
    connectsPerSecond: 1_000,
  });
  await engine.start();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

const untilState = (id: string, state: string): Promise<void> =>
  until(async () => (await store.getSession(id))?.state === state);

async function say(session: string, body: string, guest: number): Promise<Message> {
  const to = `+1555123${String(guest).padStart(4, '0')}`;
  const answer = await engine.api.messages.accept(admin, { channel: 'hostile', session, to, body, basis: BASIS });
  return JSON.parse(answer.body) as Message; // what the engine answers
}

/** A send under way would take thirty seconds; a busy machine is late by some. */
const SLACK_MS = 8_000;

const statusOf = async (id: string): Promise<MessageStatus | undefined> => (await store.getMessage(id, null))?.status;

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);

describe('ending with fifty sessions, sends under way, and one child that hangs', () => {
  it('keeps to its limit, settles what can be settled, and loses nothing', async () => {
    const limitMs = 4_000;
    const sessions = names(50);
    await start(sessions, 17);
    const children = host.processes();
    expect(children.map((child) => child.sessions)).toEqual([17, 17, 16]);
    const messages = await Promise.all(sessions.map((session, index) => say(session, 'slow 30000', index)));
    await until(async () =>
      (await Promise.all(messages.map(({ id }) => statusOf(id)))).every((is) => is === 'sending'),
    );
    const hung = children[0]?.pid ?? 0;
    process.kill(hung, 'SIGSTOP');
    const begunAt = clock.monotonic();
    await engine.stop(limitMs);
    expect(clock.monotonic() - begunAt).toBeLessThan(limitMs + SLACK_MS);
    for (const { pid } of children) expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
    const after = await Promise.all(messages.map(({ id }) => store.getMessage(id, null)));
    expect(new Set(after.map((message) => message?.status))).toEqual(new Set(['queued']));
    // Those of the hung child may have gone out for all that anybody knows; the others said in time that they had not.
    const certainties = after.map((message) => message?.error?.certainty);
    const clear = certainties.filter((certainty) => certainty === 'not_sent').length;
    expect(clear).toBeLessThanOrEqual(33);
    expect(clear).toBeGreaterThan(0); // all 33 unless the machine is very busy
    expect(certainties.filter((certainty) => certainty === 'maybe_sent')).toHaveLength(50 - clear);
    for (const id of sessions) {
      openVault({
        dir: temporary.init.sessionsDir,
        sessionId: id,
        masterKey: temporary.init.sessionsKey,
        clock,
      }).close();
      expect((await store.getSession(id))?.state).toBe('connected');
    }
  });
});

describe('renewing while guests are answered', () => {
  it('moves every session once, sends every message once, and alarms nobody', async () => {
    const sessions = names(4);
    await start(sessions, 2);
    const before = host.processes().map(({ pid }) => pid);
    const renewed = host.renew();
    const sent: Message[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (const [index, session] of sessions.entries()) sent.push(await say(session, 'slow 20', index));
    }
    await renewed;
    for (const { id } of sent) await until(async () => (await statusOf(id)) === 'sent');
    for (const { id } of sent) expect((await store.getMessage(id, null))?.attempts).toBe(1);
    const after = host.processes();
    expect(after.map(({ pid }) => pid).some((pid) => before.includes(pid))).toBe(false);
    for (const id of sessions) {
      const { data } = await store.listTimeline(id, { limit: 50 });
      expect(data.filter(({ reason }) => reason?.code === 'process_changed')).toHaveLength(1);
      expect(data[0]?.state).toBe('connected');
    }
    const { data } = await store.listEvents({ property: null, limit: 1_000 });
    const told = new Set(data.map(({ type }) => type).filter((type) => type.startsWith('session.')));
    expect([...told]).toEqual(['session.connected']);
  });
});
