import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import { Guest, type GuestOptions } from '../simulator/people/guest.ts';
import { toKeysNode, toRegistrationNode } from '../simulator/people/key-bundle-stanza.ts';
import { MediaShelf } from '../simulator/people/media-shelf.ts';
import { childrenOf } from '../simulator/people/stanza.ts';

let network: WhatsAppNetwork;
let shelf: MediaShelf;
let serial: number;
let submitted: BinaryNode[];

function makeGuest(options: Partial<GuestOptions> = {}): Guest {
  serial += 1;
  const guest = new Guest({
    network,
    shelf,
    name: `Guest ${serial}`,
    pn: `49151100000${serial}@s.whatsapp.net`,
    lid: `10000000000${serial}@lid`,
    hotel: '491511000001@s.whatsapp.net',
    ...options,
  });
  guest.start();
  return guest;
}

function submittedOf(tag: string, type?: string): readonly BinaryNode[] {
  return submitted.filter((stanza) => stanza.tag === tag && (type === undefined || stanza.attrs['type'] === type));
}

beforeEach(() => {
  network = new WhatsAppNetwork({ clock: systemClock, random: seededRandom(1) });
  shelf = new MediaShelf({ origin: () => 'https://media.invalid' });
  serial = 0;
  submitted = [];
  const submit = network.submit.bind(network);
  vi.spyOn(network, 'submit').mockImplementation((from, stanza) => {
    submitted.push(stanza);
    return submit(from, stanza);
  });
});

