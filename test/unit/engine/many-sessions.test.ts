import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/engine/ports/index.ts';
import { EngineFixture } from '../../support/engine-fixture.ts';

describe('starting with many sessions', () => {
  it('is not held up by a few that hang', async () => {
    const fixture = await EngineFixture.open();
    const ids = Array.from({ length: 100 }, (_, index) => `s-${index}`);
    for (const id of ids) (await fixture.addLinked(id)).connects.push('hang');
    await fixture.engine.start();
    await fixture.clock.advance(10_000);
    const begun = ids.filter((id) => fixture.host.line(id).count('connect') > 0);
    expect(begun).toHaveLength(20); // as many as may be under way
  });

  it('is done before they are written or opened, and each comes in its turn', async () => {
    const asked = { writes: 0 };
    const count = (store: Store): Store =>
      new Proxy(store, {
        get: (target, name, receiver) => {
          if (name === 'recordSessionChange') asked.writes += 1;
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
    const fixture = await EngineFixture.open({ wrapStore: count });
    const ids = Array.from({ length: 300 }, (_, index) => `s-${index}`);
    for (const id of ids) await fixture.addLinked(id, 'connected');
    asked.writes = 0;
    await fixture.engine.start();
    expect(asked.writes).toBeLessThanOrEqual(25);
    expect(ids.filter((id) => fixture.host.line(id).opened > 0).length).toBeLessThanOrEqual(1);
    await fixture.clock.advance(1_000);
    const states = await Promise.all(ids.map(async (id) => (await fixture.session(id)).state));
    expect(states.filter((state) => state === 'connecting').length).toBeGreaterThan(250);
    expect(ids.filter((id) => fixture.host.line(id).opened > 0).length).toBeLessThan(50);
    await fixture.clock.advance(25_000);
    for (const id of ids) expect(fixture.host.line(id).isOnline).toBe(true);
  });

  it('begins with those that have something to send', async () => {
    const fixture = await EngineFixture.open();
    const ids = Array.from({ length: 100 }, (_, index) => `s-${index}`);
    for (const id of ids) await fixture.addLinked(id, 'connected');
    await fixture.accept({ session: 's-98', to: '+15551230098' });
    await fixture.accept({ session: 's-99', to: '+15551230099' });
    await fixture.engine.start();
    await fixture.clock.advance(300);
    for (const id of ['s-98', 's-99']) expect(fixture.host.line(id).isOnline).toBe(true);
    expect(ids.filter((id) => fixture.host.line(id).isOnline).length).toBeLessThan(20);
  });

  it('can end while they are still coming', async () => {
    const fixture = await EngineFixture.open();
    const ids = Array.from({ length: 200 }, (_, index) => `s-${index}`);
    for (const id of ids) await fixture.addLinked(id, 'connected');
    await fixture.engine.start();
    await fixture.clock.advance(2_000);
    await fixture.engine.stop(10_000);
    expect(fixture.host.isStopped).toBe(true);
    const opened = ids.reduce((sum, id) => sum + fixture.host.line(id).opened, 0);
    await fixture.clock.advance(60_000);
    expect(ids.reduce((sum, id) => sum + fixture.host.line(id).opened, 0)).toBe(opened);
    expect(opened).toBeLessThan(100);
  });
});
