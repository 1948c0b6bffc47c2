import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { causeTexts } from '../../src/engine/causes.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { Monitoring, type NotifiedAlert } from '../support/monitoring.ts';
import { findProgram } from '../support/programs.ts';

const prometheus = findProgram('prometheus', 'prometheus');
const alertmanager = findProgram('prometheus-alertmanager', 'prometheus-alertmanager');

/** A rate wants two figures, a second apart; more on a busy machine. */
const SOME_SCRAPES_MS = 15_000;
/** Panels that show nothing on a good day. */
const QUIET_PANELS = [
  'Sessions: cause and remedy',
  'Alerts',
  'Limits',
  'Client versions tried',
  'Questions to lines',
  'Round trip of questions (95 %)',
  'Lines found broken',
];

const ofSession = ['BellhopSessionDown', 'BellhopSessionDownLong', 'BellhopSessionFlapping'];
const incidents: readonly (readonly [string, { readonly source: string; readonly follows: readonly string[] }])[] = [
  [
    'a link that was ended',
    { source: 'BellhopSessionLoggedOut', follows: [...ofSession, 'BellhopLineUnproven', 'BellhopQueueStuck'] },
  ],
  [
    'a restricted account',
    { source: 'BellhopSessionRestricted', follows: [...ofSession, 'BellhopNetworkLimit', 'BellhopNewGuestsSlowed'] },
  ],
  ['a line that is down for long', { source: 'BellhopSessionDownLong', follows: ['BellhopSessionDown'] }],
  ['a deaf line', { source: 'BellhopSessionDeaf', follows: ['BellhopLineUnproven', 'BellhopLineOftenDeaf'] }],
  ['an outage of the network', { source: 'BellhopChannelDown', follows: ofSession }],
  [
    'a refused client version',
    { source: 'BellhopVersionsExhausted', follows: [...ofSession, 'BellhopChannelDown', 'BellhopVersionDegraded'] },
  ],
  ['processes that crash', { source: 'BellhopProcessesCrash', follows: ['BellhopChannelDown', ...ofSession] }],
  [
    'a full disk',
    {
      source: 'BellhopDiskAlmostFull',
      follows: ['BellhopDiskLow', 'BellhopStoreNotWritable', 'BellhopInboundFails', 'BellhopWebhookLag'],
    },
  ],
  ['a webhook that is away', { source: 'BellhopWebhookLagLong', follows: ['BellhopWebhookLag'] }],
];