describe('devices of simulated people', () => {
  it('read each other in both address styles, and each gets a delivery receipt', async () => {
    const anna = makeGuest({ addressing: 'lid' });
    const ben = makeGuest({ addressing: 'pn' });
    const toBen = await anna.say('Hallo', ben.pn);
    await ben.inbox.waitForText('Hallo');
    const toAnna = await ben.say('Servus', anna.pn);
    await anna.inbox.waitForText('Servus');
    await anna.say('Wie geht es?', ben.pn);
    await ben.inbox.waitForText('Wie geht es?');
    await anna.inbox.waitForMark(toBen, 'delivered');
    await ben.inbox.waitForMark(toAnna, 'delivered');
    expect(network.violations.all()).toEqual([]);
  });

  it('ask for a message again after losing their sessions, and show it once under its id', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    await anna.say('eins', ben.pn);
    await ben.inbox.waitForText('eins');
    await ben.say('zwei', anna.pn);
    await anna.inbox.waitForText('zwei');
    ben.handset.loseSessions();
    const id = await anna.say('drei', ben.pn);
    const shown = await ben.inbox.waitForText('drei');
    await anna.inbox.waitForMark(id, 'delivered');
    expect(shown.id).toBe(id);
    expect(submittedOf('receipt', 'retry')).toHaveLength(1);
    expect(ben.inbox.texts()).toEqual(['eins', 'drei']);
  });

  it('send keys with the second request, and give up visibly after the fifth', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    vi.spyOn(anna.handset, 'receive').mockResolvedValue(); // never seals again
    await anna.say('unlesbar', ben.pn);
    await ben.inbox.waitForText('unlesbar');
    const delivered: BinaryNode = {
      tag: 'message',
      attrs: { id: 'OTHER', from: anna.lid, sender_pn: anna.pn, t: '1', type: 'text' },
      content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: new Uint8Array(40) }],
    };
    for (let delivery = 1; delivery <= 6; delivery += 1) await ben.handset.receive(delivered);
    const retries = submittedOf('receipt', 'retry');
    const tags = retries.map((receipt) => (receipt.content as BinaryNode[]).map((child) => child.tag));
    const withKeys = Array.from({ length: 4 }, () => ['retry', 'registration', 'keys']);
    expect(tags).toEqual([['retry', 'registration'], ...withKeys]);
    expect(ben.inbox.items.at(-1)).toMatchObject({ type: 'unreadable', id: 'OTHER', author: anna.lid });
  });

  it('show a message once when the network delivers it twice, and answer both copies', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    const receive = vi.spyOn(ben.handset, 'receive');
    await anna.say('einmal', ben.pn);
    await ben.inbox.waitForText('einmal');
    await ben.handset.receive(receive.mock.calls[0]?.[0] as BinaryNode);
    expect(ben.inbox.texts()).toEqual(['einmal']);
    expect(ben.inbox.repeatedCopies).toBe(1);
    expect(submittedOf('receipt')).toHaveLength(2);
    expect(submittedOf('receipt', 'retry')).toEqual([]);
  });

  it('count what is shown twice under two ids', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    await anna.say('doppelt', ben.pn);
    await anna.say('doppelt', ben.pn);
    await anna.say('einfach', ben.pn);
    await ben.inbox.waitForText('einfach');
    expect(ben.inbox.duplicatesShown).toBe(1);
  });

  it('use the keys inside a request to send again, and a one-time key once', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    const id = await anna.say('eins', ben.pn);
    await ben.inbox.waitForText('eins');
    expect(ben.exportState().device.keys.preKeys).toEqual({});
    const bundle = ben.handset.keys.bundle();
    vi.spyOn(network, 'fetchBundle').mockReturnValue(undefined);
    const receive = vi.spyOn(ben.handset, 'receive');
    const content = [toRegistrationNode(bundle.registrationId), toKeysNode(bundle)];
    const attrs = { id, from: ben.lid, type: 'retry', t: '1' };
    await anna.handset.receive({ tag: 'receipt', attrs, content });
    await anna.inbox.waitFor((item) => item.type === 'receipt' && ben.inbox.repeatedCopies === 1);
    expect(receive.mock.calls[0]?.[0].attrs['id']).toBe(id);
    expect(ben.exportState().device.keys.preKeys).toEqual({});
  });

  it('begin no session with keys that their owner did not sign', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    const bundle = ben.handset.keys.bundle();
    const forged = { ...bundle, signedPreKey: { ...bundle.signedPreKey, signature: new Uint8Array(64) } };
    vi.spyOn(network, 'fetchBundle').mockReturnValue(forged);
    await expect(anna.say('geheim', ben.pn)).rejects.toThrow(/signature/);
    expect(submittedOf('message')).toEqual([]);
  });

  it('speak in a group under one sender key, and change the key when a member leaves', async () => {
    const [anna, ben, cleo] = [makeGuest(), makeGuest(), makeGuest()];
    const group = anna.createGroup('Familie', [ben.lid, cleo.lid]);
    await anna.say('an alle', group);
    await anna.say('noch etwas', group);
    await Promise.all([ben.inbox.waitForText('noch etwas'), cleo.inbox.waitForText('noch etwas')]);
    const keysSent = (): number => submitted.filter((stanza) => JSON.stringify(stanza).includes('pkmsg')).length;
    expect(keysSent()).toBe(1);
    network.removeFromGroup(group, anna.handset, cleo.lid);
    await anna.say('ohne Cleo', group);
    await ben.inbox.waitForText('ohne Cleo');
    expect(keysSent()).toBe(2);
    const last = submittedOf('message').at(-1);
    const overheard = childrenOf(last as BinaryNode).filter((child) => child.tag === 'enc');
    const attrs = { id: 'OVERHEARD', from: group, participant: anna.lid, t: '1', type: 'text' };
    await cleo.handset.receive({ tag: 'message', attrs, content: overheard });
    expect(cleo.inbox.texts()).toEqual(['an alle', 'noch etwas']);
    network.violations.clear(); // asking again for what was overheard
    expect(network.violations.all()).toEqual([]);
  });

  it('recover in a group when a member lost its keys', async () => {
    const [anna, ben] = [makeGuest(), makeGuest()];
    const group = anna.createGroup('Familie', [ben.lid]);
    await anna.say('eins', group);
    await ben.inbox.waitForText('eins');
    ben.handset.loseSessions();
    await anna.say('zwei', group);
    await ben.inbox.waitForText('zwei');
    await anna.say('drei', group);
    await ben.inbox.waitForText('drei');
    expect(submittedOf('receipt', 'retry')).toHaveLength(1);
  });

  it('go on in their sessions after export and import, and show nothing twice', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    const receive = vi.spyOn(ben.handset, 'receive');
    await anna.say('vorher', ben.pn);
    await ben.inbox.waitForText('vorher');
    await ben.say('ja', anna.pn);
    await anna.inbox.waitForText('ja');
    const state: unknown = JSON.parse(JSON.stringify(ben.exportState()));
    const again = makeGuest({ pn: ben.pn, lid: ben.lid, state: state as ReturnType<Guest['exportState']> });
    const id = await anna.say('nachher', ben.pn);
    await again.inbox.waitForText('nachher');
    await anna.inbox.waitForMark(id, 'delivered');
    await again.handset.receive(receive.mock.calls[0]?.[0] as BinaryNode);
    expect(again.inbox.texts()).toEqual(['nachher']);
    expect(submittedOf('receipt', 'retry')).toEqual([]);
  });

  it('see what others type, read and show, with media checked against its hashes', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    await anna.startTyping(ben.pn);
    const bytes = new Uint8Array(Buffer.from('a picture of a lamp'));
    const id = await anna.showImage({ bytes, mimeType: 'image/jpeg', caption: 'kaputt' }, ben.pn);
    const item = await ben.inbox.waitFor((seen) => seen.type === 'message');
    expect(item).toMatchObject({ id, content: { kind: 'image', caption: 'kaputt', mimeType: 'image/jpeg', bytes } });
    expect(JSON.stringify(submittedOf('message'))).toContain('"mediatype":"image"');
    expect(ben.inbox.items[0]).toMatchObject({ type: 'chat_state', state: 'composing', by: anna.lid });
    expect(await ben.read(anna.pn)).toEqual([id]);
    await anna.inbox.waitForMark(id, 'read');
    expect(await ben.read(anna.pn)).toEqual([]);
  });

  it('stop waiting when told to', async () => {
    const anna = makeGuest();
    const stop = new AbortController();
    const waiting = anna.inbox.waitForText('kommt nie', stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow('stopped waiting');
  });
});
