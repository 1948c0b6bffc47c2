import { EventEmitter } from 'node:events';
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Keeper } from '../keeper.ts';

let clock: VirtualClock;
let ws: EventEmitter;
let sent: BinaryNode[];
let cleaned: unknown[][];
let failing: boolean;
let keeper: Keeper;

beforeEach(() => {
  clock = new VirtualClock();
  ws = new EventEmitter();
  sent = [];
  cleaned = [];
  failing = false;
  const say = async (node: BinaryNode): Promise<void> => {
    sent.push(node);
    if (failing) throw new Error('the line is gone');
  };
  const sock = {
    ws,
    sendNode: say,
    query: say,
    cleanDirtyBits: async (...given: unknown[]) => void cleaned.push(given),
  };
  keeper = new Keeper({ sock: sock as unknown as WASocket, clock, log: silentLogger });
  keeper.start();
});

const wishes = (): number => sent.filter(({ attrs }) => attrs['xmlns'] === 'passive').length;

describe('the keeper of a line', () => {
  it('answers the server’s pings under their id, and no other question', () => {
    ws.emit('CB:iq,type:get', { tag: 'iq', attrs: { type: 'get', xmlns: 'urn:xmpp:ping', id: 'P1' } });
    ws.emit('CB:iq,type:get', { tag: 'iq', attrs: { type: 'get', xmlns: 'something:else', id: 'P2' } });
    expect(sent).toEqual([{ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'result', id: 'P1' } }]);
  });

  it('says that it has dealt with the account’s changes, and leaves groups to the library', () => {
    const news = (type: string): BinaryNode => ({
      tag: 'ib',
      attrs: {},
      content: [{ tag: 'dirty', attrs: { type, timestamp: '1772600000' } }],
    });
    ws.emit('CB:ib,,dirty', news('account_sync'));
    ws.emit('CB:ib,,dirty', news('groups'));
    expect(cleaned).toEqual([['account_sync', '1772600000']]);
  });

  it('is content with a server that has begun to send', async () => {
    ws.emit('CB:ib,,offline', {});
    keeper.opened();
    await clock.advance(120_000);
    expect(wishes()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks a silent server to be active, a few times, until it sends', async () => {
    keeper.opened();
    await clock.advance(1_999);
    expect(wishes()).toBe(0);
    await clock.advance(1);
    expect(wishes()).toBe(1);
    await clock.advance(15_000);
    expect(wishes()).toBe(2);
    ws.emit('CB:message', {});
    await clock.advance(120_000);
    expect(wishes()).toBe(2);
  });

  it('gives up asking in the end, and survives a line that breaks', async () => {
    failing = true;
    keeper.opened();
    await clock.advance(600_000);
    expect(wishes()).toBe(3);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks nothing once its line has ended', async () => {
    keeper.opened();
    keeper.stop();
    await clock.advance(60_000);
    expect(wishes()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
