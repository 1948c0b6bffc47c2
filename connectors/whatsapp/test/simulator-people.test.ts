import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { Faults } from '../simulator/faults.ts';
import { bareJid, isGroup, parseJid, withDevice } from '../simulator/jid.ts';
import { Guest } from '../simulator/people/guest.ts';
import { MediaShelf } from '../simulator/people/media-shelf.ts';
import type { KeyBundle, KeySource, Network, Resident } from '../simulator/resident.ts';
import { ViolationLog } from '../simulator/violations.ts';

/** The least that devices need: LID style delivery between residents, in order, without a server's checks. */
class Exchange implements Network {
  readonly clock = systemClock;
  readonly random = seededRandom(1);
  readonly violations = new ViolationLog({ clock: systemClock });
  readonly faults = new Faults();
  readonly residents = new Map<string, { resident: Resident; keys: KeySource }>();
  readonly groups = new Map<string, Set<string>>();
  readonly stanzas: BinaryNode[] = [];
  #last: Promise<void> = Promise.resolve();

  attach(resident: Resident, keys: KeySource): void {
    this.residents.set(resident.lid, { resident, keys });
  }
  setOnline(): void {}
  fetchBundle(device: string): KeyBundle | undefined {
    return this.residents.get(bareJid(device))?.keys.bundle();
  }
  devicesOf(user: string): readonly string[] {
    const lid = this.lidOf(user) ?? user;
    return this.residents.has(lid) ? [lid] : [];
  }
  lidOf(pn: string): string | undefined {
    return [...this.residents.values()].find(({ resident }) => resident.pn === bareJid(pn))?.resident.lid;
  }
  pnOf(lid: string): string | undefined {
    return this.residents.get(bareJid(lid))?.resident.pn;
  }
  createGroup(_subject: string, by: Resident, members: readonly string[]): string {
    this.groups.set('1203630000000000@g.us', new Set([by.lid, ...members]));
    return '1203630000000000@g.us';
  }
  groupMembers(group: string): readonly string[] {
    return [...(this.groups.get(group) ?? [])];
  }
  addToGroup(group: string, _by: Resident, member: string): void {
    this.groups.get(group)?.add(member);
  }
  removeFromGroup(group: string, _by: Resident, member: string): void {
    this.groups.get(group)?.delete(member);
  }
  async completeLink(): Promise<void> {}
  companionsOf(): readonly string[] {
    return [];
  }
  removeCompanion(): void {}

  async submit(from: Resident, stanza: BinaryNode): Promise<void> {
    this.stanzas.push(stanza);
    const { to = '', participant, ...rest } = stanza.attrs;
    const head = isGroup(to)
      ? { ...rest, from: to, participant: from.lid }
      : { ...rest, from: to.endsWith('@lid') ? from.lid : from.pn };
    const children = Array.isArray(stanza.content) ? stanza.content : [];
    const parts = children.find((child) => child.tag === 'participants')?.content;
    const shared = children.filter((child) => child.tag !== 'participants');
    const targets = new Map<string, BinaryNode[]>();
    if (stanza.tag === 'message' && isGroup(to) && participant === undefined)
      for (const member of this.groupMembers(to)) if (member !== from.lid) targets.set(member, []);
    for (const part of Array.isArray(parts) ? parts : [])
      targets.set(this.lidOf(part.attrs['jid'] ?? '') ?? part.attrs['jid'] ?? '', part.content as BinaryNode[]);
    if (targets.size === 0) {
      const target = isGroup(to) ? (participant ?? '') : to;
      targets.set(this.lidOf(target) ?? target, []);
    }
    for (const [lid, encs] of targets)
      this.deliver(lid, { tag: stanza.tag, attrs: { t: '1', ...head }, content: [...encs, ...shared] });
  }

  deliver(lid: string, stanza: BinaryNode): void {
    const known = this.residents.get(withDevice(bareJid(lid), parseJid(lid)?.device ?? 0));
    this.#last = this.#last
      .then(() => known?.resident.receive(stanza))
      .catch((error: unknown) => {
        this.violations.record('resident_failed', lid, String(error));
      });
  }

  async settle(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#last) {
      seen = this.#last;
      await seen;
    }
  }
}

let exchange: Exchange;
let shelf: MediaShelf;
let serial: number;

