import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { connectors } from '../../connectors/registry.ts';
import { pullLever as pullTelegramLever } from '../../connectors/telegram/simulator/control/levers.ts';
import { verbs } from '../../connectors/telegram/simulator/control/verbs.ts';
import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import { Town as TelegramTown } from '../../connectors/telegram/simulator/people/town.ts';
import { pullLever } from '../../connectors/whatsapp/simulator/control/levers.ts';
import { TownControl } from '../../connectors/whatsapp/simulator/control/town-control.ts';
import { WhatsAppNetwork } from '../../connectors/whatsapp/simulator/network.ts';
import { MediaServer } from '../../connectors/whatsapp/simulator/people/media-server.ts';
import { Town } from '../../connectors/whatsapp/simulator/people/town.ts';
import { createProgram } from '../../src/cli/program.ts';
import { describeConfig } from '../../src/config/reference.ts';
import { disconnectKinds, limitScopes } from '../../src/connector-api/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { errorRegistry } from '../../src/core/error-registry.ts';
import { isRecord } from '../../src/core/json.ts';
import { systemRandom } from '../../src/core/random.ts';
import { limitTexts } from '../../src/engine/limit-texts.ts';
import { deafCauses, phoneSilentCause } from '../../src/engine/liveness/findings.ts';
import { scopes } from '../../src/engine/model/access.ts';
import { eventTypes, liveEventTypes } from '../../src/engine/model/event.ts';
import { sessionStates, userAction } from '../../src/engine/model/session.ts';
import { holdRules } from '../../src/engine/pacing/types.ts';
import { linkStep } from '../../src/http/schemas/session-request.ts';
import { metricDefinitions } from '../../src/observability/metric-definitions.ts';
import { ATTEMPT_DELAYS_MS } from '../../src/webhooks/schedule.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guides = readdirSync(join(root, 'docs/guides')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...guides.map((name) => `docs/guides/${name}`)].map((path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].map(([, language = '', code = '']) => ({
    language,
    code,
  }));
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
  return { path, text, prose, spans, blocks, quoted: [...spans, ...blocks.map((block) => block.code)].join('\n') };
});

/** All matches of the first group of a pattern. */
const find = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

const configEntries = describeConfig(
  Object.fromEntries(connectors.map(({ manifest }) => [manifest.channel, manifest.configSchema])),
);
const configKeys = new Set(configEntries.map(({ key }) => key));
/** The key of one value that is a map, such as `server.tls`, around what stands in it. */
const mapOf = (key: string): string | undefined =>
  configEntries.find((entry) => entry.type === 'map' && !entry.isSection && key.startsWith(`${entry.key}.`))?.key;
const sections = [...configKeys].filter((key) => !key.includes('.'));
const description = z
  .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
  .parse(JSON.parse(readFileSync(join(root, 'docs/reference/openapi.json'), 'utf8')));

