import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { ChildInit } from '../../../src/host/index.ts';
import { ForkedHost } from '../../../src/host/index.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { fakeSecret } from '../../support/fake-connector.ts';
import {
  fakeChildModule,
  fakeSpec,
  RecordingListener,
  RecordingLogger,
  say,
  temporaryInit,
  until,
} from '../../support/fake-connector-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let init: ChildInit;
let remove: () => void;
let clock: VirtualClock;
let log: RecordingLogger;
let listener: RecordingListener;
let host: ForkedHost;

function makeHost(options: { maxSessionsPerChild?: number } = {}): ForkedHost {
  return new ForkedHost({ init, clock, log, childModule: fakeChildModule, ...options });
}

beforeEach(() => {
  ({ init, remove } = temporaryInit());
  clock = new VirtualClock();
  log = new RecordingLogger();
  listener = new RecordingListener();
  host = makeHost();
});
afterEach(async () => {
  const stopped = host.stop(5_000);
  await clock.advance(0);
  await stopped;
  remove();
});

/** Its timers can fire late, as when the event loop was blocked. */
class LateClock extends VirtualClock {
  lateMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.lateMs;
  }
}

const pidOf = (index = 0): number => host.processes()[index]?.pid ?? 0;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('children of the forked host', () => {
  it('start with the first session, one a channel, and a further one when the first is full', async () => {
    host = makeHost({ maxSessionsPerChild: 2 });
    await host.start();
    expect(host.processes()).toEqual([]);
    await Promise.all(['a', 'b', 'c'].map((id) => host.open(fakeSpec(id), listener)));
    expect(host.processes().map(({ channel, sessions }) => [channel, sessions])).toEqual([
      ['fake', 2],
      ['fake', 1],
    ]);
  });

  it('give a session that wants a fresh process one that has never run it', async () => {
    const pidFor = async (id: string, freshProcess?: true): Promise<string> => {
      const spec = { ...fakeSpec(id), channel: 'hostile', ...(freshProcess === undefined ? {} : { freshProcess }) };
      const session = await host.open(spec, listener);
      const { networkId } = await session.call('send', say('pid'));
      await session.close();
      return networkId;
    };
    const first = await pidFor('a');
    expect(await pidFor('a')).toBe(first);
    const second = await pidFor('a', true);
    expect(second).not.toBe(first);
    expect(await pidFor('b', true)).toBe(first);
    expect([first, second]).not.toContain(await pidFor('a', true));
  });

  it('are kept for a while when their last session closes, then end', async () => {
    const first = await host.open(fakeSpec(), listener);
    const pid = pidOf();
    await first.close();
    await clock.advance(30_000);
    const second = await host.open(fakeSpec(), listener);
    expect(pidOf()).toBe(pid);
    await second.close();
    await clock.advance(61_000);
    await until(() => !isAlive(pid));
    expect(host.processes()).toEqual([]);
    await host.open(fakeSpec(), listener);
    expect(pidOf()).not.toBe(pid);
  });

  it('lose all their sessions when they crash, and leave the other child alone', async () => {
    host = makeHost({ maxSessionsPerChild: 2 });
    const other = new RecordingListener();
    const [first] = await Promise.all([host.open(fakeSpec('a'), listener), host.open(fakeSpec('b'), listener)]);
    const third = await host.open(fakeSpec('c'), other);
    first.call('send', say('crash')).catch(() => undefined);
    await until(() => listener.lost.length === 2);
    expect(listener.lost[0]).toContain('SIGKILL');
    expect(other.lost).toEqual([]);
    expect((await third.call('send', say('hello', 'id-1'))).networkId).toBe('id-1');
    await host.open(fakeSpec('a'), listener);
  });

  it('are ended and their sessions lost when they hang', async () => {
    await host.open(fakeSpec(), listener);
    const pid = pidOf();
    process.kill(pid, 'SIGSTOP');
    await clock.advance(20_000);
    expect(listener.lost).toEqual([]);
    await clock.advance(30_000);
    await until(() => listener.lost.length === 1);
    expect(listener.lost[0]).toContain('did not answer');
    expect(isAlive(pid)).toBe(false);
  });

  it('stay while they answer', async () => {
    const session = await host.open(fakeSpec(), listener);
    for (let beat = 0; beat < 12; beat += 1) {
      await clock.advance(5_000);
      await session.call('send', say('hello'));
    }
    expect(listener.lost).toEqual([]);
  });

  it('are not blamed when it was the daemon that was blocked', async () => {
    const late = new LateClock();
    clock = late;
    host = makeHost();
    await host.open(fakeSpec(), listener);
    process.kill(pidOf(), 'SIGSTOP');
    for (let beat = 0; beat < 12; beat += 1) {
      late.lateMs += 30_000;
      await late.advance(5_000);
    }
    expect(isAlive(pidOf())).toBe(true);
    expect(listener.lost).toEqual([]);
    await late.advance(60_000);
    await until(() => listener.lost.length === 1);
  });

  it('are ended by force when they do not stop in time', async () => {
    await host.open(fakeSpec(), listener);
    const pid = pidOf();
    process.kill(pid, 'SIGSTOP');
    const stopped = host.stop(5_000);
    await clock.advance(5_000);
    await stopped;
    expect(isAlive(pid)).toBe(false);
    expect(listener.lost).toEqual([]);
  });

  it('do not end on the signals that a terminal sends to the whole group', async () => {
    const session = await host.open(fakeSpec(), listener);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pidOf(), signal);
    expect((await session.call('send', say('hello', 'id-2'))).networkId).toBe('id-2');
  });

  it('survive a promise that a library left rejected, and say so', async () => {
    const session = await host.open(fakeSpec(), listener);
    await session.call('send', say('reject-unseen'));
    await until(() => log.lines.some((line) => line.text.includes('left rejected')));
    expect((await session.call('send', say('hello', 'id-3'))).networkId).toBe('id-3');
  });
});

