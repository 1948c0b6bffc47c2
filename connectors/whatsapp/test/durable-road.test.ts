import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import { again, GUEST, House, ME, Peer, receive } from './durable-support.ts';

let baileys: Baileys;
let house: House;
let guest: Peer;

beforeEach(async () => {
  baileys = await loadBaileys();
  house = new House(baileys);
  guest = new Peer(baileys, GUEST);
});

async function meet(): Promise<ReturnType<House['open']>> {
  const line = house.open();
  await guest.meet(ME, line.creds);
  return line;
}

describe('a message that was decrypted', () => {
  it('reaches the handler once and leaves the vault without its words', async () => {
    const line = await meet();
    house.inbox.start();
    const stanza = await guest.say('a quiet room, please');
    await receive(line, stanza);
    const plaintext = Buffer.from(baileys.proto.Message.encode({ conversation: 'a quiet room, please' }).finish());
    const words = plaintext.toString('base64').slice(0, 24); // whatever the padding behind it
    expect(house.vault.dump()).toContain(words);
    await settle();
    expect(house.texts).toEqual(['a quiet room, please']);
    expect(house.vault.spool.depth()).toBe(0);
    expect(house.vault.dump()).not.toContain(words);
  });

  it('is handed over in the next life when the first was killed before the worker', async () => {
    const line = await meet();
    await receive(line, await guest.say('late check-in'));
    expect(house.handed).toEqual([]);
    await house.nextLife().replay(new AbortController().signal);
    expect(house.texts).toEqual(['late check-in']);
  });

  it('is answered from the journal when the server sends it again, first contact or not', async () => {
    const line = await meet();
    const first = await guest.say('one');
    const second = await guest.say('two');
    await receive(line, first);
    await receive(line, second);
    house.nextLife();
    const next = house.open();
    await receive(next, again(first));
    await receive(next, again(second));
    await house.inbox.replay(new AbortController().signal);
    expect(house.texts).toEqual(['one', 'two']);
    expect(house.vault.secrets.entries('missing-message')).toEqual([]);
  });

  it('is known again after it was handed over, and not handed over twice', async () => {
    const line = await meet();
    house.inbox.start();
    const stanza = await guest.say('only once');
    await receive(line, stanza);
    await settle();
    await receive(line, again(stanza));
    await settle();
    expect(house.texts).toEqual(['only once']);
  });

  it('leaves neither ratchet nor row when the commit fails, ends the line and is never answered', async () => {
    const line = await meet();
    const stanza = await guest.say('disk full');
    house.vault.beforeCommit = () => {
      throw new Error('full');
    };
    let isAnswered = false;
    const answer = (): void => {
      isAnswered = true;
    };
    void receive(line, stanza).then(answer, answer);
    await settle(20);
    expect(line.sock.ended).toBe(true);
    expect(house.failures.map(({ type }) => type)).toEqual(['store_failed']);
    expect(isAnswered).toBe(false);
    expect(house.vault.spool.depth()).toBe(0);

    house.vault.beforeCommit = undefined;
    house.nextLife();
    await receive(house.open(), again(stanza));
    await house.inbox.replay(new AbortController().signal);
    expect(house.texts).toEqual(['disk full']);
  });

  it('refuses to go on when its bytes did not come from the wire', async () => {
    const line = await meet();
    const stanza = await guest.say('copied');
    line.sock.ws.emit('CB:message', again(stanza));
    const [part] = Array.isArray(stanza.content) ? stanza.content : [];
    void line.repository.decryptMessage({ jid: GUEST, type: 'pkmsg', ciphertext: part?.content as Uint8Array });
    await settle();
    expect(house.failures.map(({ type }) => type)).toEqual(['uncorrelated']);
    expect(line.sock.ended).toBe(true);
  });
});

describe('a group message', () => {
  it('brings its sender key in the same commit, so that a kill between the parts loses nothing', async () => {
    const line = await meet();
    const first = await guest.sayInGroup('pool opens at nine');
    line.sock.ws.emit('CB:message', first);
    const [sealedKey] = Array.isArray(first.content) ? first.content : [];
    await line.repository.decryptMessage({ jid: GUEST, type: 'pkmsg', ciphertext: sealedKey?.content as Uint8Array });
    // killed here; the next life gets the whole stanza again
    house.nextLife();
    const next = house.open();
    house.inbox.start();
    await settle();
    expect(house.handed).toEqual([]);
    await receive(next, again(first));
    await settle();
    expect(house.texts).toEqual(['pool opens at nine']);
    await receive(next, await guest.sayInGroup('and closes at ten'));
    await settle();
    expect(house.texts).toEqual(['pool opens at nine', 'and closes at ten']);
  });
});

describe('two sessions in one process with the same guest', () => {
  it('commit each message on their own, in one transaction, also at the same time', async () => {
    const other = new House(baileys);
    const otherGuest = new Peer(baileys, GUEST);
    const line = await meet();
    const otherLine = other.open();
    await otherGuest.meet(ME, otherLine.creds);
    const [here, there] = [await guest.say('here'), await otherGuest.say('there')];
    const before = [house.vault.commits, other.vault.commits];
    await Promise.all([receive(line, here), receive(otherLine, there)]);
    expect([house.vault.commits, other.vault.commits]).toEqual(before.map((count) => count + 1));
    await house.inbox.replay(new AbortController().signal);
    await other.inbox.replay(new AbortController().signal);
    expect([house.texts, other.texts]).toEqual([['here'], ['there']]);
  });
});
