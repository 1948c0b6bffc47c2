import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import type { SessionHandle } from '../../../src/engine/ports/connector-host.ts';
import { ForkedHost } from '../../../src/host/index.ts';
import { fakeChildModule, RecordingListener, say, temporaryInit, until } from '../../support/fake-connector-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HEARTBEAT_MS = 5_000;
const MINUTE_MS = 60_000;

// A child costs half a second to start, so those that stay well are the same in every test.
const temporary = temporaryInit();
const clock = new VirtualClock();
const ends: string[] = [];
const host = new ForkedHost({
  init: temporary.init,
  clock,
  log: silentLogger,
  childModule: fakeChildModule,
  maxSessionsPerChild: 2,
  onProcessEnd: (channel, end) => ends.push(`${channel} ${end}`),
});
const beside = new RecordingListener();
const elsewhere = new RecordingListener();
const well: SessionHandle[] = [];
let cases = 0;

const open = (sessionId: string, listener: RecordingListener, channel = 'hostile'): Promise<SessionHandle> =>
  host.open({ sessionId, channel, config: {} }, listener);

const tell = (session: SessionHandle, text: string): void => {
  session.call('send', say(text)).catch(() => undefined);
};

const pidOf = async (session: SessionHandle): Promise<number> =>
  Number((await session.call('send', say('pid'))).networkId);

/** A minute passes, and whoever is to be well answers meanwhile. */
async function passMinute(...alive: readonly SessionHandle[]): Promise<void> {
  for (let passed = 0; passed < MINUTE_MS; passed += HEARTBEAT_MS) {
    await clock.advance(HEARTBEAT_MS);
    await Promise.all([...well, ...alive].map((session) => session.call('send', say('hello')).catch(() => undefined)));
  }
}

beforeAll(async () => {
  well.push(await open('c', beside), await open('d', beside), await open('e', elsewhere, 'fake'));
});
beforeEach(() => {
  cases += 1;
  ends.length = 0;
});
afterAll(async () => {
  const stopped = host.stop(5_000);
  await clock.advance(0);
  await stopped;
  temporary.remove();
});

type Ruin = (bad: SessionHandle, pid: number) => Promise<void>;

describe('a child that goes bad is replaced, and nobody else notices', () => {
  it.each<[string, string, string, Ruin]>([
    ['by SIGKILL', 'killed', 'SIGKILL from outside', async (_bad, pid) => void process.kill(pid, 'SIGKILL')],
    [
      'by SIGSTOP',
      'hung',
      'did not answer any more',
      async (_bad, pid) => {
        process.kill(pid, 'SIGSTOP');
        await passMinute();
      },
    ],
    ['by an exit of a library', 'crashed', 'ended by itself with code 0', async (bad) => tell(bad, 'exit 0')],
    ['by an error that nobody caught', 'crashed', 'an error that nobody caught', async (bad) => tell(bad, 'explode')],
    ['by an abort', 'crashed', 'was ended by SIGABRT', async (bad) => tell(bad, 'abort')],
    [
      'by a loop that is blocked again and again',
      'slow',
      'blocked for seconds',
      async (bad, pid) => {
        tell(bad, 'claim-lag 5000');
        await until(() => host.processes().some((each) => each.pid === pid && each.loopLagMs === 5_000));
        await passMinute(bad);
      },
    ],
  ])('%s', async (_how, end, words, ruin) => {
    const [first, second] = [new RecordingListener(), new RecordingListener()];
    const bad = await open(`a${cases}`, first);
    await open(`b${cases}`, second);
    const pid = await pidOf(bad);
    await ruin(bad, pid);
    await until(() => first.lost.length === 1 && second.lost.length === 1);
    for (const { lost } of [first, second]) expect(lost[0]).toContain(words);
    expect(ends).toEqual([`hostile ${end}`]);
    expect([beside.lost, elsewhere.lost]).toEqual([[], []]);
    for (const session of well) expect((await session.call('send', say('hello', 'id-1'))).networkId).toBe('id-1');
    const again = await open(`a${cases}`, first);
    expect(await pidOf(again)).not.toBe(pid);
    await again.close(); // its child is the next to go bad
    await passMinute(); // crashes that are further apart do not hold up new processes
  });

  it('by a heap that is full', async () => {
    // A child that is there already would be taken, and would have another limit.
    const tight = new ForkedHost({ init: temporary.init, clock, log: silentLogger, childModule: fakeChildModule });
    const listener = new RecordingListener();
    process.env['NODE_OPTIONS'] = '--max-old-space-size=64';
    const opening = tight.open({ sessionId: 'full', channel: 'hostile', config: {} }, listener);
    delete process.env['NODE_OPTIONS'];
    tell(await opening, 'hoard');
    await until(() => listener.lost.length === 1);
    expect(listener.lost).toEqual(['ran out of memory: its heap was full']);
    await tight.stop(0);
  });
});