/** `POST /v1/sessions/:id/link` as the API description would write it; parameters have no names here. */
const operations = new Set(
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${withoutNames(path)}`),
  ),
);

function withoutNames(path: string): string {
  const [bare = ''] = path.split(/[?#]/);
  return bare.replace(/\.$/, '').replaceAll(/\{[^}]*\}|:\w+|\b(?:msg|cnv|gst|whk|med|key)_…/g, '*');
}

describe.each(pages)('$path', ({ path, text, prose, spans, blocks, quoted }) => {
  it('links to pages and headings that exist', () => {
    for (const link of find(prose, /\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : relative(root, resolve(root, dirname(path), file));
      expect(existsSync(join(root, target)), link).toBe(true);
      if (anchor === undefined) continue;
      const headings = find(readFileSync(join(root, target), 'utf8'), /^#+ (.+)$/gm);
      expect(headings.map(slug), link).toContain(anchor);
    }
  });

  it('names files of the repository that exist', () => {
    const named = spans.filter((span) => /^(?:src|connectors|test|docs|deploy|bench|scripts)\/[\w./-]+$/.test(span));
    for (const file of named) expect(existsSync(join(root, file)), file).toBe(true);
  });

  it('names commands and options of bellhop that exist', () => {
    const program = createProgram('0', async () => undefined);
    for (const line of commandLines(quoted)) {
      const words = line.split(/\s+/);
      const parent = program.commands.find((each) => each.name() === words[0]);
      expect(parent, `bellhop ${line}`).toBeDefined();
      const command = parent?.commands.find((each) => each.name() === words[1]) ?? parent;
      if (command !== undefined && command === parent) expect(command.commands, `bellhop ${line}`).toHaveLength(0);
      const options = command?.options.map((option) => option.long) ?? [];
      for (const option of find(` ${line}`, /\s(--[a-z-]+)/g)) expect([...options, '--help'], line).toContain(option);
    }
  });

  it('names configuration keys and environment variables that exist', () => {
    const dotted = new RegExp(`(?<![\\w./-])((?:${sections.join('|')})\\.[a-zA-Z.]+)(?![\\w/])`, 'g');
    for (const key of find(spans.join('\n'), dotted)) expect(configKeys, key).toContain(key);
    for (const { code } of blocks.filter((block) => block.language === 'yaml')) {
      const parsed: unknown = parseYaml(code);
      if (!isRecord(parsed) || !sections.some((section) => section in parsed)) continue;
      for (const key of leaves(parsed)) expect(configKeys, key).toContain(mapOf(key) ?? key);
    }
    const cli =
      readFileSync(join(root, 'src/cli/context.ts'), 'utf8') +
      readFileSync(join(root, 'src/config/load-config.ts'), 'utf8');
    for (const name of find(text, /\b(BELLHOP_\w+)/g)) {
      if (name === 'BELLHOP_WEBHOOK_SECRET') continue; // of the example receiver
      if (!name.includes('__')) expect(cli, name).toContain(`'${name}'`);
      else expect(configKeys, name).toContain(keyOfVariable(name));
    }
  });

  it('names calls of the API that exist', () => {
    for (const call of find(
      text,
      /\b((?:GET|POST|PUT|PATCH|DELETE) \/(?:v1|healthz|readyz|metrics|docs|openapi)[\w/:.-]*)/g,
    ))
      expect(operations, call).toContain(withoutNames(call));
    const paths = new Set([...operations].map((operation) => operation.split(' ')[1]));
    for (const called of find(text, /127\.0\.0\.1:80[89]0(\/[\w/.…-]+)/g))
      if (called !== '/v1') expect(paths, called).toContain(withoutNames(called));
  });

  it('names metrics, event types and scopes that exist', () => {
    const metrics: string[] = Object.values(metricDefinitions).map((metric) => metric.name);
    for (const name of find(text, /\b(bellhop_[a-z_]+)/g)) expect(metrics, name).toContain(name);
    const known: readonly string[] = [...eventTypes, ...liveEventTypes];
    for (const type of find(
      quoted,
      /(?<![\w.])((?:message|conversation|guest|session|webhook|presence)\.(?:[a-z_]+|\*))/g,
    )) {
      if (type === 'webhook.verify') continue; // a call in the example receiver
      expect(
        known.some((each) => each === type || (type.endsWith('.*') && each.startsWith(type.slice(0, -1)))),
        type,
      ).toBe(true);
    }
    for (const scope of find(quoted, /(?<![\w/])((?:messages|guests|sessions|webhooks|keys|metrics):[a-z]+)/g))
      expect(scopes, scope).toContain(scope);
  });

  it('puts no code, state or step into words that the program does not use', () => {
    const words = new Set<string>([
      ...Object.keys(errorRegistry),
      ...sessionStates,
      ...userAction.options,
      ...disconnectKinds,
      ...limitScopes,
      ...Object.values(limitTexts).map(({ rule }) => rule),
      ...holdRules,
      ...[...Object.values(deafCauses), phoneSilentCause].map(({ code }) => code),
      ...linkStep.options.map((option) => option.shape.step.value),
      ...Object.values(metricDefinitions).map((metric) => metric.name),
      'not_sent',
      'maybe_sent',
    ]);
    for (const word of spans.filter((span) => /^[a-z]+(?:_[a-z0-9]+)+$/.test(span)))
      expect(words, word).toContain(word);
  });

  it('names scripts of the package that exist', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    for (const script of find(text, /\bnpm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script]);
  });
});

describe('the README', () => {
  it('stays short and leads to every guide', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(151);
    for (const guide of guides) expect(textOf('README.md')).toContain(`(docs/guides/${guide})`);
  });
});

describe('the guide of webhooks', () => {
  it('tells the schedule of retries as it is, and every type of event', () => {
    const waits = ATTEMPT_DELAYS_MS.slice(1).map(describeWait);
    expect(textOf('docs/guides/webhooks.md')).toContain(`${waits.slice(0, -1).join(', ')} and ${waits.at(-1) ?? ''}`);
    for (const type of eventTypes) expect(textOf('docs/guides/webhooks.md')).toContain(`\`${type}\``);
  });
});

