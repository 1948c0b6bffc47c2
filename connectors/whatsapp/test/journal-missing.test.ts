import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import { again, GUEST, House, ME, Peer, receive } from './durable-support.ts';

const HOUR_MS = 3_600_000;

let baileys: Baileys;
let house: House;
let line: ReturnType<House['open']>;
let guest: Peer;

beforeEach(async () => {
  baileys = await loadBaileys();
  house = new House(baileys);
  line = house.open();
  guest = new Peer(baileys, GUEST);
  await guest.meet(ME, line.creds);
});

function garbled(stanza: BinaryNode): BinaryNode {
  const copy = again(stanza);
  for (const { content } of Array.isArray(copy.content) ? copy.content : []) {
    if (!(content instanceof Uint8Array)) continue;
    const index = content.length - 24; // in the cipher text; not every byte of a pkmsg is authenticated
    content[index] = (content[index] ?? 0) ^ 1;
  }
  return copy;
}

function open(): void {
  line.sock.ev.emit('connection.update', { connection: 'open' });
}

describe('a message that cannot be read', () => {
  it('is asked for again in the next life, with the keys to seal it anew', async () => {
    const stanza = garbled(await guest.say('unclear'));
    await expect(receive(line, stanza)).rejects.toThrow();
    house.nextLife();
    line = house.open();
    open();
    await house.clock.advance(3_000);
    expect(line.sock.retries.map(({ attrs }) => attrs['id'])).toEqual([stanza.attrs['id']]);
    expect(line.sock.retries[0]?.content).toEqual(stanza.content);
  });

  it('is no longer asked for once a copy under the same id was read', async () => {
    const stanza = await guest.say('clear after all');
    await expect(receive(line, garbled(stanza))).rejects.toThrow();
    house.inbox.start();
    await receive(line, again(stanza));
    await settle();
    open();
    await house.clock.advance(HOUR_MS);
    expect(house.texts).toEqual(['clear after all']);
    expect(line.sock.retries).toEqual([]);
  });

  it('is asked for four times in growing pauses, then the own phone is asked, then people are told of the gap', async () => {
    const stanza = garbled(await guest.say('never'));
    await expect(receive(line, stanza)).rejects.toThrow();
    house.inbox.start();
    open();
    await house.clock.advance(40 * 60_000);
    expect(line.sock.retries).toHaveLength(4);
    expect(line.sock.placeholders).toEqual([]);
    expect(house.handed).toEqual([]);
    await house.clock.advance(3 * HOUR_MS);
    expect(line.sock.retries).toHaveLength(4);
    expect(line.sock.placeholders).toMatchObject([{ remoteJid: GUEST, id: stanza.attrs['id'] }]);
    expect(house.handed.map(({ kind, id }) => [kind, id])).toEqual([['onUnreadable', stanza.attrs['id']]]);
  });

  it('is not asked for faster when several are missing, nor while the line is down', async () => {
    for (let count = 0; count < 6; count += 1) {
      await expect(receive(line, garbled(await guest.say(String(count))))).rejects.toThrow();
    }
    open();
    await house.clock.advance(3_000 + 1_200);
    expect(line.sock.retries).toHaveLength(3);
    line.detach();
    await house.clock.advance(HOUR_MS);
    expect(line.sock.retries).toHaveLength(3);
  });

  it('is told to the handler when it comes after people were told of the gap', async () => {
    const facts: boolean[] = [];
    const stanza = await guest.say('late');
    await expect(receive(line, garbled(stanza))).rejects.toThrow();
    house.inbox.start();
    open();
    await house.clock.advance(4 * HOUR_MS);
    house.onMessageFacts = ({ wasUnreadable }) => facts.push(wasUnreadable);
    await receive(line, again(stanza));
    await receive(line, await guest.say('next'));
    await settle();
    expect(house.handed.map(({ kind, text }) => [kind, text])).toEqual([
      ['onUnreadable', undefined],
      ['onMessage', 'late'],
      ['onMessage', 'next'],
    ]);
    expect(facts).toEqual([true, false]);
  });

  it('is nobody’s loss when it is a status post', async () => {
    const stanza = await guest.say('my holiday', ME, { from: 'status@broadcast', participant: GUEST });
    await expect(receive(line, garbled(stanza))).rejects.toThrow();
    open();
    await house.clock.advance(HOUR_MS);
    expect(line.sock.retries).toEqual([]);
  });

  it('without cipher text is asked for at the own phone alone', async () => {
    line.sock.ws.emit('CB:message', guest.stanza([]));
    open();
    await house.clock.advance(3_000);
    expect(line.sock.retries).toEqual([]);
    expect(line.sock.placeholders).toHaveLength(1);
  });

  it('in one part of two does not hold up the chat, and is whole when it comes again', async () => {
    const first = await guest.sayInGroup('half');
    line.sock.ws.emit('CB:message', first);
    const [key] = Array.isArray(first.content) ? first.content : [];
    await line.repository.decryptMessage({ jid: GUEST, type: 'pkmsg', ciphertext: key?.content as Uint8Array });
    house.inbox.start();
    await receive(line, await guest.say('behind it'));
    await settle();
    expect(house.texts).toEqual(['behind it']);
    await receive(line, again(first));
    await settle();
    expect(house.texts).toEqual(['behind it', 'half']);
  });
});
