import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Chat, ConnectorEvent } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { AddressLookup } from '../address-lookup.ts';
import { GroupDirectory } from '../groups.ts';
import { PresenceDesk } from '../presence.ts';
import type { Line } from '../socket.ts';

const chat: Chat = { kind: 'direct', addresses: ['+4915112345678'] };
const JID = '4915112345678@s.whatsapp.net';

let clock: VirtualClock;
let said: string[];
let events: ConnectorEvent[];
let ws: EventEmitter;
let ev: EventEmitter;
let endLine: () => void;
let desk: PresenceDesk;

beforeEach(() => {
  clock = new VirtualClock();
  said = [];
  events = [];
  ws = new EventEmitter();
  ev = new EventEmitter();
  const groups = new GroupDirectory({ log: silentLogger });
  const aliases = { hiddenOf: () => undefined, phoneOf: () => undefined };
  const line = {
    ended: new Promise<void>((resolve) => {
      endLine = resolve;
    }),
    sock: {
      ws,
      ev,
      sendPresenceUpdate: async (state: string, jid?: string) =>
        void said.push(jid === undefined ? state : `${state} ${jid}`),
      presenceSubscribe: async (jid: string) => void said.push(`subscribe ${jid}`),
    },
  } as unknown as Line;
  desk = new PresenceDesk({
    line,
    clock,
    lookup: new AddressLookup({ aliases, groups, me: () => ['4930111111@s.whatsapp.net'] }),
    log: silentLogger,
    emit: async (event) => void events.push(event),
  });
});

describe('typing', () => {
  it('opens the chat and is online, as a person at a keyboard is', async () => {
    await desk.setTyping(chat, true);
    await desk.setTyping(chat, false);
    await desk.setTyping(chat, true);
    expect(said).toEqual(['available', `subscribe ${JID}`, `composing ${JID}`, `paused ${JID}`, `composing ${JID}`]);
  });

  it('leaves the account online for a short while only', async () => {
    await desk.setTyping(chat, true);
    await clock.advance(20_000);
    await desk.setTyping(chat, true);
    await clock.advance(24_000);
    expect(said).not.toContain('unavailable');
    await clock.advance(1_000);
    expect(said.at(-1)).toBe('unavailable');
    await desk.setTyping(chat, true);
    expect(said.filter((word) => word === 'available')).toHaveLength(2);
  });

  it('does not take an account offline that was told to stay online', async () => {
    await desk.setOnline(true);
    await desk.setTyping(chat, true);
    await clock.advance(60_000);
    expect(said.filter((word) => word.endsWith('available'))).toEqual(['available']);
  });

  it('leaves no timer behind when the line ends', async () => {
    await desk.setTyping(chat, true);
    endLine();
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what guests do', () => {
  it('is told as it comes, and two addresses of one person as an identity', () => {
    ws.emit('CB:chatstate', { tag: 'chatstate', attrs: { from: JID }, content: [{ tag: 'composing', attrs: {} }] });
    ws.emit('CB:presence', { tag: 'presence', attrs: { from: JID, type: 'unavailable' } });
    ev.emit('lid-mapping.update', { lid: '100000000000001@lid', pn: JID });
    expect(events).toMatchObject([
      { type: 'typing', on: true, by: '+4915112345678' },
      { type: 'presence', online: false },
      { type: 'identity', person: { addresses: ['+4915112345678', 'lid:100000000000001'] } },
    ]);
  });
});
