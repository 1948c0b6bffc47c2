import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { Housekeeping, KEEP_IDEMPOTENCY_MS } from '../../../src/daemon/housekeeping.ts';
import { refuseSandboxFiles, sandboxSettings } from '../../../src/daemon/sandbox-guard.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;

describe('housekeeping', () => {
  it('forgets idempotency keys after a week, and not before', async () => {
    const clock = new VirtualClock();
    const { store } = await openTestStore({ clock });
    const claim = { scope: 'key', key: 'once', fingerprint: 'a' };
    await store.claimIdempotency(claim, clock.now());
    await store.completeIdempotency(claim, { status: 200, body: '{}' });
    const housekeeping = new Housekeeping({ store, clock, log: silentLogger });
    housekeeping.start();
    await clock.advance(KEEP_IDEMPOTENCY_MS - HOUR_MS);
    await expect(store.claimIdempotency(claim, clock.now())).resolves.toMatchObject({ state: 'replay' });
    await clock.advance(2 * HOUR_MS);
    await expect(store.claimIdempotency(claim, clock.now())).resolves.toMatchObject({ state: 'claimed' });
    await housekeeping.stop();
    await store.close();
  });

  it('forgets closed alerts after 90 days, and not before', async () => {
    const clock = new VirtualClock();
    const forgottenBefore: number[] = [];
    const store = {
      pruneIdempotency: async (): Promise<number> => 0,
      pruneSendLog: async (): Promise<number> => 0,
      pruneAlerts: async (before: number): Promise<number> => forgottenBefore.push(before),
    };
    const housekeeping = new Housekeeping({ store, clock, log: silentLogger });
    housekeeping.start();
    await clock.advance(HOUR_MS);
    expect(forgottenBefore).toEqual([clock.now() - 90 * 24 * HOUR_MS]);
    await housekeeping.stop();
  });

  it('goes on after a failure, and ends when it is stopped', async () => {
    const clock = new VirtualClock();
    let rounds = 0;
    const store = {
      pruneIdempotency: async (): Promise<number> => {
        rounds += 1;
        throw new Error('disk full');
      },
      pruneSendLog: async (): Promise<number> => 0,
      pruneAlerts: async (): Promise<number> => 0,
    };
    const housekeeping = new Housekeeping({ store, clock, log: silentLogger });
    housekeeping.start();
    await clock.advance(3 * HOUR_MS);
    expect(rounds).toBe(3);
    await housekeeping.stop();
    await clock.advance(3 * HOUR_MS);
    expect(rounds).toBe(3);
  });
});

describe('files that the sandbox made', () => {
  it('are refused by a daemon without one', async () => {
    const { store } = await openTestStore();
    await store.createSession({ id: 'reception', property: 'main', channel: 'whatsapp', settings: {} });
    await expect(refuseSandboxFiles(store)).resolves.toBeUndefined();
    await store.createSession({ id: 'front-desk', property: 'main', channel: 'whatsapp', settings: sandboxSettings });
    await expect(refuseSandboxFiles(store)).rejects.toMatchObject({
      code: 'config_invalid',
      detail: expect.stringContaining('front-desk'),
    });
    await store.close();
  });
});
