import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import { signedPreKeyIdIn } from '../pre-key-message.ts';
import { GUEST, House, ME, Peer, receive } from './durable-support.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_LOOK_MS = 5 * 60 * 1000;

let baileys: Baileys;
let house: House;
let line: ReturnType<House['open']>;
let questions: BinaryNode[];
let answer: () => BinaryNode | undefined;

beforeEach(async () => {
  baileys = await loadBaileys();
  house = new House(baileys);
  questions = [];
  answer = () => ({ tag: 'iq', attrs: { type: 'result' } });
  line = open();
  await house.clock.advance(FIRST_LOOK_MS); // its age counts from here
});

function open(): ReturnType<House['open']> {
  const opened = house.open();
  const query = async (question: BinaryNode): Promise<BinaryNode | undefined> => {
    questions.push(question);
    return answer();
  };
  Object.assign(opened.sock, { query, authState: { creds: opened.creds } });
  opened.sock.ev.emit('connection.update', { connection: 'open' });
  return opened;
}

const id = (): number => line.creds.signedPreKey.keyId;

/** So many days later the line breaks, and the next one has been open for some minutes. */
async function days(count: number): Promise<void> {
  line.detach();
  house.clock.jump(count * DAY_MS);
  line = open();
  await house.clock.advance(FIRST_LOOK_MS);
}

/** A first contact that was sealed for the key of now. */
async function sealed(body: string, jid: string): Promise<BinaryNode> {
  const guest = new Peer(baileys, jid);
  await guest.meet(ME, structuredClone(line.creds));
  return guest.say(body);
}

describe('the signed pre-key', () => {
  it('is replaced every 27 days, by one that the identity vouches for', async () => {
    const first = id();
    await days(26);
    expect(questions).toEqual([]);
    await days(2);
    expect(id()).toBe(first + 1);
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatchObject({ attrs: { type: 'set', xmlns: 'encrypt' }, content: [{ tag: 'rotate' }] });
    const { keyPair, signature } = line.creds.signedPreKey;
    const signed = baileys.generateSignalPubKey(keyPair.public);
    expect(baileys.Curve.verify(line.creds.signedIdentityKey.public, signed, signature)).toBe(true);
    await days(28);
    expect(id()).toBe(first + 2);
  });

  it('of earlier still opens what was sealed for it, in this life and the next', async () => {
    const forFirst = await sealed('sealed long ago', GUEST);
    const alsoForFirst = await sealed('sealed long ago, read in the next life', '4915233333@s.whatsapp.net');
    await days(28);
    await days(28);
    const forThird = await sealed('sealed today', '4915244444@s.whatsapp.net');
    house.inbox.start();
    await receive(line, forFirst);
    await receive(line, forThird);
    line.detach();
    await house.inbox.stop();
    house.nextLife();
    line = open();
    await receive(line, alsoForFirst);
    await house.inbox.replay(new AbortController().signal);
    expect(new Set(house.texts)).toEqual(
      new Set(['sealed long ago', 'sealed long ago, read in the next life', 'sealed today']),
    );
  });

  it('is in the vault before the server hears of it, and is offered again when the answer is lost', async () => {
    const first = id();
    let offered: Uint8Array | undefined;
    answer = () => {
      offered = house.vault.secrets.get('whatsapp.signed-pre-key', String(first + 1));
      return undefined;
    };
    await days(28);
    expect(offered).toBeDefined();
    expect(id()).toBe(first);
    answer = () => ({ tag: 'iq', attrs: { type: 'result' } });
    await days(1);
    expect(id()).toBe(first + 1);
    expect(questions.at(-1)).toEqual(questions[0]);
  });

  it('is looked after on a line that stays open for months', async () => {
    house.clock.jump(28 * DAY_MS);
    await house.clock.advance(DAY_MS / 4);
    expect(questions).toHaveLength(1);
  });

  it('leaves three predecessors behind', async () => {
    for (let month = 0; month < 6; month += 1) await days(28);
    const kept = house.vault.secrets.entries('whatsapp.signed-pre-key').map(([name]) => Number(name));
    expect(kept.toSorted((one, other) => one - other)).toEqual([id() - 3, id() - 2, id() - 1, id()]);
  });

  it('is left alone once the line has ended', async () => {
    line.detach();
    house.clock.jump(60 * DAY_MS);
    await house.clock.advance(DAY_MS);
    expect(questions).toEqual([]);
    expect(house.clock.pendingTimers).toBe(0);
  });
});

describe('a first message', () => {
  it('tells for which key it was sealed', async () => {
    const stanza = await sealed('hello', GUEST);
    const [part] = Array.isArray(stanza.content) ? stanza.content : [];
    const bytes = part?.content;
    expect(bytes instanceof Uint8Array && signedPreKeyIdIn(bytes)).toBe(id());
  });

  it('that is none tells nothing', () => {
    for (const bytes of [[], [0x33], [0x33, 0xff], [0x33, 0x30], [0x33, 0x0d, 1, 2, 3, 4], Array(20).fill(0xff)]) {
      expect(signedPreKeyIdIn(Uint8Array.from(bytes))).toBeUndefined();
    }
  });
});
