import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { connectors } from '../../connectors/registry.ts';
import { createProgram } from '../../src/cli/program.ts';
import { describeConfig } from '../../src/config/reference.ts';
import { findProgram } from '../support/programs.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const service = z.strictObject({
  build: z.literal('..'),
  image: z.string(),
  command: z.array(z.string()),
  ports: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
  volumes: z.array(z.string()),
  read_only: z.boolean(),
  tmpfs: z.array(z.string()),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  restart: z.string(),
  stop_grace_period: z.string(),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
});
const monitor = z.strictObject({
  profiles: z.tuple([z.literal('monitoring')]),
  image: z.string(),
  command: z.array(z.string()),
  network_mode: z.literal('host'),
  volumes: z.array(z.string()),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  restart: z.string(),
});
const composeFile = z.strictObject({
  name: z.string(),
  services: z.strictObject({ bellhop: service, prometheus: monitor, alertmanager: monitor }),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

describe('deploy/compose.yaml', () => {
  const document = parseDocument(read('deploy/compose.yaml'), { strict: true, uniqueKeys: true });
  const compose = composeFile.parse(document.toJS());
  const { bellhop, prometheus, alertmanager } = compose.services;

  it('is YAML without a complaint', () => {
    expect(document.errors).toEqual([]);
    expect(document.warnings).toEqual([]);
  });

  it('lets nobody but this machine in', () => {
    for (const port of bellhop.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:8080$/);
  });

  it('leaves the container no right that it does not need', () => {
    expect(bellhop).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(bellhop.tmpfs).toEqual(['/tmp']);
  });

  it('keeps everything in the one volume of the image', () => {
    expect(bellhop.volumes.map((volume) => volume.split(':')[1])).toEqual(['/data']);
    const named = [bellhop, prometheus, alertmanager].flatMap(({ volumes }) =>
      volumes.map((volume) => volume.split(':')[0]),
    );
    expect(Object.keys(compose.volumes)).toEqual(named.filter((name) => name !== './prometheus'));
  });

  it.each([
    ['prometheus', 'prometheus', prometheus, '9090'],
    ['prometheus-alertmanager', 'prometheus-alertmanager', alertmanager, '9093'],
  ])(
    'starts %s with options that it has, for this machine alone',
    (name, debianPackage, { command, volumes }, port) => {
      expect(command).toContain(`--web.listen-address=127.0.0.1:${port}`);
      const folders = volumes.map((volume) => volume.split(':')[1] ?? '');
      for (const path of command.filter((option) => /^--(?:config|storage)/.test(option)))
        expect(
          folders.some((folder) => path.split('=')[1]?.startsWith(folder)),
          path,
        ).toBe(true);
      const program = findProgram(name, debianPackage);
      if (program === null) return;
      const help = spawnSync(program, ['--help-long'], { encoding: 'utf8' });
      for (const option of command)
        expect(help.stdout + help.stderr, option).toContain(`${option.split('=')[0] ?? ''}=`);
    },
  );

  it('gives secrets as files, to keys of the configuration that exist', () => {
    const known = describeConfig(
      Object.fromEntries(connectors.map(({ manifest }) => [manifest.channel, manifest.configSchema])),
    ).map((entry) => `BELLHOP_${entry.key.split('.').map(toVariable).join('__')}`);
    for (const [name, file] of Object.entries(bellhop.environment)) {
      expect(name).toMatch(/_FILE$/);
      expect(known).toContain(name.replace(/_FILE$/, ''));
      expect(bellhop.secrets).toContain(file.replace('/run/secrets/', ''));
    }
    expect(Object.keys(compose.secrets)).toEqual(bellhop.secrets);
  });

  it('starts with a command and options that exist', () => {
    const [name, ...options] = bellhop.command;
    const command = createProgram('0', async () => undefined).commands.find((each) => each.name() === name);
    for (const option of options) expect(command?.options.map((each) => each.long)).toContain(option);
  });

  it('names the version of the package', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('package.json')));
    expect(bellhop.image).toBe(`bellhop:${version}`);
  });
});

describe('the Dockerfile', () => {
  const steps = read('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const last = steps.slice(steps.findLastIndex((step) => step.startsWith('FROM ')));

  it('runs as a user without rights, whose number does not change, and asks for health', () => {
    expect(last.join('\n')).toMatch(/useradd .*--uid 10001 /);
    expect(last).toContain('USER bellhop');
    expect(last.filter((step) => step.startsWith('VOLUME '))).toEqual(['VOLUME /data']);
    // What it does is tested on the built product: test/e2e/tls.test.ts.
    expect(last.find((step) => step.startsWith('HEALTHCHECK'))).toMatch(/ CMD \["bellhop", "health"\]$/);
    expect(last.find((step) => step.startsWith('ENTRYPOINT'))).toBe('ENTRYPOINT ["tini", "--", "bellhop"]');
  });

  it('makes the program that it starts executable, which the compiler does not', () => {
    expect(steps.join('\n')).toContain('chmod 0755 dist/src/main.js');
    expect(last.join('\n')).toContain('ln -s /app/dist/src/main.js /usr/local/bin/bellhop');
  });

  it('takes only files along that exist', () => {
    const copied = steps
      .filter((step) => step.startsWith('COPY ') && !step.includes('--from='))
      .flatMap((step) => step.split(/\s+/).slice(1, -1));
    expect(copied.length).toBeGreaterThan(5);
    const ignored = read('.dockerignore').split('\n');
    for (const file of copied) {
      expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
      expect(ignored).not.toContain(file);
    }
  });
});

/** `maxPerProcess` → `MAX_PER_PROCESS` */
function toVariable(step: string): string {
  return step.replaceAll(/([A-Z])/g, '_$1').toUpperCase();
}
