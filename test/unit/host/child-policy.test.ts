import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionHandle, SessionListener } from '../../../src/engine/ports/connector-host.ts';
import { PULSE_MS } from '../../../src/engine/ports/connector-host.ts';
import type { ForkedHostDeps } from '../../../src/host/forked-host.ts';
import { ForkedHost } from '../../../src/host/index.ts';
import { RecordingListener, RecordingLogger, temporaryInit } from '../../support/fake-connector-host.ts';
import { InlineChild } from '../../support/inline-child.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const MEBIBYTE = 1_048_576;
const MINUTE_MS = 60_000;
const crashed = { end: 'crashed', text: 'crashed for a test' } as const;

let temporary: ReturnType<typeof temporaryInit>;
let clock: VirtualClock;
let host: ForkedHost;
let ends: string[];
/** Every child that was ever made. */
let children: InlineChild[];
/** Whether children can be started. */
let isBroken: boolean;

function makeHost(options: Partial<ForkedHostDeps> = {}): void {
  host = new ForkedHost({
    init: temporary.init,
    clock,
    log: new RecordingLogger(),
    maxSessionsPerChild: 2,
    maxMemoryBytes: 500 * MEBIBYTE,
    onProcessEnd: (channel, end) => ends.push(`${channel} ${end}`),
    makeChild: (deps) => {
      const child = new InlineChild(deps);
      if (isBroken) child.failure = new Error('broken');
      children.push(child);
      return child;
    },
    ...options,
  });
}

beforeEach(() => {
  temporary = temporaryInit();
  clock = new VirtualClock();
  ends = [];
  children = [];
  isBroken = false;
  makeHost();
});
afterEach(async () => {
  await host.stop(5_000);
  temporary.remove();
});

const open = (sessionId: string, listener: SessionListener = new RecordingListener()): Promise<SessionHandle> =>
  host.open({ sessionId, channel: 'hostile', config: {} }, listener);

/** A session with the listener of an engine: it moves when it is asked to. */
class Guest extends RecordingListener {
  readonly #sessionId: string;
  handle: SessionHandle | undefined;
  child: InlineChild | undefined;
  moves = 0;

  constructor(sessionId: string) {
    super();
    this.#sessionId = sessionId;
  }

