import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BellhopError } from '../../../../src/core/errors.ts';
import { silentLogger } from '../../../../src/core/logger.ts';
import { seededRandom } from '../../../../src/core/random.ts';
import { AlertDesk } from '../../../../src/engine/incidents/alert-desk.ts';
import { AlertWatch } from '../../../../src/engine/incidents/alert-watch.ts';
import type { SessionState, StateReason } from '../../../../src/engine/model/session.ts';
import type { Store } from '../../../../src/engine/ports/index.ts';
import { openTestStore } from '../../../support/open-test-store.ts';
import { accept, eventTypes, inbound, linkSession, SESSION } from '../../../support/store-fixture.ts';
import type { VirtualClock } from '../../../support/virtual-clock.ts';
import { FakeSink } from './fake-sink.ts';
import { HOUR_MS, MINUTE_MS, reason, rules, SECOND_MS } from './observations.ts';

const DOWN = 'front-desk (WhatsApp) is down';

let store: Store;
let clock: VirtualClock;
let sink: FakeSink;
let watch: AlertWatch;
let freeBytes: number | null;

/** As the daemon starts it, over the same store. */
async function start(...sinks: readonly FakeSink[]): Promise<void> {
  const desk = new AlertDesk({ store, sinks: sinks.length === 0 ? [sink] : sinks, clock, log: silentLogger });
  watch = new AlertWatch({
    store,
    desk,
    rules,
    checkMs: 20 * SECOND_MS, // fewer looks than in life: a test lets hours pass
    freeBytes: async () => freeBytes,
    channelName: () => 'WhatsApp',
    clock,
    random: seededRandom(1),
    log: silentLogger,
  });
  await watch.start();
}

async function stop(): Promise<void> {
  const stopped = watch.stop();
  await clock.advance(5 * SECOND_MS);
  await stopped;
}

async function set(state: SessionState, why: StateReason | null = null): Promise<void> {
  await store.recordSessionChange({ sessionId: SESSION, state, reason: why, at: clock.now() });
}

beforeEach(async () => {
  ({ store, clock } = await openTestStore());
  await linkSession(store, clock);
  sink = new FakeSink();
  freeBytes = null;
  await start();
});
afterEach(async () => {
  await stop();
  await store.close();
});

describe('trouble', () => {
  it('is told on every way, kept, and in the log of events; its end too', async () => {
    await stop();
    const hook = new FakeSink('webhook-1');
    await start(sink, hook);
    await set('backing_off', reason('none'));
    await clock.advance(5 * MINUTE_MS);
    expect((await store.listAlerts({ property: null, open: true }, { limit: 5 })).data).toMatchObject([
      { title: DOWN, sessions: [SESSION], channel: 'whatsapp' },
    ]);
    await set('connected');
    await clock.advance(2 * MINUTE_MS);
    for (const { arrived } of [sink, hook]) expect(arrived).toEqual([`opened ${DOWN}`, `closed ${DOWN}`]);
    expect((await eventTypes(store)).filter((type) => type.startsWith('alert.'))).toEqual([
      'alert.opened',
      'alert.closed',
    ]);
    expect(await store.pendingNotices()).toEqual([]);
  });

  it('is not told twice over a restart, and its end is told if it came while nobody ran', async () => {
    await set('backing_off', reason('none'));
    await clock.advance(5 * MINUTE_MS);
    await stop();
    await start();
    await clock.advance(5 * MINUTE_MS);
    expect(sink.arrived).toEqual([`opened ${DOWN}`]);
    await stop();
    await set('connected');
    await start();
    await clock.advance(2 * MINUTE_MS);
    expect(sink.arrived).toEqual([`opened ${DOWN}`, `closed ${DOWN}`]);
  });
});

