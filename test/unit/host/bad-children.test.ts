import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionHandle, SessionListener } from '../../../src/engine/ports/connector-host.ts';
import type { ForkedHostDeps } from '../../../src/host/forked-host.ts';
import { ForkedHost } from '../../../src/host/index.ts';
import {
  fakeChildModule,
  RecordingListener,
  RecordingLogger,
  say,
  temporaryInit,
  until,
} from '../../support/fake-connector-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const MEBIBYTE = 1_048_576;
const HEARTBEAT_MS = 5_000;

let temporary: ReturnType<typeof temporaryInit>;
let clock: VirtualClock;
let host: ForkedHost;
let ends: string[];

function makeHost(options: Partial<ForkedHostDeps> = {}): void {
  host = new ForkedHost({
    init: temporary.init,
    clock,
    log: new RecordingLogger(),
    childModule: fakeChildModule,
    maxSessionsPerChild: 2,
    maxMemoryBytes: 500 * MEBIBYTE,
    onProcessEnd: (channel, end) => ends.push(`${channel} ${end}`),
    ...options,
  });
}

beforeEach(() => {
  temporary = temporaryInit();
  clock = new VirtualClock();
  ends = [];
  makeHost();
});
afterEach(async () => {
  const stopped = host.stop(5_000);
  await clock.advance(0);
  await stopped;
  temporary.remove();
});

const open = (sessionId: string, listener: SessionListener = new RecordingListener(), channel = 'hostile') =>
  host.open({ sessionId, channel, config: {} }, listener);

const tell = (session: SessionHandle, text: string): void => {
  session.call('send', say(text)).catch(() => undefined);
};

const pidOf = async (session: SessionHandle): Promise<number> =>
  Number((await session.call('send', say('pid'))).networkId);

/** A listener that moves as the engine's does. */
class MovingListener extends RecordingListener {
  readonly #sessionId: string;
  handle: SessionHandle | undefined;
  moves = 0;

  constructor(sessionId: string) {
    super();
    this.#sessionId = sessionId;
  }

  async open(): Promise<SessionHandle> {
    this.handle = await open(this.#sessionId, this);
    return this.handle;
  }

  async onMove(): Promise<void> {
    await this.handle?.close();
    await this.open();
    this.moves += 1;
  }
}

/** Time passes, and whoever is to be well answers meanwhile. */
async function pass(durationMs: number, ...well: readonly SessionHandle[]): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += HEARTBEAT_MS) {
    await clock.advance(HEARTBEAT_MS);
    await Promise.all(well.map((session) => pidOf(session).catch(() => 0)));
  }
}

const MINUTE_MS = 60_000;

describe('memory of children', () => {
  const claim = async (session: SessionHandle, mebibytes: number): Promise<void> => {
    const bytes = mebibytes * MEBIBYTE;
    await session.call('send', say(`claim-memory ${bytes}`));
    await until(() => host.processes().some(({ rssBytes }) => rssBytes === bytes));
  };

  it('keeps one that is above the limit from taking another session', async () => {
    const first = await open('a');
    await claim(first, 501);
    expect(await pidOf(await open('b'))).not.toBe(await pidOf(first));
  });

  it('moves the sessions out of one that leaks, and ends it', async () => {
    const [a, b] = [new MovingListener('a'), new MovingListener('b')];
    const first = await a.open();
    await b.open();
    const pid = await pidOf(first);
    await pass(11 * MINUTE_MS, first);
    await claim(first, 751);
    await until(() => a.moves === 1 && b.moves === 1 && ends.length === 1);
    expect(ends).toEqual(['hostile memory']);
    expect([...a.lost, ...b.lost]).toEqual([]);
    expect(host.processes().map(({ sessions }) => sessions)).toEqual([2]);
    expect(host.processes()[0]?.pid).not.toBe(pid);
  });

  it('leaves a young one alone: a new one would be as large', async () => {
    const a = new MovingListener('a');
    await claim(await a.open(), 751);
    const pulses = host.processes()[0]?.isRetiring;
    expect([pulses, a.moves]).toEqual([false, 0]);
  });
});

