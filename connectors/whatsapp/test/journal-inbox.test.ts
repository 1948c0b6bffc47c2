import { beforeEach, describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import { UnmappableError } from '../durable-socket.ts';
import type { Handed } from './durable-support.ts';
import { GUEST, House, ME, Peer, receive } from './durable-support.ts';

let baileys: Baileys;
let house: House;
let line: ReturnType<House['open']>;
let ada: Peer;
let bob: Peer;

beforeEach(async () => {
  baileys = await loadBaileys();
  house = new House(baileys);
  line = house.open();
  ada = new Peer(baileys, GUEST);
  bob = new Peer(baileys, '4915333333@s.whatsapp.net');
  await ada.meet(ME, line.creds);
  await bob.meet(ME, line.creds);
});

const isFrom = (handed: Handed, peer: Peer): boolean => handed.stanza.attrs['from'] === peer.jid;

describe('the inbox', () => {
  it('keeps the order of a chat while one of its messages is refused, and lets other chats go on', async () => {
    let refusals = 3;
    house.onHandOver = async (handed) => {
      if (isFrom(handed, ada) && refusals > 0) {
        refusals -= 1;
        throw new BellhopError('store_full');
      }
    };
    house.inbox.start();
    await receive(line, await ada.say('first'));
    await receive(line, await ada.say('second'));
    await receive(line, await bob.say('from the other room'));
    await settle();
    expect(house.texts).toEqual(['from the other room']);
    await house.clock.advance(60_000);
    expect(house.texts).toEqual(['from the other room', 'first', 'second']);
    expect(house.vault.spool.depth()).toBe(0);
  });

  it('never gives up on a daemon that does not take a message', async () => {
    let tries = 0;
    house.onHandOver = async () => {
      tries += 1;
      if (tries <= 40) throw new BellhopError('store_full');
    };
    house.inbox.start();
    await receive(line, await ada.say('patience'));
    await house.clock.advance(60 * 60_000);
    expect(house.handed.map(({ kind, text }) => [kind, text])).toEqual([['onMessage', 'patience']]);
  });

  it.each([new TypeError('x'), new UnmappableError(new Error('x'))])(
    'hands over as it is what could not be mapped five times (%s), and goes on behind it',
    async (fault) => {
      let faults = 0;
      house.onHandOver = async ({ kind, text }) => {
        if (kind !== 'onMessage' || text !== 'strange') return;
        faults += 1;
        throw fault;
      };
      house.inbox.start();
      await receive(line, await ada.say('strange'));
      await receive(line, await ada.say('plain'));
      await house.clock.advance(10 * 60_000);
      expect(faults).toBe(5);
      expect(house.handed.map(({ kind, text }) => [kind, text])).toEqual([
        ['onPoison', 'strange'],
        ['onMessage', 'plain'],
      ]);
      expect(house.vault.spool.depth()).toBe(0);
    },
  );

  it('works on several chats at a time, and on one message of each', async () => {
    const running = new Set<string>();
    let most = 0;
    const release: (() => void)[] = [];
    house.onHandOver = async (handed) => {
      const chat = handed.stanza.attrs['from'] ?? '';
      expect(running.has(chat)).toBe(false);
      running.add(chat);
      most = Math.max(most, running.size);
      await new Promise<void>((resolve) => release.push(resolve));
      running.delete(chat);
    };
    house.inbox.start();
    for (const text of ['1', '2', '3']) {
      await receive(line, await ada.say(text));
      await receive(line, await bob.say(text));
    }
    for (let round = 0; round < 6; round += 1) {
      await settle();
      for (const resolve of release.splice(0)) resolve();
    }
    await settle();
    expect(most).toBe(2);
    expect(house.handed.filter((handed) => isFrom(handed, ada)).map(({ text }) => text)).toEqual(['1', '2', '3']);
  });

  it('hands over a backlog that is several times its window, each once and in order', async () => {
    const ids = Array.from({ length: 900 }, (_, count) => String(count));
    for (const id of ids) line.sock.ws.emit('CB:receipt', { tag: 'receipt', attrs: { from: GUEST, id, type: 'read' } });
    await house.nextLife().replay(new AbortController().signal);
    expect(house.handed.map(({ id }) => id)).toEqual(ids);
  });

  it('settles only after the handler resolved, so that a kill inside it repeats the message', async () => {
    house.onHandOver = () => new Promise(() => undefined);
    house.inbox.start();
    await receive(line, await ada.say('half way'));
    await settle();
    house.onHandOver = async () => undefined;
    await house.nextLife().replay(new AbortController().signal);
    expect(house.texts).toEqual(['half way']);
  });

  it('does not hold up connecting for a daemon that takes nothing', async () => {
    await receive(line, await ada.say('one'));
    await receive(line, await ada.say('two'));
    house.nextLife();
    house.onHandOver = async () => {
      throw new BellhopError('store_full');
    };
    await house.inbox.replay(new AbortController().signal);
    await house.inbox.replay(new AbortController().signal);
    expect(house.vault.spool.depth()).toBe(2);
  });

  it('stops when the running handler is done, and starts again where it was', async () => {
    let release = (): void => undefined;
    house.onHandOver = () => new Promise((resolve) => (release = resolve));
    house.inbox.start();
    await receive(line, await ada.say('one'));
    await receive(line, await ada.say('two'));
    await settle();
    let isStopped = false;
    const stopped = house.inbox.stop().then(() => (isStopped = true));
    await settle();
    expect(isStopped).toBe(false);
    release();
    await stopped;
    await house.clock.advance(60_000);
    expect(house.texts).toEqual(['one']);
    house.onHandOver = async () => undefined;
    house.inbox.start();
    await settle();
    expect(house.texts).toEqual(['one', 'two']);
  });
});
