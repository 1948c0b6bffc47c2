import { EventEmitter } from 'node:events';
import type { GroupMetadata } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { GroupDirectory } from '../groups.ts';
import { AckWaiter } from '../outbound-acks.ts';
import { toVcard } from '../outbound-content.ts';
import { OutboundStore } from '../outbound-store.ts';
import { createRetryCounters } from '../retry-counters.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

describe('waiting for an acknowledgement', () => {
  let frames: EventEmitter;
  let acks: AckWaiter;
  const ack = (attrs: object) => frames.emit('TAG:A', { tag: 'ack', attrs: { id: 'A', class: 'message', ...attrs } });

  beforeEach(() => {
    frames = new EventEmitter();
    acks = new AckWaiter({ frames, clock });
  });

  it("resolves with the server's time, or ours where it gives none", async () => {
    const first = acks.expect('A').arrived;
    ack({ t: '1700000000' });
    expect(await first).toBe(1_700_000_000_000);
    const second = acks.expect('A').arrived;
    ack({});
    expect(await second).toBe(clock.now());
    expect(frames.listenerCount('TAG:A')).toBe(0);
  });

  it('is not misled by other stanzas with the same id', async () => {
    const waiting = acks.expect('A').arrived;
    frames.emit('TAG:A', { tag: 'message', attrs: { id: 'A' } });
    frames.emit('TAG:A', { tag: 'ack', attrs: { id: 'A', class: 'receipt' } });
    const failed = expect(waiting).rejects.toMatchObject({ code: 'send_timeout', certainty: 'maybe_sent' });
    await clock.advance(30_000);
    await failed;
    expect(frames.listenerCount('TAG:A')).toBe(0);
  });

  it('ends when the caller gives up', async () => {
    const abort = new AbortController();
    const waiting = acks.expect('A', abort.signal).arrived;
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'send_timeout', certainty: 'maybe_sent', retryable: true });
    expect(clock.pendingTimers).toBe(0);
  });

  it('can be called off', () => {
    acks.expect('A').cancel();
    expect(frames.listenerCount('TAG:A')).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what was sent', () => {
  it('is kept for whoever asks again, over a restart, the youngest thousand', async () => {
    const vault = new MemoryVault({ clock });
    const before = new OutboundStore({ vault, clock });
    for (let index = 0; index < 1_002; index += 1) {
      before.keep(`id-${index}`, Buffer.from(`message ${index}`));
      await clock.advance(1);
    }
    before.keep('id-2', Buffer.from('message 2 again'));
    const after = new OutboundStore({ vault, clock });
    after.keep('id-new', Buffer.from('new'));
    expect(after.sent('id-0')).toBeUndefined();
    expect(after.sent('id-3')).toBeUndefined();
    expect(Buffer.from(after.sent('id-2') ?? []).toString()).toBe('message 2 again');
    expect(Buffer.from(after.sent('id-1001') ?? []).toString()).toBe('message 1001');
    expect(vault.secrets.entries('whatsapp.sent-message')).toHaveLength(1_000);
  });

  it('remembers whom the network knows', () => {
    const vault = new MemoryVault({ clock });
    const store = new OutboundStore({ vault, clock });
    expect(store.knows('4915112345678')).toBe(false);
    store.know('4915112345678');
    const commits = vault.commits;
    store.know('4915112345678');
    expect(vault.commits).toBe(commits);
    expect(new OutboundStore({ vault, clock }).knows('4915112345678')).toBe(true);
  });
});

describe('what is known of groups', () => {
  const GROUP = '120363041234567890@g.us';
  const metadata = (subject: string): GroupMetadata => ({ id: GROUP, subject, owner: undefined, participants: [] });
  const notification = (child: { tag: string; attrs: Record<string, string> }) => ({
    tag: 'notification',
    attrs: { type: 'w:gp2', from: GROUP },
    content: [child],
  });

  it('is asked for once, and again after its members changed', async () => {
    const groups = new GroupDirectory({ log: silentLogger });
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return metadata('Choir');
    };
    await groups.metadataOf(GROUP, ask);
    await groups.metadataOf(GROUP, ask);
    expect(asked).toBe(1);
    expect(groups.onNotification(notification({ tag: 'add', attrs: {} }))).toEqual({ jid: GROUP });
    await groups.metadataOf(GROUP, ask);
    expect(asked).toBe(2);
    expect(groups.titleOf(GROUP)).toBe('Choir');
  });

  it('changes its title by a notification', () => {
    const groups = new GroupDirectory({ log: silentLogger });
    const renamed = notification({ tag: 'subject', attrs: { subject: 'Men’s choir' } });
    expect(groups.onNotification(renamed)).toEqual({ jid: GROUP, title: 'Men’s choir' });
    expect(groups.titleOf(GROUP)).toBe('Men’s choir');
  });

  it('leaves the question to the library where the server does not answer', async () => {
    const groups = new GroupDirectory({ log: silentLogger });
    const refuse = async (): Promise<GroupMetadata> => {
      throw new Error('forbidden');
    };
    expect(await groups.metadataOf(GROUP, refuse)).toBeUndefined();
  });
});

it('a contact card cannot break out of its lines', () => {
  const card = toVcard({ name: 'Eve\nTEL:+1;x', phones: ['+49 30 555\nURL:evil'] });
  expect(card.split('\n')).toEqual([
    'BEGIN:VCARD',
    'VERSION:3.0',
    'N:;Eve\\nTEL:+1\\;x;;;',
    'FN:Eve\\nTEL:+1\\;x',
    'TEL;type=CELL;waid=4930555:+49 30 555',
    'END:VCARD',
  ]);
});

it('retry counters are bounded', async () => {
  const counters = createRetryCounters();
  for (let index = 0; index < 1_001; index += 1) await counters.set(`m${index}`, 1);
  expect(await counters.get('m0')).toBeUndefined();
  expect(await counters.get('m1000')).toBe(1);
});
