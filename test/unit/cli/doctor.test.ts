import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../../src/cli/api-client.ts';
import { examineDaemon } from '../../../src/cli/doctor-daemon.ts';
import { checkAlerts, checkExposure, checkPort, checkQuietHours } from '../../../src/cli/doctor-machine.ts';
import { exitCodes } from '../../../src/cli/exit-codes.ts';
import { CommandError } from '../../../src/cli/terminal.ts';
import type { Session, StateReason, TimelineEntry } from '../../../src/engine/model/session.ts';

const NOW = Date.UTC(2026, 2, 4, 4, 0, 0);
const ago = (ms: number): string => new Date(NOW - ms).toISOString();
const HOUR_MS = 3_600_000;

const healthy: Session = {
  id: 'front-desk',
  property: 'main',
  channel: 'whatsapp',
  account: null,
  state: 'connected',
  since: ago(2 * HOUR_MS),
  unreachableSince: null,
  reason: null,
  liveness: null,
  limits: [],
  version: { current: null, wanted: null, ladder: [] },
  pacing: { mode: 'human', queued: 0, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
  settings: {},
  lastInboundAt: null,
  lastOutboundAt: null,
  createdAt: ago(HOUR_MS),
};
const silent: StateReason = {
  code: 'whatsapp_408_connection_lost',
  kind: 'network',
  nativeCode: '408',
  text: 'The line went silent or broke.',
  action: 'none',
  remedy: 'Bellhop connects again by itself; nothing to do.',
  retryAt: ago(-30_000),
};
const unlinked: StateReason = {
  ...silent,
  kind: 'logged_out',
  action: 'relink',
  remedy: 'Link it again.',
  retryAt: null,
};

interface World {
  readonly session?: Partial<Session>;
  readonly timeline?: readonly TimelineEntry[];
  readonly webhooks?: readonly object[];
  readonly ways?: readonly object[];
}

function findings(world: World) {
  const get = async (path: string): Promise<unknown> => {
    if (path.includes('/timeline')) return { data: world.timeline ?? [], nextCursor: null };
    if (path === '/v1/alerts/ways') return { data: world.ways ?? [], nextCursor: null };
    if (path.startsWith('/v1/webhooks')) return { data: world.webhooks ?? [], nextCursor: null };
    return { data: [{ ...healthy, ...world.session }], nextCursor: null };
  };
  const unused = (): never => {
    throw new Error('the doctor changes nothing');
  };
  const client: ApiClient = { url: '', get, find: unused, post: unused, patch: unused, delete: unused };
  return examineDaemon(client, NOW);
}

const loss = (hoursAgo: number, attempt = 1): TimelineEntry => ({
  at: ago(hoursAgo * HOUR_MS),
  state: 'backing_off',
  reason: silent,
  version: null,
  attempt,
});

describe('what the doctor says of a running daemon', () => {
  it('is content with a session that is connected', async () => {
    expect(await findings({})).toEqual([{ check: 'session front-desk', state: 'ok', text: 'connected for 2 h' }]);
  });

  it('calls it a problem that nobody can be told of alerts', async () => {
    const well = { way: 'webhook to ops.example', kind: 'webhook', waiting: 0, failingSince: null, reason: null };
    const down = { ...well, way: 'e-mail', waiting: 2, failingSince: ago(3 * HOUR_MS), reason: 'connection refused' };
    const told = (await findings({ ways: [well, down] })) ?? [];
    expect(told.slice(1)).toMatchObject([
      {
        check: 'alerts by e-mail',
        state: 'problem',
        text: 'takes no alerts for 3 h: connection refused. 2 alerts wait to be told.',
      },
    ]);
  });

  it('only warns of what Bellhop deals with alone', async () => {
    const [finding] = (await findings({ session: { state: 'backing_off', since: ago(90_000), reason: silent } })) ?? [];
    expect(finding).toEqual({
      check: 'session front-desk',
      state: 'warning',
      text: 'backing_off: The line went silent or broke. Guests have not been reached for 1 min. Bellhop tries again in 30 s.',
    });
  });

  it('calls it a problem when a person is needed, and says what for', async () => {
    const [finding] = (await findings({ session: { state: 'logged_out', reason: unlinked } })) ?? [];
    expect(finding).toMatchObject({ state: 'problem', remedy: 'Link it again.' });
  });

  it('does not call a session broken that was never linked', async () => {
    const [finding] = (await findings({ session: { state: 'unlinked' } })) ?? [];
    expect(finding).toMatchObject({ state: 'warning', remedy: expect.stringContaining('bellhop link') });
  });

  it('tells of a network that has closed something although the line is up', async () => {
    const limit = {
      scope: 'new_chats',
      source: 'network',
      state: 'closed',
      conversationId: null,
      code: 'rate_limited',
      nativeCode: '463',
      since: ago(HOUR_MS),
      until: ago(-HOUR_MS),
      assumed: false,
      text: 'No new chats for now.',
      remedy: 'Let guests write first.',
    };
    const [finding] = (await findings({ session: { limits: [limit as Session['limits'][number]] } })) ?? []; // the CLI shows what comes
    expect(finding).toMatchObject({ state: 'warning', text: expect.stringContaining('No new chats for now.') });
  });

  it('remembers a bad day, counting each loss once and forgetting older ones', async () => {
    const attempts = [2, 3, 4].map((attempt) => loss(1, attempt));
    const five = [1, 2, 3, 4, 5].map((hours) => loss(hours));
    expect(await findings({ timeline: [...five, ...attempts, loss(30)] })).toHaveLength(1);
    const [, finding] = (await findings({ timeline: [...five, loss(6)] })) ?? [];
    expect(finding?.text).toBe('lost its line 6 times in the last day, mostly so: The line went silent or broke.');
  });

  it('names a disabled webhook by its host only', async () => {
    const hook = {
      id: 'whk_00000000000000000000000000',
      property: 'main',
      url: 'https://pms.example/in?token=secret',
      types: [],
      description: null,
      disabled: true,
      disabledReason: 'answered 410',
      pending: 3,
      createdAt: ago(HOUR_MS),
      updatedAt: ago(HOUR_MS),
    };
    const found = (await findings({ webhooks: [hook, { ...hook, disabled: false }] })) ?? [];
    expect(found).toHaveLength(2);
    expect(found[1]).toMatchObject({ check: 'webhook pms.example', state: 'problem' });
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('says that nobody answers, and passes other failures on', async () => {
    const failing =
      (code: number): ApiClient['get'] =>
      async () => {
        throw new CommandError(code, 'no');
      };
    const client = { get: failing(exitCodes.unreachable) } as unknown as ApiClient; // nothing else is called
    expect(await examineDaemon(client, NOW)).toBeNull();
    const refused = { get: failing(exitCodes.refused) } as unknown as ApiClient; // as above
    await expect(examineDaemon(refused, NOW)).rejects.toThrow('no');
  });
});

describe('what the doctor says of the machine', () => {
  it('warns of an API that everybody on the way could read', () => {
    const server = { host: '0.0.0.0', tls: undefined } as Parameters<typeof checkExposure>[0]; // the rest is not looked at
    expect(checkExposure(server)).toHaveLength(1);
    expect(checkExposure({ ...server, tls: { cert: 'c', key: 'k' } })).toEqual([]);
    for (const host of ['127.0.0.1', '::1', 'localhost']) expect(checkExposure({ ...server, host })).toEqual([]);
  });

  it('warns where nobody would hear of trouble', () => {
    const nobody = { email: { to: [] }, webhooks: [] } as unknown as Parameters<typeof checkAlerts>[0]; // the rest is not looked at
    expect(checkAlerts(nobody)).toMatchObject({ state: 'warning' });
    const somebody = { ...nobody, webhooks: [{}] } as unknown as Parameters<typeof checkAlerts>[0]; // as above
    expect(checkAlerts(somebody)).toMatchObject({ state: 'ok', text: expect.stringContaining('webhook') });
  });

  it('warns where the night of the property is taken to be that of UTC, and where there is none', () => {
    const quietHours = { from: '21:00', to: '08:00' };
    expect(checkQuietHours({ quietHours }, 'UTC')).toMatchObject({
      state: 'warning',
      text: '21:00 to 08:00 in UTC, as this machine has it',
    });
    expect(checkQuietHours({ quietHours }, 'Etc/GMT')).toMatchObject({ state: 'warning' });
    expect(checkQuietHours({ quietHours }, 'Europe/Lisbon')).toMatchObject({ state: 'ok' });
    expect(checkQuietHours({ quietHours, timeZone: 'UTC' }, 'UTC')).toMatchObject({ state: 'ok' });
    expect(checkQuietHours({ quietHours: { from: '00:00', to: '00:00' } }, 'UTC')).toMatchObject({ state: 'warning' });
  });

  it('finds a port that cannot be used', async () => {
    expect(await checkPort('127.0.0.1', 0)).toMatchObject({ state: 'ok' });
    expect(await checkPort('192.0.2.1', 1)).toMatchObject({ state: 'problem', remedy: expect.any(String) });
  });
});
