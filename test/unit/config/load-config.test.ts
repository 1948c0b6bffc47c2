import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Environment } from '../../../src/config/environment.ts';
import { ConfigError, type LoadedConfig, loadConfig, loadStoreUrl } from '../../../src/config/load-config.ts';
import { describeConfig, renderExample } from '../../../src/config/reference.ts';

const channels = { whatsapp: z.strictObject({ endpoint: z.url().optional().describe('Where the servers are.') }) };
let workingDir: string;

beforeEach(() => {
  workingDir = mkdtempSync(join(tmpdir(), 'bellhop-config-'));
});
afterEach(() => rmSync(workingDir, { recursive: true }));

function load(yaml: string | null, environment: Environment = {}): LoadedConfig {
  if (yaml !== null) writeFileSync(join(workingDir, 'config.yaml'), yaml);
  return loadConfig({ environment, workingDir, channels });
}

function problemsOf(yaml: string | null, environment: Environment = {}): ConfigError['problems'] {
  try {
    load(yaml, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('looking for the store of a daemon that runs', () => {
  const find = (yaml: string, environment: Environment = {}): string => {
    writeFileSync(join(workingDir, 'config.yaml'), yaml);
    return loadStoreUrl({ environment, workingDir });
  };

  it('is not kept from it by secrets that only the service has', () => {
    const mail = '{ to: [a@b.example], from: a@b.example, smtp: { host: mail.example, user: a } }';
    expect(() => load(`alerts: { email: ${mail} }\n`)).toThrow(/password/);
    expect(find(`alerts: { email: ${mail} }\n`)).toBe('sqlite:./data/bellhop.db');
    const environment = {
      BELLHOP_SESSIONS__KEY_FILE: '/run/credentials/that/are/not/ours',
      BELLHOP_STORE__URL: 'sqlite:/var/lib/bellhop/bellhop.db',
    };
    expect(find('server: { prot: 1 }\n', environment)).toBe('sqlite:/var/lib/bellhop/bellhop.db');
  });

  it('says what is wrong with its place, and where that stands', () => {
    expect(() => find('store:\n  url: postgres://x\n')).toThrow(/config\.yaml:2: store\.url: sqlite:<path>/);
  });
});

describe('loading the configuration', () => {
  it('runs on defaults when there is no file', () => {
    const { config, file } = load(null);
    expect(file).toBeNull();
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8080 });
    expect(config.channels['whatsapp']).toEqual({});
  });

  it('names the line and the key of an unknown key', () => {
    expect(problemsOf('server:\n  port: 80\n  prot: 81\n')).toEqual([
      { key: 'server.prot', line: 3, message: 'unknown key' },
    ]);
  });

  it('names the line, the key and what was expected of a bad value, all at once', () => {
    const problems = problemsOf('server:\n  port: eighty\nlog:\n  level: loud\n');
    expect(problems.map(({ key, line }) => [key, line])).toEqual([
      ['server.port', 2],
      ['log.level', 4],
    ]);
    expect(problems[0]?.message).toMatch(/expected number/i);
    expect(problems[1]?.message).toMatch(/trace/);
  });

  it('names the line of broken YAML', () => {
    expect(problemsOf('server:\n  port: [1\n')[0]).toMatchObject({ line: expect.any(Number) });
  });

  it('points at the right item of a list', () => {
    expect(problemsOf('webhooks:\n  endpoints:\n    - url: https://a.example\n      secret: short\n')[0]).toMatchObject(
      {
        key: 'webhooks.endpoints.0.secret',
        line: 4,
      },
    );
  });

  it('lets the environment win over the file and says which variable was wrong', () => {
    expect(load('server: { port: 1 }', { BELLHOP_SERVER__PORT: '8181' }).config.server.port).toBe(8181);
    expect(problemsOf('', { BELLHOP_SERVER__PORT: 'x' })[0]).toMatchObject({
      key: 'server.port',
      variable: 'BELLHOP_SERVER__PORT',
    });
    expect(problemsOf('', { BELLHOP_SERVER__PROT: '1' })[0]).toMatchObject({
      key: 'server.prot',
      variable: 'BELLHOP_SERVER__PROT',
    });
  });

  it('reads secrets from the file that a _FILE variable names', () => {
    writeFileSync(join(workingDir, 'admin'), 'a-very-long-administrator-key\n');
    const { config } = load(null, { BELLHOP_AUTH__ADMIN_KEY_FILE: 'admin' });
    expect(config.auth.adminKey).toBe('a-very-long-administrator-key');
    expect(problemsOf(null, { BELLHOP_AUTH__ADMIN_KEY_FILE: 'absent' })[0]).toMatchObject({
      variable: 'BELLHOP_AUTH__ADMIN_KEY_FILE',
    });
  });

  it('puts ${NAME} in place, and leaves the key out when the variable is not set', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const yaml = 'sessions: { key: "${BELLHOP_SESSIONS_KEY}" }';
    expect(load(yaml, { BELLHOP_SESSIONS_KEY: key }).config.sessions.key).toBe(key);
    expect(load(yaml).config.sessions.key).toBeUndefined();
  });

  it('never repeats a wrong secret in its message', () => {
    const wrong = 'not-base64-but-very-secret';
    expect(JSON.stringify(problemsOf(`sessions: { key: ${wrong} }`))).not.toContain(wrong);
  });

  it('says what is missing when mails are to be sent, and takes a password of digits from the environment', () => {
    const to = 'alerts: { email: { to: [night@hotel.example] } }';
    expect(problemsOf(to).map(({ key }) => key)).toEqual(['alerts.email.from', 'alerts.email.smtp.host']);
    const whole = 'alerts: { email: { to: [root@localhost], from: a@b.example, smtp: { host: mail, user: bellhop } } }';
    expect(problemsOf(whole)).toMatchObject([{ key: 'alerts.email.smtp.password' }]);
    const { config } = load(whole, { BELLHOP_ALERTS__EMAIL__SMTP__PASSWORD: '123456' });
    expect(config.alerts.email.smtp).toMatchObject({ host: 'mail', secure: true, password: '123456' });
  });

  it('says when the named file does not exist', () => {
    expect(() => loadConfig({ path: 'nowhere.yaml', environment: {}, workingDir, channels })).toThrow(/does not exist/);
  });

  it('accepts its own example, which equals the defaults', () => {
    const defaults = load(null).config;
    expect(load(renderExample(describeConfig(channels))).config).toEqual(defaults);
  });
});