describe('the guide of the sandbox', () => {
  const guide = textOf('docs/guides/sandbox.md');

  it('tells every fault, and none that does not exist', () => {
    const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
    const levers = listAfter(() => pullLever(network.faults, 'nothing', {}), /there are (.+)$/);
    const table = guide.slice(guide.indexOf('## Break the network'));
    const told = find(table, /^\| (`.+?) \|/gm).flatMap((cell) => find(cell, /`([a-z][a-z-]+)`/g));
    expect(new Set(told)).toEqual(new Set(levers));
  });

  it('tells everything that guests can do, and who they are', async () => {
    const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
    const media = new MediaServer({ clock: systemClock, violations: network.violations });
    const town = new Town({ network, media });
    const refusal: unknown = await new TownControl({ town })
      .act('katrin', 'nothing', {})
      .catch((error: unknown) => error);
    const verbs = listAfter(() => {
      throw refusal;
    }, /they can (.+)$/);
    const rows = guide.split('\n').filter((line) => line.startsWith('| `POST /guests/'));
    const told = rows.flatMap((row) => find(row.split('|')[1] ?? '', /`(?:POST \/guests\/<key>\/)?([a-z]+)`/g));
    expect(new Set(told)).toEqual(new Set(verbs));
    expect(guide).toContain(`Keys are ${[...town.guests.keys()].map((key) => `\`${key}\``).join(', ')}.`);
  });
});

describe('the guide of the Telegram network', () => {
  const guide = textOf('docs/guides/sandbox-telegram.md');
  const telegram = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const people = new TelegramTown({ network: telegram });

  it('tells every fault, and none that does not exist', () => {
    const levers = listAfter(() => pullTelegramLever(telegram, people.hotel, 'nothing', {}), /there are (.+)$/);
    const table = guide.slice(guide.indexOf('## Break the network'));
    const told = find(table, /^\| (`.+?) \|/gm).flatMap((cell) => find(cell, /`([a-z][a-z-]+)`/g));
    expect(new Set(told)).toEqual(new Set(levers));
  });

  it('tells everything that guests can do, and who they are', () => {
    const rows = guide.split('\n').filter((line) => line.startsWith('| `POST /guests/'));
    const told = rows.flatMap((row) => find(row.split('|')[1] ?? '', /`(?:POST \/guests\/<key>\/)?([a-z-]+)`/g));
    expect(new Set(told)).toEqual(new Set(Object.keys(verbs)));
    expect(guide).toContain(`The people are ${[...people.guests.keys()].map((key) => `\`${key}\``).join(', ')}.`);
  });
});

/** As GitHub makes anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** What follows `bellhop` wherever it is run: in a terminal's line, or alone in a span of code. */
function commandLines(quoted: string): string[] {
  const shell = quoted.replaceAll(/\s+#.*$/gm, '').replaceAll(/(?:<[^>]*>|"[^"]*")/g, 'x');
  return find(shell, /^(?:.*\s)?bellhop ((?:[a-z]+|--).*)$/gm)
    .map((line) => line.replace(/^bellhop /, '').trim()) // `docker exec bellhop bellhop link …`
    .filter((line) => !line.startsWith('-') && line !== 'is running.');
}

/** `BELLHOP_SERVER__BODY_LIMIT_BYTES_FILE` → `server.bodyLimitBytes` */
function keyOfVariable(name: string): string {
  const camel = (segment: string): string =>
    segment.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return name
    .replace(/^BELLHOP_/, '')
    .replace(/_FILE$/, '')
    .split('__')
    .map(camel)
    .join('.');
}

/** Dotted paths of everything that is not a map. */
function leaves(node: unknown, path = ''): string[] {
  if (!isRecord(node)) return [path];
  return Object.entries(node).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`));
}

function describeWait(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}

/** The names that a refusal lists. */
function listAfter(refused: () => void, pattern: RegExp): string[] {
  try {
    refused();
  } catch (error) {
    return (pattern.exec(error instanceof Error ? error.message : '')?.[1] ?? '').split(', ');
  }
  return [];
}