describe('a way that is down', () => {
  it('is tried with growing waits, and told once it is back', async () => {
    sink.isDown = true;
    await set('logged_out', reason('relink'));
    await clock.advance(3 * HOUR_MS);
    const { length } = sink.attempts;
    expect(length).toBeGreaterThan(5);
    expect(length).toBeLessThan(12);
    expect(new Set(sink.attempts.map(({ id }) => id)).size).toBe(1);
    sink.isDown = false;
    await clock.advance(HOUR_MS);
    expect(sink.arrived).toEqual(['opened front-desk (WhatsApp) needs you: link it again']);
  });

  it('is told what was and is over in one', async () => {
    sink.isDown = true;
    await set('backing_off', reason('none'));
    await clock.advance(5 * MINUTE_MS);
    await set('logged_out', reason('relink'));
    await clock.advance(5 * MINUTE_MS);
    await set('connected');
    await clock.advance(5 * MINUTE_MS);
    sink.isDown = false;
    await clock.advance(2 * HOUR_MS);
    expect(sink.arrived).toEqual(['passed front-desk (WhatsApp) needs you: link it again']);
  });

  it('is told after a restart, at once', async () => {
    sink.isDown = true;
    await set('backing_off', reason('none'));
    await clock.advance(HOUR_MS);
    await stop();
    sink.isDown = false;
    await start();
    await clock.advance(SECOND_MS);
    expect(sink.arrived).toEqual([`opened ${DOWN}`]);
  });

  it('does not hold up another', async () => {
    await stop();
    sink.isDown = true;
    const hook = new FakeSink('webhook-1');
    await start(sink, hook);
    await set('backing_off', reason('none'));
    await clock.advance(5 * MINUTE_MS);
    expect(hook.arrived).toEqual([`opened ${DOWN}`]);
  });

  it('that is not configured any more is forgotten', async () => {
    sink.isDown = true;
    await set('backing_off', reason('none'));
    await clock.advance(5 * MINUTE_MS);
    expect(await store.pendingNotices()).toHaveLength(1);
    await stop();
    await start(new FakeSink('webhook-1'));
    expect(await store.pendingNotices()).toEqual([]);
  });

  it('gets the all-clear after all when the alert arrived while its end was written down', async () => {
    let open = (): void => undefined;
    sink.gate = new Promise((resolve) => {
      open = resolve;
    });
    await set('backing_off', reason('none'));
    await clock.advance(5 * MINUTE_MS);
    await set('connected');
    await clock.advance(2 * MINUTE_MS);
    open();
    await clock.advance(SECOND_MS);
    expect(sink.arrived).toEqual([`opened ${DOWN}`, `closed ${DOWN}`]);
  });
});