  async open(): Promise<void> {
    this.handle = await open(this.#sessionId, this);
    this.child = children.find(({ client }) => client.sessionIds.includes(this.#sessionId));
  }

  override onLost(reason: string): void {
    super.onLost(reason);
    this.child = undefined;
  }

  async onMove(): Promise<void> {
    await this.handle?.close();
    await this.open();
    this.moves += 1;
  }
}

async function guests(...ids: string[]): Promise<Guest[]> {
  const all = ids.map((id) => new Guest(id));
  for (const guest of all) await guest.open();
  return all;
}

/** The child of the first one crashes; whoever was in it is opened again. */
async function crash(first: Guest | undefined, all: readonly Guest[]): Promise<void> {
  first?.child?.condemn(crashed);
  for (const guest of all) if (guest.child === undefined) await guest.open();
}

describe('memory of children', () => {
  it('keeps one that is above the limit from taking another session', async () => {
    const [a] = await guests('a');
    if (a?.child !== undefined) a.child.reading.rssBytes = 501 * MEBIBYTE;
    await clock.advance(PULSE_MS);
    const [b] = await guests('b');
    expect(b?.child?.pid).not.toBe(a?.child?.pid);
  });

  it('moves the sessions out of one that leaks, and ends it', async () => {
    const all = await guests('a', 'b');
    const old = all[0]?.child;
    await clock.advance(11 * MINUTE_MS);
    if (old !== undefined) old.reading.rssBytes = 751 * MEBIBYTE;
    await clock.advance(PULSE_MS);
    expect(all.map(({ moves, lost }) => [moves, lost.length])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(ends).toEqual(['hostile memory']);
    expect(host.processes().map(({ pid, sessions }) => [pid === old?.pid, sessions])).toEqual([[false, 2]]);
  });

  it('leaves a young one alone: a new one would be as large', async () => {
    const [a] = await guests('a');
    if (a?.child !== undefined) a.child.reading.rssBytes = 751 * MEBIBYTE;
    await clock.advance(2 * PULSE_MS);
    expect([a?.moves, host.processes()[0]?.isRetiring]).toEqual([0, false]);
  });
});

describe('a session that crashes its process', () => {
  it('is alone after three crashes within ten minutes, and then takes nobody down any more', async () => {
    makeHost({ maxSessionsPerChild: 20 });
    const all = await guests('poison', 'a', 'b');
    const [poison, a, b] = all;
    for (let round = 0; round < 6; round += 1) {
      await crash(poison, all);
      await clock.advance(MINUTE_MS);
    }
    expect(poison?.lost).toHaveLength(6);
    for (const guest of [a, b]) expect(guest?.lost.length).toBeLessThanOrEqual(3);
    expect(host.processes().find(({ pid }) => pid === poison?.child?.pid)?.sessions).toBe(1);
  });

  it('is not suspected when its process was killed from outside', async () => {
    makeHost({ maxSessionsPerChild: 20 });
    const all = await guests('a', 'b');
    for (let round = 0; round < 4; round += 1) {
      all[0]?.child?.condemn({ end: 'killed', text: 'was killed' });
      for (const guest of all) await guest.open();
    }
    expect(host.processes().map(({ sessions }) => sessions)).toEqual([2]);
  });

  it('goes back to the others when ten minutes were quiet', async () => {
    makeHost({ maxSessionsPerChild: 20 });
    const all = await guests('a', 'b');
    for (let round = 0; round < 3; round += 1) {
      for (const guest of all) guest.child?.condemn(crashed);
      for (const guest of all) await guest.open();
    }
    expect(host.processes().map(({ sessions }) => sessions)).toEqual([1, 1]);
    ends.length = 0;
    await clock.advance(11 * MINUTE_MS);
    expect(ends).toEqual(['hostile regrouped']);
    expect(host.processes().map(({ sessions }) => sessions)).toEqual([2]);
    expect(all.reduce((sum, { moves }) => sum + moves, 0)).toBe(1);
  });

  it('does not make the host start processes in a busy loop', async () => {
    const [a] = await guests('a');
    let started = 1;
    for (; started < 50; started += 1) {
      a?.child?.condemn(crashed);
      const isOpen = await a?.open().then(
        () => true,
        () => false,
      );
      if (isOpen !== true) break;
    }
    // Five of those that the sessions of the channel share, and as many of one that is alone by then.
    expect(started).toBeLessThanOrEqual(10);
    await expect(open('a')).rejects.toMatchObject({ code: 'session_down' });
    await clock.advance(MINUTE_MS);
    await open('a');
  });
});

describe('renewing', () => {
  it('replaces every child, moves each session once and loses none', async () => {
    const all = await guests('a', 'b', 'c');
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
    expect(after.filter(({ pid }) => before.includes(pid))).toEqual([]);
    expect(after.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(3);
  });

  it('leaves sessions where they are when no new process can be started', async () => {
    const [a] = await guests('a');
    const old = a?.child;
    isBroken = true;
    await host.renew();
    expect([a?.moves, a?.lost.length]).toEqual([0, 0]);
    expect(host.processes().map(({ pid, isRetiring }) => [pid, isRetiring])).toEqual([[old?.pid, false]]);
    isBroken = false;
    await host.renew();
    expect(a?.moves).toBe(1);
  });

  it('waits for a session that cannot be moved now, and takes the next one meanwhile', async () => {
    const [a, b] = await guests('a', 'b');
    let isLinking = true;
    if (a !== undefined) a.onMove = async () => (isLinking ? undefined : Guest.prototype.onMove.call(a));
    const renewed = host.renew();
    await clock.advance(5 * MINUTE_MS);
    expect([a?.moves, b?.moves]).toEqual([0, 1]);
    isLinking = false;
    await clock.advance(MINUTE_MS);
    await renewed;
    expect([a?.moves, b?.moves]).toEqual([1, 1]);
    expect([a?.lost, b?.lost]).toEqual([[], []]);
  });

  it('ends a child by force when a session of it does not come back in half an hour', async () => {
    const [a] = await guests('a');
    if (a !== undefined) a.onMove = () => new Promise(() => undefined);
    const renewed = host.renew();
    await clock.advance(28 * MINUTE_MS);
    expect(a?.lost).toEqual([]);
    await clock.advance(2 * MINUTE_MS);
    await renewed;
    expect(a?.lost).toEqual(['was replaced']);
    expect(ends).toEqual(['hostile renewed']);
  });
});
