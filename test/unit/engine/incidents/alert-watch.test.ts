import { describe, expect, it } from 'vitest';
import { BellhopError } from '../../../../src/core/errors.ts';
import { silentLogger } from '../../../../src/core/logger.ts';
import { AlertDesk } from '../../../../src/engine/incidents/alert-desk.ts';
import { eventTypes, SESSION } from '../../../support/store-fixture.ts';
import { FakeSink } from './fake-sink.ts';
import { HOUR_MS, MINUTE_MS, reason, SECOND_MS } from './observations.ts';
import { useWatchHouse } from './watch-house.ts';

const DOWN = 'front-desk (WhatsApp) is down';

const use = useWatchHouse();

describe('trouble', () => {
  it('is told on every way, kept, and in the log of events; its end too', async () => {
    const house = use();
    await house.stop();
    const hook = new FakeSink('webhook-1');
    await house.start(house.sink, hook);
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    expect((await house.store.listAlerts({ property: null, open: true }, { limit: 5 })).data).toMatchObject([
      { title: DOWN, sessions: [SESSION], channel: 'whatsapp' },
    ]);
    await house.set('connected');
    await house.clock.advance(2 * MINUTE_MS);
    for (const { arrived } of [house.sink, hook]) expect(arrived).toEqual([`opened ${DOWN}`, `closed ${DOWN}`]);
    expect((await eventTypes(house.store)).filter((type) => type.startsWith('alert.'))).toEqual([
      'alert.opened',
      'alert.closed',
    ]);
    expect(await house.store.pendingNotices()).toEqual([]);
  });

  it('is not told twice over a restart, and its end is told if it came while nobody ran', async () => {
    const house = use();
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    await house.stop();
    await house.start();
    await house.clock.advance(5 * MINUTE_MS);
    expect(house.sink.arrived).toEqual([`opened ${DOWN}`]);
    await house.stop();
    await house.set('connected');
    await house.start();
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.sink.arrived).toEqual([`opened ${DOWN}`, `closed ${DOWN}`]);
  });
});

describe('a way that is down', () => {
  it('is tried with growing waits, and told once it is back', async () => {
    const house = use();
    house.sink.isDown = true;
    await house.set('logged_out', reason('relink'));
    await house.clock.advance(3 * HOUR_MS);
    const { length } = house.sink.attempts;
    expect(length).toBeGreaterThan(5);
    expect(length).toBeLessThan(12);
    expect(new Set(house.sink.attempts.map(({ id }) => id)).size).toBe(1);
    house.sink.isDown = false;
    await house.clock.advance(HOUR_MS);
    expect(house.sink.arrived).toEqual(['opened front-desk (WhatsApp) needs you: link it again']);
  });

  it('is known, since when and why, until it takes something', async () => {
    const house = use();
    expect(house.desk.ways()).toEqual([
      { id: 'email', way: 'the email', kind: 'email', waiting: 0, failingSince: null, reason: null },
    ]);
    house.sink.isDown = true;
    await house.set('logged_out', reason('relink'));
    await house.clock.advance(3 * HOUR_MS);
    const [way] = house.desk.ways();
    expect(way).toMatchObject({ waiting: 1, reason: 'connection refused' });
    // Since the first attempt, however often it was tried since.
    expect(house.clock.now() - (way?.failingSince ?? 0)).toBeGreaterThan(3 * HOUR_MS - 2 * MINUTE_MS);
    expect(house.telemetry.count('alertTold:email:retry')).toBe(house.sink.attempts.length);
    house.sink.isDown = false;
    await house.clock.advance(HOUR_MS);
    expect(house.desk.ways()).toMatchObject([{ waiting: 0, failingSince: null, reason: null }]);
    expect(house.telemetry.count('alertTold:email:delivered')).toBe(1);
  });

  it('for a week is given up, and counted as such', async () => {
    const house = use();
    house.sink.isDown = true;
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    await house.stop(); // nobody looks for trouble meanwhile: a week of looks takes seconds
    const { store, clock, telemetry, sink } = house;
    const desk = new AlertDesk({ store, sinks: [sink], clock, log: silentLogger, telemetry });
    await desk.start();
    await clock.advance(8 * 24 * HOUR_MS);
    expect(telemetry.count('alertTold:email:dead')).toBe(1);
    expect(desk.ways()).toMatchObject([{ waiting: 0, failingSince: expect.any(Number) }]);
    const stopped = desk.stop();
    await clock.advance(5 * SECOND_MS);
    await stopped;
    await house.start();
  });

  it('is told what was and is over in one', async () => {
    const house = use();
    house.sink.isDown = true;
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    await house.set('logged_out', reason('relink'));
    await house.clock.advance(5 * MINUTE_MS);
    await house.set('connected');
    await house.clock.advance(5 * MINUTE_MS);
    house.sink.isDown = false;
    await house.clock.advance(2 * HOUR_MS);
    expect(house.sink.arrived).toEqual(['passed front-desk (WhatsApp) needs you: link it again']);
  });

  it('is told after a restart, at once', async () => {
    const house = use();
    house.sink.isDown = true;
    await house.set('backing_off', reason('none'));
    await house.clock.advance(HOUR_MS);
    await house.stop();
    house.sink.isDown = false;
    await house.start();
    await house.clock.advance(SECOND_MS);
    expect(house.sink.arrived).toEqual([`opened ${DOWN}`]);
  });

  it('does not hold up another', async () => {
    const house = use();
    await house.stop();
    house.sink.isDown = true;
    const hook = new FakeSink('webhook-1');
    await house.start(house.sink, hook);
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    expect(hook.arrived).toEqual([`opened ${DOWN}`]);
  });

  it('is told of on the others, once it has taken nothing for a quarter of an hour, and its recovery too', async () => {
    const house = use();
    await house.stop();
    house.sink.isDown = true;
    const hook = new FakeSink('webhook-1');
    await house.start(house.sink, hook);
    await house.set('logged_out', reason('relink'));
    await house.clock.advance(12 * MINUTE_MS);
    const needed = 'opened front-desk (WhatsApp) needs you: link it again';
    expect(hook.arrived).toEqual([needed]);
    await house.clock.advance(10 * MINUTE_MS);
    const silent = 'Alerts by the email do not arrive';
    expect(hook.arrived).toEqual([needed, `opened ${silent}`]);
    house.sink.isDown = false;
    await house.clock.advance(2 * HOUR_MS);
    expect(hook.arrived).toEqual([needed, `opened ${silent}`, `closed ${silent}`]);
    expect(house.sink.arrived).toEqual([needed]);
  });

  it('that is not configured any more is forgotten', async () => {
    const house = use();
    house.sink.isDown = true;
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    expect(await house.store.pendingNotices()).toHaveLength(1);
    await house.stop();
    await house.start(new FakeSink('webhook-1'));
    expect(await house.store.pendingNotices()).toEqual([]);
  });

  it('gets the all-clear after all when the alert arrived while its end was written down', async () => {
    const house = use();
    let open = (): void => undefined;
    house.sink.gate = new Promise((resolve) => {
      open = resolve;
    });
    await house.set('backing_off', reason('none'));
    await house.clock.advance(5 * MINUTE_MS);
    await house.set('connected');
    await house.clock.advance(2 * MINUTE_MS);
    open();
    await house.clock.advance(SECOND_MS);
    expect(house.sink.arrived).toEqual([`opened ${DOWN}`, `closed ${DOWN}`]);
  });
});

