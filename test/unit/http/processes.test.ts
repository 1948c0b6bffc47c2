import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
let renewals: number;
beforeEach(async () => {
  renewals = 0;
  http = await makeHttpFixture({
    deps: (base) => ({
      ...base,
      processes: {
        processes: () => [
          {
            channel: 'whatsapp',
            number: 1,
            pid: 4_711,
            startedAt: Date.UTC(2026, 10, 21, 12),
            sessions: 3,
            isRetiring: renewals > 0,
            rssBytes: 200_000_000,
            heapBytes: null,
            loopLagMs: 12,
          },
        ],
        renew: async () => {
          renewals += 1;
        },
      },
    }),
  });
});
afterEach(() => http.close());

const shown = {
  channel: 'whatsapp',
  number: 1,
  pid: 4_711,
  startedAt: '2026-11-21T12:00:00.000Z',
  sessions: 3,
  retiring: false,
  residentBytes: 200_000_000,
  heapBytes: null,
  loopLagMs: 12,
};

describe('the processes of sessions', () => {
  it('are listed', async () => {
    const answer = await http.ask('GET', '/v1/processes');
    expect([answer.status, answer.json]).toEqual([200, { data: [shown], nextCursor: null }]);
  });

  it('are renewed, which takes its time', async () => {
    const answer = await http.ask('POST', '/v1/sessions/renew');
    expect([answer.status, answer.json]).toEqual([202, { data: [{ ...shown, retiring: true }], nextCursor: null }]);
    expect(renewals).toBe(1);
  });

  it('belong to the whole house: a key of one property is refused', async () => {
    const made = await http.ask('POST', '/v1/keys', {
      body: { name: 'spa', scopes: ['sessions:admin', 'sessions:read'], property: 'spa' },
    });
    const { key } = made.json;
    expect((await http.ask('GET', '/v1/processes', { key })).json.code).toBe('forbidden');
    expect((await http.ask('POST', '/v1/sessions/renew', { key })).json.code).toBe('forbidden');
    expect(renewals).toBe(0);
  });

  it('are renewed by an administrator only', async () => {
    const key = await http.makeKey(['sessions:read']);
    expect((await http.ask('GET', '/v1/processes', { key })).status).toBe(200);
    expect((await http.ask('POST', '/v1/sessions/renew', { key })).status).toBe(403);
    expect(renewals).toBe(0);
  });
});