describe.skipIf(prometheus === null || alertmanager === null)(
  'a trouble of the built product, told by real Prometheus and Alertmanager',
  { timeout: 60_000 },
  () => {
    const house = new LinkedDaemon();
    const hooks = new HookReceiver();
    const monitoring = new Monitoring();

    const told = (name: string, status: NotifiedAlert['status']): Promise<NotifiedAlert> =>
      house.until(async () =>
        monitoring.told.find((alert) => alert.labels['alertname'] === name && alert.status === status),
      );

    beforeAll(async () => {
      const url = await hooks.start();
      const alerts = `alerts: { webhooks: [{ url: "${url}", secret: "${hooks.secret}" }] }\n`;
      await house.start(`${hooks.yaml(url)}${alerts}`);
      const { body } = await house.api.post<{ key: string }>('/v1/keys', {
        name: 'prometheus',
        scopes: ['metrics:read'],
      });
      await monitoring.start(
        { prometheus: prometheus ?? '', alertmanager: alertmanager ?? '' },
        { url: house.api.url, key: body.key },
      );
      await house.link('front-desk');
    }, 60_000);
    afterAll(async () => {
      await monitoring.stop();
      await house.end();
      hooks.stop();
    });

    it('a line that is down: with session, cause and remedy, and the end of it', async () => {
      await house.sandbox.call('POST', '/faults/outage', {});
      const alert = await told('BellhopSessionDown', 'firing');
      expect(alert.labels).toMatchObject({ session: 'front-desk', channel: 'whatsapp', severity: 'warning' });
      expect(alert.annotations['description']).toContain(`"front-desk" (whatsapp)`);
      expect(alert.annotations['description']).toMatch(/broke off\. \(`whatsapp_\w+`\)$/);
      expect(alert.annotations['remedy']).toBe(causeTexts.network.remedy);
      expect(alert.annotations['runbook_url']).toBe('docs/guides/runbook.md#bellhopsessiondown');
      await house.sandbox.call('POST', '/faults/clear', {});
      await house.session('front-desk', ({ state }) => state === 'connected');
      expect((await told('BellhopSessionDown', 'resolved')).labels).toMatchObject({ session: 'front-desk' });
    });

    it('a link that was ended: one alert, until somebody links it again', async () => {
      await house.sandbox.call('POST', '/faults/log-out', {});
      const alert = await told('BellhopSessionLoggedOut', 'firing');
      expect(alert.labels).toMatchObject({ session: 'front-desk', severity: 'critical' });
      expect(alert.annotations['description']).toContain(`${causeTexts.logged_out.text} (\`whatsapp_401_logged_out\`)`);
      expect(alert.annotations['remedy']).toBe(causeTexts.logged_out.remedy);
      const shown = dashboardQueries().filter(({ title }) => /^Alerts|cause and remedy$/.test(title));
      expect(shown).toHaveLength(3);
      for (const { title, expr } of shown) expect(await monitoring.query(expr), title).toHaveLength(1);
      await house.link('front-desk');
      await told('BellhopSessionLoggedOut', 'resolved');
      // The end of an older trouble may be told only now.
      const since = monitoring.told.filter(({ startsAt }) => startsAt >= alert.startsAt);
      expect(new Set(since.map(({ labels }) => labels['alertname']))).toEqual(new Set(['BellhopSessionLoggedOut']));
    });

    it('every query of the dashboard is answered, and on a good day all but those of trouble with data', async () => {
      const [guest] = (await house.sandbox.state()).people.guests;
      await house.sandbox.say(guest?.key ?? '', 'Good evening');
      await house.until(async () => ((await house.received()).length > 0 ? true : undefined));
      const body = { channel: 'whatsapp', to: guest?.pn.replace(/^(\d+)@.*$/, '+$1') ?? '', body: 'Good evening!' };
      await house.api.post('/v1/messages', body);
      const queries = dashboardQueries().filter(({ title }) => !QUIET_PANELS.includes(title));
      const empty = async (): Promise<string[]> => {
        const found = await Promise.all(queries.map(({ expr }) => monitoring.query(expr)));
        return queries.filter((_, index) => found[index]?.length === 0).map(({ title, expr }) => `${title}: ${expr}`);
      };
      await expect.poll(empty, { timeout: SOME_SCRAPES_MS, interval: 500 }).toEqual([]);
      for (const { expr } of dashboardQueries()) await monitoring.query(expr);
      expect(await monitoring.failedRules()).toEqual([]);
    });

    it.each(incidents)('of %s people hear the source and not what follows from it', async (_, { source, follows }) => {
      const instance = source;
      const labelled = (alertname: string) => ({ alertname, job: 'bellhop', instance, ...labelsOf(alertname) });
      await monitoring.raise([source, ...follows].map(labelled));
      const wanted = { told: [source], held: follows.toSorted() };
      await expect.poll(() => monitoring.heldBack(instance), { timeout: SOME_SCRAPES_MS }).toEqual(wanted);
      // The same on another machine is another incident.
      const other = { ...labelled('BellhopSessionDown'), instance: `${instance} elsewhere` };
      await monitoring.raise([other]);
      const elsewhere = (): Promise<object> => monitoring.heldBack(other.instance);
      await expect.poll(elsewhere, { timeout: SOME_SCRAPES_MS }).toEqual({ told: ['BellhopSessionDown'], held: [] });
    });
  },
);

/** As Grafana asks them when the reader has chosen nothing. */
function dashboardQueries(): readonly { title: string; expr: string }[] {
  const { panels } = z
    .object({
      panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
    })
    .parse(JSON.parse(readFileSync(new URL('../../deploy/grafana/bellhop.json', import.meta.url), 'utf8')));
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:instance|session)/g, '.*'),
    })),
  );
}

/** Those that the rule gives the alert, by its `sum by` or its metric; what the inhibit rules compare. */
function labelsOf(alertname: string): Readonly<Record<string, string>> {
  if (/^Bellhop(?:Disk|Store|Webhook)/.test(alertname)) return {};
  if (/^Bellhop(?:Channel|Version|Process)/.test(alertname)) return { channel: 'whatsapp' };
  const session = { session: 'front-desk' };
  return alertname === 'BellhopLineOftenDeaf' ||
    alertname === 'BellhopQueueStuck' ||
    alertname === 'BellhopNetworkLimit' ||
    alertname === 'BellhopNewGuestsSlowed'
    ? session
    : { ...session, channel: 'whatsapp' };
}
