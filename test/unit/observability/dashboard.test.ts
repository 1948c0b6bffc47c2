import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { metricDefinitions } from '../../../src/observability/metric-definitions.ts';

const COLUMNS = 24;
const gridPos = z.strictObject({
  h: z.int().positive(),
  w: z.int().positive().max(COLUMNS),
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
});
const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const target = z.object({ refId: z.string(), expr: z.string().min(1), datasource, format: z.string() });
const row = z.object({ id: z.int(), type: z.literal('row'), title: z.string(), panels: z.tuple([]), gridPos });
const panel = z.object({
  id: z.int(),
  type: z.enum(['stat', 'table', 'timeseries', 'state-timeline']),
  title: z.string().min(1),
  datasource,
  gridPos,
  targets: z.array(target).min(1),
  fieldConfig: z.object({ defaults: z.object({}), overrides: z.array(z.unknown()) }),
  options: z.object({}),
});
const dashboard = z
  .object({
    title: z.string(),
    uid: z.string().max(40),
    schemaVersion: z.int().min(36),
    panels: z.array(z.union([row, panel])),
    templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string(), query: z.unknown() })) }),
    time: z.object({ from: z.string(), to: z.string() }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../deploy/grafana/bellhop.json', import.meta.url), 'utf8')));
const panels = dashboard.panels.filter((each) => each.type !== 'row');
const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe('the dashboard for Grafana', () => {
  it('gives each panel an id of its own, and each query of a panel', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { targets } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('lays no panel over another or over the edge', () => {
    const cells = new Set<string>();
    for (const { id, gridPos: at } of dashboard.panels) {
      expect(at.x + at.w, `panel ${id}`).toBeLessThanOrEqual(COLUMNS);
      for (let x = at.x; x < at.x + at.w; x += 1) {
        for (let y = at.y; y < at.y + at.h; y += 1) {
          expect(cells.has(`${x},${y}`), `panel ${id}`).toBe(false);
          cells.add(`${x},${y}`);
        }
      }
    }
  });

  it('asks the Prometheus that the reader chooses, with variables that there are', () => {
    const variables = dashboard.templating.list.map(({ name }) => name);
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    for (const expr of expressions)
      for (const [, name = ''] of expr.matchAll(/\$(?!__)(\w+)/g)) expect(variables, expr).toContain(name);
  });

  it('shows every metric of Bellhop but the clock, and none that does not exist', () => {
    const shown = new Set(expressions.flatMap((expr) => [...expr.matchAll(/\bbellhop_\w+/g)].map(([name]) => name)));
    const known: string[] = Object.values(metricDefinitions).map(({ name }) => name);
    for (const name of shown) expect(known).toContain(name.replace(/_bucket$/, ''));
    const hidden = known.filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`));
    expect(hidden.toSorted()).toEqual([
      'bellhop_build_info',
      'bellhop_clock_timestamp_seconds',
      'bellhop_disk_size_bytes',
    ]);
  });
});