describe('what is looked at besides sessions', () => {
  it('is a disk that is nearly full', async () => {
    freeBytes = rules.diskFreeBytes - 1;
    await clock.advance(2 * MINUTE_MS);
    freeBytes = rules.diskFreeBytes + 1; // hardly better: no all-clear yet
    await clock.advance(10 * MINUTE_MS);
    expect(sink.arrived).toEqual(['opened The disk is nearly full']);
    freeBytes = 2 * rules.diskFreeBytes;
    await clock.advance(5 * MINUTE_MS);
    expect(sink.arrived).toEqual(['opened The disk is nearly full', 'closed The disk is nearly full']);
  });

  it('are messages that wait although the session is connected', async () => {
    const message = await accept(store, 'A');
    await clock.advance(20 * MINUTE_MS);
    expect(sink.arrived).toEqual([]);
    await clock.advance(20 * MINUTE_MS);
    const title = 'front-desk (WhatsApp): messages wait too long';
    expect(sink.arrived).toEqual([`opened ${title}`]);
    await store.cancelMessage(message.id, null, clock.now());
    await clock.advance(5 * MINUTE_MS);
    expect(sink.arrived).toEqual([`opened ${title}`, `closed ${title}`]);
  });

  it('are not messages that wait for a session that is down', async () => {
    await accept(store, 'A');
    await set('backing_off', reason('none'));
    await clock.advance(2 * HOUR_MS);
    expect(sink.arrived).toEqual([`opened ${DOWN}`]);
  });

  it('is an endpoint that said that it is gone, shown without its token', async () => {
    const url = 'https://pms.example/hook?token=very-secret';
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const hook = await store.saveWebhook({ property: 'main', url, types: [], description: null, secret });
    await store.recordInbound(inbound('IN1', clock.now()));
    await store.disableWebhook(hook.id, 'the endpoint answered 410 Gone', clock.now());
    await clock.advance(2 * MINUTE_MS);
    expect(sink.arrived).toEqual(['opened The webhook to pms.example takes nothing']);
    expect(JSON.stringify(sink.attempts)).not.toContain('very-secret');
    await store.updateWebhook(hook.id, { disabled: false }, null);
    await clock.advance(3 * MINUTE_MS);
    expect(sink.arrived).toHaveLength(2);
  });

  it('is an older client version that stays, once for the whole channel', async () => {
    await linkSession(store, clock, 'bar');
    const old = reason('none', 'older_client_version');
    for (const sessionId of [SESSION, 'bar'])
      await store.recordSessionChange({ sessionId, state: 'degraded', reason: old, at: clock.now() });
    await clock.advance(50 * MINUTE_MS);
    expect(sink.arrived).toEqual([]);
    await clock.advance(20 * MINUTE_MS);
    expect(sink.arrived).toEqual(['opened WhatsApp runs on an older client version']);
    for (const sessionId of [SESSION, 'bar'])
      await store.recordSessionChange({ sessionId, state: 'connected', reason: null, at: clock.now() });
    await clock.advance(2 * MINUTE_MS);
    expect(sink.arrived).toHaveLength(2);
  });

  it('is an account whose network lets it write to nobody new', async () => {
    await accept(store, 'A');
    const [due] = await store.dueMessages(SESSION, clock.now(), 1);
    await store.beginAttempt(due?.message.id ?? '', clock.now());
    const until = clock.now() + 24 * HOUR_MS;
    const limit = { scope: 'new_chats', code: 'rate_limited', nativeCode: null, until, isAssumed: false } as const;
    await store.finishAttempt(due?.message.id ?? '', { type: 'limited', at: clock.now(), limit });
    await clock.advance(MINUTE_MS);
    expect(sink.arrived).toEqual(['opened front-desk (WhatsApp) may not write to new guests']);
    await store.endLimits(until);
    await clock.advance(2 * MINUTE_MS);
    expect(sink.arrived).toHaveLength(2);
  });
});

describe('a store that cannot be written', () => {
  const broken = new BellhopError('store_full');

  it('is itself told, once, although nothing can be written down; and the end of it', async () => {
    await stop();
    let isBroken = true;
    const fail = <T>(work: () => Promise<T>): Promise<T> => (isBroken ? Promise.reject(broken) : work());
    const real = store;
    store = {
      ...real,
      ping: () => fail(() => real.ping()),
      saveAlert: (...args) => fail(() => real.saveAlert(...args)),
      savePendingNotice: (...args) => fail(() => real.savePendingNotice(...args)),
      dropPendingNotice: (...args) => fail(() => real.dropPendingNotice(...args)),
    };
    await start();
    await clock.advance(10 * MINUTE_MS);
    const title = 'The store cannot be written';
    expect(sink.arrived).toEqual([`opened ${title}`]);
    isBroken = false;
    await clock.advance(5 * MINUTE_MS);
    expect(sink.arrived).toEqual([`opened ${title}`, `closed ${title}`]);
    // Written down as soon as that was possible, with its end.
    const { data } = await real.listAlerts({ property: null }, { limit: 5 });
    expect(data).toMatchObject([{ title, resolution: 'recovered' }]);
    expect((await eventTypes(real)).filter((type) => type.startsWith('alert.'))).toEqual([
      'alert.opened',
      'alert.closed',
    ]);
  });
});

describe('a test', () => {
  it('goes out on every way at once, and says how it went', async () => {
    await stop();
    const down = new FakeSink('webhook-1');
    down.isDown = true;
    const desk = new AlertDesk({ store, sinks: [sink, down], clock, log: silentLogger });
    expect(await desk.test()).toEqual([
      { way: 'the email', delivered: true, reason: null },
      { way: 'the webhook-1', delivered: false, reason: 'connection refused' },
    ]);
    expect(sink.arrived).toEqual(['test A test: alerts arrive']);
    expect(await store.pendingNotices()).toEqual([]);
    await start();
  });
});