describe('a session that crashes its process', () => {
  const crash = async (session: SessionHandle, listener: RecordingListener): Promise<void> => {
    const before = listener.lost.length;
    tell(session, 'exit 1');
    await until(() => listener.lost.length > before);
  };

  it('is alone after three crashes within ten minutes, and the others together again', async () => {
    makeHost({ maxSessionsPerChild: 20 });
    const [bad, good] = [new RecordingListener(), new RecordingListener()];
    for (let round = 0; round < 3; round += 1) {
      await open('good', good);
      await crash(await open('bad', bad), bad);
      await until(() => good.lost.length > round);
    }
    const well = await open('good', good);
    const poison = await open('bad', bad);
    expect(await pidOf(poison)).not.toBe(await pidOf(well));
    await crash(poison, bad);
    expect(good.lost).toHaveLength(3);
    expect((await well.call('send', say('hello', 'id-1'))).networkId).toBe('id-1');
  });

  it('is no longer set apart when ten minutes were quiet', async () => {
    makeHost({ maxSessionsPerChild: 20 });
    const all = [new MovingListener('a'), new MovingListener('b')];
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(all.map((each) => each.open()));
      tell(all[0]?.handle ?? (await open('c')), 'exit 1');
      await until(() => all.every((each) => each.lost.length > round));
    }
    for (const each of all) await each.open();
    expect(host.processes().map(({ sessions }) => sessions)).toEqual([1, 1]);
    ends.length = 0;
    await pass(11 * MINUTE_MS, ...all.flatMap(({ handle }) => handle ?? []));
    await until(() => ends.length === 1);
    expect(ends).toEqual(['hostile regrouped']);
    expect(host.processes().map(({ sessions }) => sessions)).toEqual([2]);
    expect(all.reduce((sum, { moves }) => sum + moves, 0)).toBe(1);
    expect(all.map(({ lost }) => lost.length)).toEqual([3, 3]);
  });

  it('does not make the host start processes in a busy loop', async () => {
    const listener = new RecordingListener();
    makeHost({ maxSessionsPerChild: 1 });
    for (let round = 0; round < 5; round += 1) await crash(await open('a', listener), listener);
    await expect(open('a', listener)).rejects.toMatchObject({ code: 'session_down' });
    expect(host.processes()).toEqual([]);
    const other = await open('b');
    await pass(MINUTE_MS, other);
    await open('a', listener);
  });
});

describe('renewing', () => {
  it('replaces every child, moves each session once and tells why', async () => {
    const all = ['a', 'b', 'c'].map((id) => new MovingListener(id));
    for (const each of all) await each.open();
    const before = host.processes().map(({ pid }) => pid);
    expect(before).toHaveLength(2);
    await Promise.all([host.renew(), host.renew()]);
    expect(all.map(({ moves, lost }) => [moves, lost.length])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(ends).toEqual(['hostile renewed', 'hostile renewed']);
    const after = host.processes();
    expect(after.map(({ pid }) => pid).filter((pid) => before.includes(pid))).toEqual([]);
    expect(after.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(3);
  });

  it('leaves sessions where they are when no new process can be started', async () => {
    let module = fakeChildModule;
    const movable = { init: temporary.init, clock, log: new RecordingLogger(), maxSessionsPerChild: 2 };
    host = new ForkedHost({
      ...movable,
      get childModule() {
        return module;
      },
      onProcessEnd: (channel, end) => ends.push(`${channel} ${end}`),
    });
    const a = new MovingListener('a');
    const pid = await pidOf(await a.open());
    module = new URL('./not-there.ts', fakeChildModule);
    await host.renew();
    expect([a.moves, a.lost.length]).toEqual([0, 0]);
    expect(host.processes().map((each) => [each.pid, each.isRetiring])).toEqual([[pid, false]]);
    await until(() => ends.length > 0);
    expect(ends).toEqual(['hostile crashed']);
  });

  it('ends a child by force when a session of it does not come back in half an hour', async () => {
    let asked = 0;
    const stuck = Object.assign(new RecordingListener(), {
      onMove: () => {
        asked += 1;
        return new Promise<void>(() => undefined);
      },
    });
    const session = await open('a', stuck);
    const renewed = host.renew();
    await until(() => asked === 1); // a new child has been started by then, in real time
    const isOver = new AbortController();
    void renewed.then(() => isOver.abort());
    while (!isOver.signal.aborted) await pass(HEARTBEAT_MS, session);
    await until(() => stuck.lost.length === 1);
    expect(stuck.lost).toEqual(['was replaced']);
    expect(asked).toBe(15);
    expect(ends).toContain('hostile renewed');
  });
});