function makeGuest(options: Partial<ConstructorParameters<typeof Guest>[0]> = {}): Guest {
  serial += 1;
  const guest = new Guest({
    network: exchange,
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

beforeEach(() => {
  exchange = new Exchange();
  shelf = new MediaShelf({ origin: () => 'https://media.invalid' });
  serial = 0;
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
    await exchange.settle();
    expect(anna.inbox.wasMarked(toBen, 'delivered')).toBe(true);
    expect(ben.inbox.wasMarked(toAnna, 'delivered')).toBe(true);
    expect(exchange.violations.all()).toEqual([]);
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
    await exchange.settle();
    expect(shown.id).toBe(id);
    expect(exchange.stanzas.filter((stanza) => stanza.attrs['type'] === 'retry')).toHaveLength(1);
    expect(ben.inbox.texts()).toEqual(['eins', 'drei']);
    expect(exchange.violations.all()).toEqual([]);
  });

  it('show a message once when the network delivers it twice, and answer both copies', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    const received: BinaryNode[] = [];
    const { resident } = exchange.residents.get(ben.lid) ?? { resident: undefined };
    exchange.residents.set(ben.lid, {
      keys: ben.handset.keys,
      resident: {
        pn: ben.pn,
        lid: ben.lid,
        device: 0,
        receive: async (stanza) => {
          received.push(stanza);
          await resident?.receive(stanza);
        },
      },
    });
    await anna.say('einmal', ben.pn);
    await ben.inbox.waitForText('einmal');
    exchange.deliver(ben.lid, received[0] as BinaryNode);
    await exchange.settle();
    expect(ben.inbox.texts()).toEqual(['einmal']);
    expect(ben.inbox.repeatedCopies).toBe(1);
    expect(exchange.stanzas.filter((stanza) => stanza.tag === 'receipt')).toHaveLength(2);
  });

  it('speak in a group under one sender key, and change the key when a member leaves', async () => {
    const [anna, ben, cleo] = [makeGuest(), makeGuest(), makeGuest()];
    const group = anna.createGroup('Familie', [ben.lid, cleo.lid]);
    await anna.say('an alle', group);
    await anna.say('noch etwas', group);
    await Promise.all([ben.inbox.waitForText('noch etwas'), cleo.inbox.waitForText('noch etwas')]);
    const keysSent = (): number => exchange.stanzas.filter((stanza) => JSON.stringify(stanza).includes('pkmsg')).length;
    expect(keysSent()).toBe(1);
    exchange.removeFromGroup(group, anna.handset, cleo.lid);
    await anna.say('ohne Cleo', group);
    await ben.inbox.waitForText('ohne Cleo');
    await exchange.settle();
    expect(keysSent()).toBe(2);
    expect(cleo.inbox.texts()).toEqual(['an alle', 'noch etwas']);
    expect(exchange.violations.all()).toEqual([]);
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
    expect(exchange.violations.all()).toEqual([]);
  });

  it('go on in their sessions after export and import, and show nothing twice', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    await anna.say('vorher', ben.pn);
    await ben.inbox.waitForText('vorher');
    await ben.say('ja', anna.pn);
    await anna.inbox.waitForText('ja');
    const state: unknown = JSON.parse(JSON.stringify(ben.exportState()));
    const again = makeGuest({ pn: ben.pn, lid: ben.lid, state: state as ReturnType<Guest['exportState']> });
    const id = await anna.say('nachher', ben.pn);
    await again.inbox.waitForText('nachher');
    await exchange.settle();
    expect(exchange.stanzas.filter((stanza) => stanza.attrs['type'] === 'retry')).toEqual([]);
    expect(anna.inbox.wasMarked(id, 'delivered')).toBe(true);
  });

  it('see what others type, read and show, with media checked against its hashes', async () => {
    const anna = makeGuest();
    const ben = makeGuest();
    await anna.startTyping(ben.pn);
    const bytes = new Uint8Array(Buffer.from('a picture of a lamp'));
    const id = await anna.showImage({ bytes, mimeType: 'image/jpeg', caption: 'kaputt' }, ben.pn);
    const item = await ben.inbox.waitFor((seen) => seen.type === 'message');
    expect(item).toMatchObject({ id, content: { kind: 'image', caption: 'kaputt', mimeType: 'image/jpeg', bytes } });
    expect(ben.inbox.items[0]).toMatchObject({ type: 'chat_state', state: 'composing', by: anna.lid });
    expect(await ben.read(anna.pn)).toEqual([id]);
    await anna.inbox.waitForMark(id, 'read');
    expect(await ben.read(anna.pn)).toEqual([]);
  });
});
