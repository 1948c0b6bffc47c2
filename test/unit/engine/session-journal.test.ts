import { describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { SessionJournal } from '../../../src/engine/session-journal.ts';
import { CountingTelemetry } from '../../support/engine-fixture.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';

const account = { address: '+15550000001' };

async function open(): Promise<{
  journal: SessionJournal;
  store: Store;
  clock: VirtualClock;
  disk: { full: boolean };
}> {
  const { store, clock } = await openTestStore();
  const session = await store.createSession({ id: 'front-desk', property: 'main', channel: 'fake', settings: {} });
  const disk = { full: false };
  const faulty = new Proxy(store, {
    get: (target, name, receiver) =>
      name === 'recordSessionChange' && disk.full
        ? () => Promise.reject(new BellhopError('store_full'))
        : (Reflect.get(target, name, receiver) as unknown),
  });
  const telemetry = new CountingTelemetry();
  const deps = { store: faulty, telemetry, clock, log: silentLogger, channel: 'fake' };
  return { journal: new SessionJournal(deps, session), store, clock, disk };
}

const states = async (store: Store): Promise<string[]> =>
  (await store.listTimeline('front-desk', { limit: 50 })).data.map((entry) => entry.state).toReversed();

describe('a state that the store could not take', () => {
  it('does not stop the session, and is written once there is room', async () => {
    const { journal, store, clock, disk } = await open();
    disk.full = true;
    await journal.connected({ account, version: '1.0' });
    expect(journal.state).toBe('connected');
    await clock.advance(15_000);
    expect((await store.getSession('front-desk'))?.state).toBe('unlinked');
    disk.full = false;
    await clock.advance(15_000);
    expect(await store.getSession('front-desk')).toMatchObject({ state: 'connected', version: { current: '1.0' } });
    await clock.advance(60_000);
    expect(await states(store)).toEqual(['connected']);
  });

  it('is forgotten when the session has moved on', async () => {
    const { journal, store, clock, disk } = await open();
    disk.full = true;
    await journal.connecting(account);
    disk.full = false;
    await journal.stopped();
    await clock.advance(60_000);
    expect(await states(store)).toEqual(['stopped']);
    expect((await store.getSession('front-desk'))?.state).toBe('stopped');
  });

  it('is not written any more after the end', async () => {
    const { journal, store, clock, disk } = await open();
    disk.full = true;
    await journal.connecting(account);
    journal.close();
    disk.full = false;
    await clock.advance(60_000);
    expect(await states(store)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