describe('a store that cannot be written', () => {
  const broken = new BellhopError('store_full');

  it('is itself told, once, although nothing can be written down; and the end of it', async () => {
    const house = use();
    await house.stop();
    let isBroken = true;
    const fail = <T>(work: () => Promise<T>): Promise<T> => (isBroken ? Promise.reject(broken) : work());
    const real = house.store;
    house.store = {
      ...real,
      ping: () => fail(() => real.ping()),
      saveAlert: (...args) => fail(() => real.saveAlert(...args)),
      savePendingNotice: (...args) => fail(() => real.savePendingNotice(...args)),
      dropPendingNotice: (...args) => fail(() => real.dropPendingNotice(...args)),
    };
    await house.start();
    await house.clock.advance(10 * MINUTE_MS);
    const title = 'The store cannot be written';
    expect(house.sink.arrived).toEqual([`opened ${title}`]);
    isBroken = false;
    await house.clock.advance(5 * MINUTE_MS);
    expect(house.sink.arrived).toEqual([`opened ${title}`, `closed ${title}`]);
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
    const house = use();
    await house.stop();
    const down = new FakeSink('webhook-1');
    down.isDown = true;
    const desk = new AlertDesk({
      store: house.store,
      sinks: [house.sink, down],
      clock: house.clock,
      log: silentLogger,
      telemetry: house.telemetry,
    });
    expect(await desk.test()).toEqual([
      { way: 'the email', delivered: true, reason: null },
      { way: 'the webhook-1', delivered: false, reason: 'connection refused' },
    ]);
    expect(house.sink.arrived).toEqual(['test A test: alerts arrive']);
    expect(await house.store.pendingNotices()).toEqual([]);
    await house.start();
  });

  it('that arrives ends what is said of a way that took nothing', async () => {
    const house = use();
    house.sink.isDown = true;
    await house.set('logged_out', reason('relink'));
    await house.clock.advance(10 * MINUTE_MS);
    expect(house.desk.ways()).toMatchObject([{ failingSince: expect.any(Number) }]);
    house.sink.isDown = false;
    await house.desk.test();
    expect(house.desk.ways()).toMatchObject([{ waiting: 1, failingSince: null, reason: null }]);
  });
});
