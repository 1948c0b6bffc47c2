import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { metricDefinitions } from '../../../src/observability/metric-definitions.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { findProgram } from '../../support/programs.ts';

const folder = fileURLToPath(new URL('../../../deploy/prometheus/', import.meta.url));
const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const annotations = z.strictObject({
  summary: z.string().min(1),
  description: z.string().min(1),
  remedy: z.string().min(1),
  runbook_url: z.string(),
});
const alertRule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations,
});
const recordingRule = z.strictObject({ record: z.string(), expr: z.string() });
const rules = z
  .object({
    groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([alertRule, recordingRule])) })),
  })
  .parse(parseYaml(read('deploy/prometheus/bellhop.rules.yml')))
  .groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule) => 'alert' in rule);
const records = rules.filter((rule) => 'record' in rule).map(({ record }) => record);
const names = alerts.map(({ alert }) => alert);

const question = z.object({
  expr: z.string(),
  eval_time: z.string(),
  exp_samples: z.array(z.object({ labels: z.string().default(''), value: z.number() })),
});
const testFiles = readdirSync(`${folder}tests`).filter((name) => name.endsWith('.test.yml'));
const histories = testFiles.flatMap(
  (name) =>
    z
      .object({ tests: z.array(z.object({ name: z.string(), promql_expr_test: z.array(question) })) })
      .parse(parseYaml(read(`deploy/prometheus/tests/${name}`))).tests,
);

describe('the alerts for Prometheus', () => {
  it('each have their section of the runbook, and the runbook has no others', () => {
    const headings = [...read('docs/guides/runbook.md').matchAll(/^### (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(names);
    for (const { alert, annotations: told } of alerts)
      expect(told.runbook_url).toMatch(new RegExp(`/runbook\\.md#${alert.toLowerCase()}$`));
  });

  it.each(names)('%s is tested before it begins, while it fires, and when it is over', (name) => {
    const said = histories.flatMap((history) => {
      const times = history.promql_expr_test.map((asked) => ({
        atSeconds: secondsOf(asked.eval_time),
        isFiring: asked.exp_samples.some(({ labels }) => labels.includes(`alertname="${name}"`)),
      }));
      const firing = times.filter(({ isFiring }) => isFiring).map(({ atSeconds }) => atSeconds);
      const quiet = times.filter(({ isFiring }) => !isFiring).map(({ atSeconds }) => atSeconds);
      return firing.length === 0
        ? []
        : [{ before: Math.min(...quiet) < Math.min(...firing), after: Math.max(...quiet) > Math.max(...firing) }];
    });
    expect(said).toContainEqual({ before: true, after: true });
  });

  it('ask for metrics that exist, under labels that they have', async () => {
    const known = new Set(records);
    for (const { name, type } of Object.values(metricDefinitions)) {
      known.add(name);
      if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) known.add(`${name}_${part}`);
    }
    const ofProcess = await processMetrics();
    const texts = rules.flatMap((rule) => ('alert' in rule ? [rule.expr, rule.annotations.description] : [rule.expr]));
    for (const text of texts) {
      for (const [name] of text.matchAll(/(?<![\w:])(?:\w+:)?bellhop_\w+(?::\w+)?/g))
        expect(known, text).toContain(name);
      for (const [name] of text.matchAll(/\b(?:nodejs|process)_\w+/g)) expect(ofProcess, text).toContain(name);
      for (const [, name = '', matchers = ''] of text.matchAll(/\b(bellhop_\w+)\{([^}]*)\}/g)) {
        const labels = Object.values(metricDefinitions).find((each) => each.name === name)?.labels ?? [];
        for (const [, label] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)/g))
          expect([...labels, 'job', 'instance'], text).toContain(label);
      }
    }
  });

  it('are those that the inhibit rules name', () => {
    const { inhibit_rules: inhibitions } = z
      .object({
        inhibit_rules: z.array(
          z.object({ source_matchers: z.array(z.string()), target_matchers: z.array(z.string()) }),
        ),
      })
      .parse(parseYaml(read('deploy/prometheus/alertmanager.example.yml')));
    expect(inhibitions.length).toBeGreaterThan(5);
    for (const { source_matchers: sources, target_matchers: targets } of inhibitions)
      for (const name of [...sources, ...targets].flatMap(namesIn)) expect(names).toContain(name);
  });
});

const promtool = findProgram('promtool', 'prometheus');
const amtool = findProgram('amtool', 'prometheus-alertmanager');

describe.skipIf(promtool === null)('the alerts, judged by promtool', () => {
  it('are valid', async () => {
    expect(await run(promtool, ['check', 'rules', `${folder}bellhop.rules.yml`])).toMatchObject({
      status: 0,
      stderr: '',
    });
    const config = `${folder}prometheus.example.yml`;
    expect(await run(promtool, ['check', 'config', '--syntax-only', config])).toMatchObject({ status: 0 });
  });

  it.each(testFiles)('fire when they should, do not when they should not, and end (%s)', async (name) => {
    const tested = await run(promtool, ['test', 'rules', `${folder}tests/${name}`]);
    expect(tested.stdout + tested.stderr).not.toContain('FAILED');
    expect(tested.status).toBe(0);
  });
});

describe.skipIf(amtool === null)('the configuration of Alertmanager, judged by amtool', () => {
  it('is valid', async () => {
    expect(await run(amtool, ['check-config', `${folder}alertmanager.example.yml`])).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});

function run(
  program: string | null,
  args: readonly string[],
): Promise<{ status: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(program ?? '', args, { encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : (error.code ?? 'killed'), stdout, stderr }),
    );
  });
}

/** `12m30s` */
function secondsOf(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1 };
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? Number.NaN),
    0,
  );
}

/** `alertname =~ "BellhopSession(Down|Flapping)"` → both names */
function namesIn(matcher: string): string[] {
  const [, value = ''] = /^alertname\s*=~?\s*"?([^"]+)"?$/.exec(matcher) ?? [];
  const [, start = '', alternatives] = /^(\w+)(?:\((.+)\))?$/.exec(value) ?? [];
  return alternatives === undefined ? [start] : alternatives.split('|').map((end) => `${start}${end}`);
}

async function processMetrics(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics({
    version: '0.1.0',
    figures: () => Promise.reject(new Error('no store here')),
    tryStore: async () => undefined,
    disks: async () => [],
    now: () => 0,
  });
  return new Set([...(await metrics.render()).matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] ?? ''));
}
