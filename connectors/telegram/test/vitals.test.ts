import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionVitals } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Inbox } from '../inbox.ts';
import type { JournalEntry } from '../journal-entry.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import type { GapsServer } from './gaps-server.ts';
import { memoryMedia } from './send-support.ts';
import { Bench, isEnd, isMessage } from './session-support.ts';
import { refused, SyncStage } from './updates-support.ts';

describe.each(engineNames)('the vital signs of an account, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  let bench: Bench;
  let guest: Guest;

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  beforeEach(async () => {
    const account = network.createAccount();
    bench = new Bench(network, account, [engine]);
    guest = network.createGuest(account);
    await bench.link();
  });
  afterEach(() => bench.stop());

  const vitals = (): SessionVitals => {
    const told = bench.session.vitals?.();
    if (told === undefined) throw new Error('an account has vital signs');
    return told;
  };

  it('are those of the connection that is open', async () => {
    expect(vitals()).toEqual({ silentForMs: null, oldestPendingMs: 0, pushes: 0 });
    await bench.session.connect();
    guest.say('one');
    guest.say('two');
    await expect.poll(() => bench.events.filter(isMessage).length).toBe(2);
    expect(vitals()).toMatchObject({ oldestPendingMs: 0, pushes: 2 });
    await bench.session
      .send({ ...question, networkId: 'r1', attempt: 1 }, { signal: new AbortController().signal })
      .catch(() => undefined);
    expect(vitals().pushes).toBe(2); // what answers brought was asked for
    network.server.wire.cut();
    await bench.event(isEnd);
    expect(vitals()).toMatchObject({ silentForMs: null, pushes: 0 });
  });

  it('tell how long nothing came, and hear every byte', async () => {
    await bench.session.connect();
    await expect.poll(() => vitals().silentForMs).toBeGreaterThan(50);
    const before = vitals().silentForMs ?? 0;
    await bench.session.probe?.();
    expect(vitals().silentForMs).toBeLessThan(before);
  });

  it('do not call a message stuck that the daemon takes its time over', async () => {
    let store: () => void = () => undefined;
    bench.onEmit = () => new Promise((resolve) => void (store = resolve));
    await bench.session.connect();
    guest.say('one');
    guest.say('two');
    await expect.poll(() => vitals().pushes).toBe(2);
    await bench.session.probe?.();
    expect(vitals().oldestPendingMs).toBe(0);
    bench.onEmit = () => undefined;
    store();
    await expect.poll(() => bench.events.filter(isMessage).length).toBe(2);
  });
});

const question = { chat: { kind: 'direct', addresses: ['id:1'] }, content: { type: 'text', body: 'Hello?' } } as const;

const sayTwice = (server: GapsServer): void => {
  server.say();
  server.say();
};

describe('what is stuck in the loop of updates', () => {
  it('is what waits behind a question that nobody answers', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [first, second] = stage.happen(sayTwice);
    stage.script('updates.getDifference', refused(500, 'INTERNAL'));
    expect(sync.waitingSince).toBeUndefined();
    if (second !== undefined) await stage.feed(sync, second);
    await stage.clock.advance(700); // the gap is one, and could not be filled
    expect(stage.clock.monotonic() - (sync.waitingSince ?? NaN)).toBe(700);
    await stage.clock.advance(5_000);
    expect(sync.waitingSince).toBeUndefined();
    expect(stage.ids).toHaveLength(2);
    expect(first).toBeDefined();
    await sync.stop();
  });

  it('is nothing while the network wants to be left alone', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [, second] = stage.happen(sayTwice);
    stage.script('updates.getDifference', refused(420, 'FLOOD_WAIT_30'));
    if (second !== undefined) await stage.feed(sync, second);
    await stage.clock.advance(700);
    expect(sync.waitingSince).toBeUndefined();
    await sync.stop();
  });
});

describe('the order of the inbox', () => {
  const text = (chat: string, networkId: string): JournalEntry => ({
    events: [
      {
        type: 'message',
        message: {
          networkId,
          chat: { kind: 'direct', addresses: [chat] },
          sender: { addresses: [chat] },
          direction: 'inbound',
          content: { type: 'text', body: networkId },
          sentAt: 1,
        },
      },
    ],
    files: [],
  });
  const file = { kind: 'file', mimeType: 'text/plain', source: null } as const;
  const canary: JournalEntry = { events: [{ type: 'canary', token: 'c1', at: 1 }], files: [] };

  const open = async (fetchFile: () => AsyncIterable<Uint8Array>) => {
    const clock = new VirtualClock();
    const told: string[] = [];
    const stores: (() => void)[] = [];
    const inbox = new Inbox({
      context: {
        sessionId: 'desk',
        config: {},
        vault: new MemoryVault({ clock }),
        media: memoryMedia(new Map()),
        clock,
        random: systemRandom,
        log: silentLogger,
        signal: new AbortController().signal,
        emit: (event) => {
          told.push(event.type === 'message' ? event.message.networkId : event.type);
          return new Promise((resolve) => stores.push(resolve));
        },
      },
      fetchFile,
    });
    await inbox.replay();
    const store = async (): Promise<void> => {
      stores.shift()?.();
      await settle();
    };
    return { clock, inbox, told, store };
  };
  async function* never(): AsyncGenerator<Uint8Array> {
    await new Promise(() => undefined);
    yield new Uint8Array();
  }

  it('puts a canary behind everything that came before it, in every chat', async () => {
    const { inbox, told, store } = await open(never);
    for (const entry of [text('id:1', 'a1'), text('id:2', 'b1'), text('id:1', 'a2'), canary, text('id:2', 'b2')])
      inbox.put(entry);
    inbox.work();
    await settle();
    expect(told).toEqual(['a1', 'b1']);
    await store(); // a1
    expect(told).toEqual(['a1', 'b1', 'a2']);
    await store(); // b1
    expect(told).not.toContain('canary');
    await store(); // a2
    expect(told).toContain('canary');
  });

  it('does not have a canary wait for a file', async () => {
    const { inbox, told, clock } = await open(never);
    inbox.put({ ...text('id:1', 'a1'), files: [file] });
    inbox.put(canary);
    inbox.work();
    await settle();
    expect(told).toEqual(['canary']);
    await clock.advance(20_000);
    expect(inbox.stuckSince).toBeUndefined();
  });

  it('is stuck with what was put and is not worked on', async () => {
    const { inbox, clock, store } = await open(never);
    inbox.put(text('id:1', 'a1'));
    await clock.advance(20_000);
    expect(clock.monotonic() - (inbox.stuckSince ?? NaN)).toBe(20_000);
    inbox.work();
    expect(inbox.stuckSince).toBeUndefined();
    await store();
  });
});
