import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml, stringify as toYaml } from 'yaml';
import { z } from 'zod';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { freePort } from './free-port.ts';

const POLL_MS = 50;
const START_TIMEOUT_MS = 20_000;
const shipped = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));

const notifiedAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
});
export type NotifiedAlert = z.infer<typeof notifiedAlert>;
const notification = z.object({ alerts: z.array(notifiedAlert) });

const heldAlerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.enum(['active', 'suppressed', 'unprocessed']) }),
  }),
);

const answer = z.object({ status: z.literal('success'), data: z.unknown() });
const samples = z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) });
const ruleStates = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() })),
    }),
  ),
});

/**
 * Prometheus and Alertmanager on loopback, with the rules and the configuration of Alertmanager as they are shipped, but in a hurry:
 * every minute of a rule's `for` is a second, nothing is grouped for longer than a second, and everybody who is told is the test.
 */
export class Monitoring {
  /** What Alertmanager told, in order. */
  readonly told: NotifiedAlert[] = [];
  readonly #dir = mkdtempSync(join(tmpdir(), 'bellhop-monitoring-'));
  readonly #children: ChildProcess[] = [];
  #url = '';
  #alertmanagerUrl = '';
  readonly #receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      this.told.push(...notification.parse(JSON.parse(body)).alerts);
      response.end();
    });
  });

  /** `daemon`: its address, and a key that may read metrics. The programs come from `findProgram`. */
  async start(
    programs: { readonly prometheus: string; readonly alertmanager: string },
    daemon: { readonly url: string; readonly key: string },
  ): Promise<void> {
    await new Promise<void>((resolve) => this.#receiver.listen(0, '127.0.0.1', resolve));
    const [port, alertPort] = [await freePort(), await freePort()];
    const config = { prometheus: join(this.#dir, 'prometheus.yml'), alertmanager: join(this.#dir, 'alertmanager.yml') };
    writeFileSync(join(this.#dir, 'bellhop.rules.yml'), hurriedRules());
    writeFileSync(config.alertmanager, this.#alertmanagerConfig());
    writeFileSync(config.prometheus, prometheusConfig(daemon, alertPort));
    mkdirSync(join(this.#dir, 'data'));
    const own = ['--log.level=warn'];
    await this.#run(programs.alertmanager, alertPort, [
      ...own,
      `--config.file=${config.alertmanager}`,
      `--storage.path=${join(this.#dir, 'alertmanager')}`,
      '--cluster.listen-address=',
    ]);
    await this.#run(programs.prometheus, port, [
      ...own,
      `--config.file=${config.prometheus}`,
      `--storage.tsdb.path=${join(this.#dir, 'data')}`,
    ]);
    this.#url = `http://127.0.0.1:${port}`;
    this.#alertmanagerUrl = `http://127.0.0.1:${alertPort}`;
  }

  /** Rejects where Prometheus refuses the expression. */
  async query(expr: string): Promise<readonly { readonly metric: Readonly<Record<string, string>> }[]> {
    return samples.parse(await this.#get(`/api/v1/query?query=${encodeURIComponent(expr)}`)).result;
  }

  /** Rules whose last evaluation failed, with the error. */
  async failedRules(): Promise<readonly string[]> {
    const { groups } = ruleStates.parse(await this.#get('/api/v1/rules'));
    return groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health !== 'ok')
      .map(({ name, lastError }) => `${name}: ${lastError ?? 'not evaluated'}`);
  }

  /** Hands alerts to Alertmanager, as if a rule had fired. */
  async raise(alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const response = await fetch(`${this.#alertmanagerUrl}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
    });
    if (!response.ok) throw new Error(`Alertmanager refused: ${await response.text()}`);
  }

  /** The names of the alerts of an instance that people are told of, and of those that are held back. */
  async heldBack(instance: string): Promise<{ readonly told: readonly string[]; readonly held: readonly string[] }> {
    const filter = encodeURIComponent(`instance="${instance}"`);
    const response = await fetch(`${this.#alertmanagerUrl}/api/v2/alerts?filter=${filter}`);
    const alerts = heldAlerts.parse(await response.json());
    const named = (state: string): string[] =>
      alerts.filter(({ status }) => status.state === state).map(({ labels }) => labels['alertname'] ?? '');
    return { told: named('active').toSorted(), held: named('suppressed').toSorted() };
  }

  async stop(): Promise<void> {
    for (const child of this.#children) await end(child);
    this.#receiver.closeAllConnections();
    this.#receiver.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`);
    const body: unknown = await response.json();
    const parsed = answer.safeParse(body);
    if (!parsed.success) throw new Error(`Prometheus refused ${path}: ${JSON.stringify(body)}`);
    return parsed.data.data;
  }

  /** Everything of the proposal but addresses and waiting times. */
  #alertmanagerConfig(): string {
    const proposal = z
      .object({
        route: z.record(z.string(), z.unknown()),
        receivers: z.array(z.object({ name: z.string() })),
        inhibit_rules: z.array(z.unknown()),
      })
      .parse(parseYaml(readFileSync(join(shipped, 'alertmanager.example.yml'), 'utf8')));
    const address = this.#receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const hook = { url: `http://127.0.0.1:${port}/`, send_resolved: true };
    return toYaml({
      route: { ...proposal.route, group_wait: '1s', group_interval: '1s' },
      receivers: proposal.receivers.map(({ name }) => ({ name, webhook_configs: [hook] })),
      inhibit_rules: proposal.inhibit_rules,
    });
  }

  async #run(program: string, port: number, args: readonly string[]): Promise<void> {
    const child = spawn(program, [...args, `--web.listen-address=127.0.0.1:${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#children.push(child);
    const killed = (): void => void child.kill('SIGKILL');
    process.once('exit', killed); // a test run that breaks off leaves nothing behind
    child.once('exit', () => process.off('exit', killed));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const limit = systemClock.monotonic() + START_TIMEOUT_MS;
    while (!(await isReady(port))) {
      if (child.exitCode !== null || systemClock.monotonic() > limit)
        throw new Error(`${program} did not start: ${said}`);
      await sleep(systemClock, POLL_MS);
    }
  }
}

function hurriedRules(): string {
  return readFileSync(join(shipped, 'bellhop.rules.yml'), 'utf8')
    .replaceAll(/^( +for: \d+)m$/gm, '$1s')
    .replaceAll(/^( +for: \d+)h$/gm, '$1m');
}

function prometheusConfig(daemon: { readonly url: string; readonly key: string }, alertPort: number): string {
  return toYaml({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['bellhop.rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertPort}`] }] }] },
    scrape_configs: [
      {
        job_name: 'bellhop',
        authorization: { credentials: daemon.key },
        static_configs: [{ targets: [new URL(daemon.url).host] }],
      },
    ],
  });
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  } catch {
    return false;
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL'); // it has nothing to save that anybody wants
  });
}