describe('what a child lets out', () => {
  it('knows the key of the vaults, but not by its environment or arguments', async () => {
    process.env['BELLHOP_SESSIONS__KEY'] = 'canary-key';
    try {
      const session = await host.open(fakeSpec(), listener);
      const seen = (await session.call('send', say('environment'))).networkId;
      const key = Buffer.from(init.sessionsKey);
      for (const secret of ['canary-key', key.toString('base64'), key.toString('hex')])
        expect(seen).not.toContain(secret);
      expect(execFileSync('ps', ['-o', 'args=', '-p', String(pidOf())]).toString()).not.toContain(
        key.toString('base64'),
      );
    } finally {
      delete process.env['BELLHOP_SESSIONS__KEY'];
    }
  });

  it('brings log lines to the daemon with their fields and errors', async () => {
    const session = await host.open(fakeSpec(), listener);
    await session.call('send', say('log'));
    await until(() => log.lines.some((line) => line.text === 'the fake speaks'));
    const line = log.lines.find((entry) => entry.text === 'the fake speaks');
    expect(line).toMatchObject({ level: 'info', fields: { session: 'front-desk', channel: 'fake', n: 1 } });
    expect(line?.fields['error']).toMatchObject({ name: 'RangeError', message: 'too far' });
  });

  it('never shows in the log what a library printed, only that it did', async () => {
    const session = await host.open(fakeSpec(), listener);
    await session.call('send', say('print'));
    const printed = (): boolean =>
      ['stdout', 'stderr'].every((stream) => log.lines.some((line) => line.fields['stream'] === stream));
    await until(printed);
    session.call('send', say('explode')).catch(() => undefined);
    await until(() => log.lines.some((line) => line.text === 'a child process ended unexpectedly'));
    expect(log.lines.some((line) => line.text === 'a child met an error nobody caught')).toBe(true);
    const everything = log.lines
      .flatMap((line) => [line.text, ...Object.values(line.fields)])
      .map((part) => (part instanceof Error ? `${part.message} ${part.stack ?? ''}` : String(part)))
      .join('\n');
    expect(everything).toContain('exploded');
    for (const secret of fakeSecret.split(' ')) expect(everything).not.toContain(secret);
    expect(listener.lost).toEqual(['met an error that nobody caught and ended with code 70']);
  });
});

describe('a child whose daemon is killed', () => {
  it('ends by itself and lets its vaults go', async () => {
    const module = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
    const program = `
      const { systemClock } = await import(${module('../../../src/core/clock.ts')});
      const { silentLogger } = await import(${module('../../../src/core/logger.ts')});
      const { ForkedHost } = await import(${module('../../../src/host/index.ts')});
      const init = { ...${JSON.stringify(init)}, sessionsKey: new Uint8Array(32).fill(9) };
      const host = new ForkedHost({ init, clock: systemClock, log: silentLogger, childModule: new URL(${JSON.stringify(fakeChildModule.href)}) });
      await host.open({ sessionId: 'front-desk', channel: 'fake', config: {} }, { onEvent: async () => {}, onLost: () => {} });
      process.stdout.write(host.processes()[0].pid + '\\n');`;
    const daemon = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: daemon.stdout }), 'line')) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    daemon.kill('SIGKILL');
    await until(() => !isAlive(pid));
    openVault({
      dir: init.sessionsDir,
      sessionId: 'front-desk',
      masterKey: init.sessionsKey,
      clock: systemClock,
    }).close();
  });
});

describe('the shipped child', () => {
  it('opens a session of a real channel without touching a network', async () => {
    host = new ForkedHost({ init, clock, log });
    const session = await host.open({ sessionId: 'reception', channel: 'whatsapp', config: {} }, listener);
    expect(session.linked).toBe(false);
    await session.close();
  });
});
