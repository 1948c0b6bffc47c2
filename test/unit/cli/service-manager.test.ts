import { describe, expect, it } from 'vitest';
import type { ServiceManagerDeps } from '../../../src/cli/service-manager.ts';
import { ServiceManager } from '../../../src/cli/service-manager.ts';
import { serviceStatus } from '../../../src/cli/service-status.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import type { Session } from '../../../src/engine/model/session.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function setUp(changes: Partial<ServiceManagerDeps> = {}) {
  const clock = new VirtualClock();
  const said: string[][] = [];
  const manager = new ServiceManager({
    environment: { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' },
    pid: 7,
    clock,
    log: silentLogger,
    checkHealth: async () => undefined,
    status: async () => '1 of 1 sessions connected',
    notify: async (...facts) => void said.push([...facts]),
    ...changes,
  });
  return { clock, said, manager };
}

describe('what systemd is told', () => {
  it('says when it is ready, three signs of life a period, and when it stops', async () => {
    const { clock, said, manager } = setUp();
    await manager.ready();
    await clock.advance(60_000);
    await manager.stopping();
    await clock.advance(60_000);
    expect(said.map(([first]) => first)).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1']);
    expect(said[1]?.[1]).toBe('STATUS=1 of 1 sessions connected');
  });

  it('gives no sign while the store hangs, and goes on when it answers again', async () => {
    let answer: () => void = () => undefined;
    const hanging = { checkHealth: () => new Promise<void>((resolve) => (answer = resolve)) };
    const { clock, said, manager } = setUp(hanging);
    await manager.ready();
    await clock.advance(60_000);
    expect(said).toHaveLength(1);
    answer();
    await clock.advance(20_000);
    answer();
    await clock.advance(0);
    expect(said.at(-1)?.[0]).toBe('WATCHDOG=1');
  });

  it('takes a full disk for no hang: another start would not help', async () => {
    const { clock, said, manager } = setUp({
      checkHealth: async () => {
        throw new Error('store_full');
      },
    });
    await manager.ready();
    await clock.advance(20_000);
    expect(said.at(-1)?.[0]).toBe('WATCHDOG=1');
  });

  it('says nothing where nobody asks, and gives no signs that are meant for another process', async () => {
    const silent = setUp({ environment: { WATCHDOG_USEC: '60000000' } });
    await silent.manager.ready();
    expect([silent.said, silent.clock.pendingTimers]).toEqual([[], 0]);
    const other = setUp({ environment: { NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' } });
    await other.manager.ready();
    expect([other.said.length, other.clock.pendingTimers]).toEqual([1, 0]);
  });

  it('lives on when systemd cannot be told', async () => {
    const { manager } = setUp({
      notify: async () => {
        throw new Error('no such program');
      },
    });
    await expect(manager.ready()).resolves.toBeUndefined();
    await manager.stopping();
  });
});

describe('the line of systemctl status', () => {
  const session = (id: string, state: Session['state']): Session => ({
    id,
    property: 'main',
    channel: 'whatsapp',
    account: null,
    state,
    since: new Date(0).toISOString(),
    unreachableSince: null,
    reason:
      state === 'logged_out'
        ? {
            code: 'x',
            kind: 'logged_out',
            nativeCode: null,
            text: '',
            action: 'relink',
            remedy: 'Link it.',
            retryAt: null,
          }
        : null,
    liveness: null,
    limits: [],
    version: { current: null, wanted: null, ladder: [] },
    pacing: { mode: 'human', queued: 0, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
    settings: {},
    lastInboundAt: null,
    lastOutboundAt: null,
    createdAt: new Date(0).toISOString(),
  });

  it('counts who is reached and names who needs a person', () => {
    const all = [session('front-desk', 'connected'), session('spa', 'logged_out'), session('bar', 'unlinked')];
    expect(serviceStatus(all, 0)).toBe('1 of 2 sessions connected; needs a person: spa (logged_out)');
    expect(serviceStatus([], 0)).toBe('Running; no account is linked');
  });
});
