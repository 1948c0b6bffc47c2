import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SendError } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import type { ConnectorHarness } from '../../../test/contract/connector-contract-harness.ts';
import { Stage } from '../../../test/contract/connector-contract-stage.ts';
import { connector } from '../connector.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import type { PeerKey } from '../simulator/world/state.ts';
import { weatherPolicy } from '../simulator/world/update-stream.ts';
import { type Desk, desksOf } from './conformance-network.ts';

const MESSAGES = 25;
const manifest = { ...connector.manifest, linkMethods: ['code', 'qr'] as const };

/** What only this network can show of the connector, over the wire. */
describe.each(engineNames)('a session on the simulated network, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const { side, deskOf } = desksOf(network, { engine, group: 'basic' });
  const harness: ConnectorHarness = {
    connector: { ...connector, manifest },
    addresses: { direct: ['@anna'], group: [], refused: ['anna'] },
    without: {},
    startNetwork: async () => side,
  };

  beforeAll(() => network.start());
  afterAll(() => network.stop());

  const on = async (work: (stage: Stage, desk: Desk) => Promise<void>): Promise<void> => {
    const account = await side.createAccount();
    const stage = new Stage({ harness, side, account });
    try {
      await stage.online();
      await work(stage, deskOf(account));
    } finally {
      await stage.end();
    }
  };

  const heard = (stage: Stage, address: string): readonly string[] =>
    stage.daemon.messages
      .filter(({ chat }) => chat.addresses[0] === address)
      .flatMap(({ content }) => (content.type === 'text' ? [content.body] : []));

  const chatsOf = (anna: Guest, bert: Guest): readonly (readonly [string, PeerKey | undefined])[] => {
    const family = anna.createGroup('Family', [bert]);
    const party = anna.createSupergroup('Party', [bert]);
    return [
      [`id:${anna.account.id}`, undefined],
      [`group:${family.slice(1)}`, family],
      [`group:c${party.slice(1)}`, party],
    ];
  };

  it('hears everything once and in order while updates are lost, doubled, held up and overtaken', () =>
    on(async (stage, desk) => {
      const [anna, bert] = [desk.guest(), desk.guest()];
      const chats = chatsOf(anna, bert);
      network.stream.policy = weatherPolicy(seededRandom(11), {
        drop: 0.25,
        duplicate: 0.2,
        hold: 0.25,
        longestHold: 4,
      });
      const bodies = Array.from({ length: MESSAGES }, (_, index) => `number ${index}`);
      for (const [index, body] of bodies.entries()) {
        for (const [, chat] of chats) anna.say(body, chat);
        if (index % 10 === 9) await stage.until('some of it', () => stage.daemon.messages.length > index);
      }
      network.stream.policy = undefined;
      network.stream.release();
      for (const [, chat] of chats) anna.say('fence', chat);
      for (const [address] of chats) {
        await stage.until('everything', () => heard(stage, address).length > MESSAGES);
        expect(heard(stage, address)).toEqual([...bodies, 'fence']);
      }
    }));

  it('catches up with what came while it was away, in slices, and where it is too much for a difference', () =>
    on(async (stage, desk) => {
      const [anna, bert] = [desk.guest(), desk.guest()];
      const chats = chatsOf(anna, bert);
      for (const [, chat] of chats) anna.say('before', chat);
      await stage.until('the first words', () => chats.every(([address]) => heard(stage, address).length === 1));
      for (const rules of [
        { differenceSlice: 3, channelSlice: 3 },
        { differenceTooLong: 4, channelTooLong: 4 },
      ]) {
        await stage.session.call('disconnect', undefined);
        Object.assign(network.rules, rules);
        for (let index = 0; index < 8; index += 1) for (const [, chat] of chats) anna.say(`away ${index}`, chat);
        await stage.connect();
      }
      for (const [, chat] of chats) anna.say('after', chat);
      const away = Array.from({ length: 8 }, (_, index) => `away ${index}`);
      for (const [address] of chats) {
        await stage.until('everything', () => heard(stage, address).includes('after'));
        expect(heard(stage, address)).toEqual(['before', ...away, ...away, 'after']);
      }
    }));

  it('hears people whom it was never told of, and can answer them', () =>
    on(async (stage, desk) => {
      Object.assign(network.rules, { shortForms: 'always', minUsers: true });
      const [anna, bert] = [desk.guest(), desk.guest()];
      const [, , party] = chatsOf(anna, bert);
      const direct = await stage.stored(String(anna.say('who am I?')));
      expect(direct.sender).toMatchObject({ displayName: anna.account.firstName });
      await stage.send(direct.chat, { type: 'text', body: 'Anna!' });
      expect(anna.screen.texts()).toEqual(['Anna!']);
      bert.say('and I?', party?.[1]);
      const inParty = await stage.until('the word in the party', () =>
        stage.daemon.messages.find(({ content }) => content.type === 'text' && content.body === 'and I?'),
      );
      expect(inParty.sender.addresses[0]).toBe(`id:${bert.account.id}`);
      const private_ = { kind: 'direct', addresses: inParty.sender.addresses } as const;
      await stage.send(private_, { type: 'text', body: 'Bert!' });
      expect(bert.screen.texts()).toEqual(['Bert!']);
    }));

  it('fetches files from where they lie, also when their references have grown old', () =>
    on(async (stage, desk) => {
      const far = desk.guest({ dcId: 2 });
      const bytes = Uint8Array.from({ length: 700_003 }, (_, index) => (index * 31) % 256);
      network.levers.refuse({ method: 'upload.getFile' }, { code: 400, text: 'FILE_REFERENCE_EXPIRED' });
      const { content } = await stage.stored(String(far.sendFile({ kind: 'photo', bytes, mimeType: 'image/jpeg' })));
      if (content.type !== 'media') throw new Error('no file');
      const [file] = content.attachments;
      expect(file).toMatchObject({ kind: 'image', status: 'stored', media: { sizeBytes: bytes.length } });
    }));

  it('tells of what staff write and read on the phone itself', () =>
    on(async (stage, desk) => {
      const anna = desk.guest();
      const { chat } = await stage.stored(String(anna.say('pool?')));
      const peer: PeerKey = `u${anna.account.id}`;
      network.world.parts.exchange.send({ account: desk.account }, peer, { text: 'until eight' });
      const told = await stage.until('the answer', () =>
        stage.daemon.messages.find(({ direction }) => direction === 'outbound'),
      );
      expect(told).toMatchObject({
        content: { type: 'text', body: 'until eight' },
        chat: { addresses: chat.addresses },
      });
      network.world.parts.reading.read({ account: desk.account }, peer, 1);
      expect(await stage.event('chat_read')).toMatchObject({ upTo: { networkId: '1' } });
      const sent = await stage.send(chat, { type: 'text', body: 'or nine' });
      anna.read();
      const receipt = await stage.until('the receipt', () =>
        stage.daemon.receipts.find(({ networkIds }) => networkIds.includes(sent.networkId)),
      );
      expect(receipt).toMatchObject({ status: 'read', chat: { addresses: chat.addresses } });
    }));

  it('says which limit it met, and does not run into it again', () =>
    on(async (stage, desk) => {
      const anna = desk.guest();
      const { chat } = await stage.stored(String(anna.say('hello')));
      const refused = async (to = chat): Promise<unknown> =>
        stage.send(to, { type: 'text', body: 'x' }).catch((error: unknown) => error);
      network.levers.flood({ method: 'messages.sendMessage' }, 30);
      for (let round = 0; round < 3; round += 1) {
        const failure = await refused();
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({
          code: 'rate_limited',
          certainty: 'not_sent',
          retryable: true,
          scope: 'account',
        });
      }
      network.levers.clear();
    }));

  it('is not made to write to strangers by a spam limit, and goes on with guests', () =>
    on(async (stage, desk) => {
      const [anna, stranger] = [desk.guest(), desk.guest()];
      const { chat } = await stage.stored(String(anna.say('hello')));
      network.levers.spammers.add(desk.account.id);
      const cold = { kind: 'direct', addresses: [`+${stranger.account.phone}`] } as const;
      const failure = await stage.send(cold, { type: 'text', body: 'x' }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'rate_limited', certainty: 'not_sent', scope: 'new_chats' });
      await stage.send(chat, { type: 'text', body: 'welcome' });
      expect(anna.screen.texts()).toEqual(['welcome']);
    }));

  it('asks polls in groups, and hears of the votes', () =>
    on(async (stage, desk) => {
      const [anna, bert] = [desk.guest(), desk.guest()];
      const [, family, party] = chatsOf(anna, bert);
      const poll = { question: 'Sauna?', options: ['18', '19'], multiple: false };
      for (const group of [family, party]) {
        if (group === undefined) throw new Error('no group');
        const [address, chat] = group;
        anna.say('when?', chat);
        await stage.until('the question', () => heard(stage, address).includes('when?'));
        const sent = await stage.send({ kind: 'group', addresses: [address] }, { type: 'poll', poll });
        bert.vote(Number(sent.networkId), [1], chat);
        const vote = await stage.event('poll_vote', ({ target }) => target.networkId === sent.networkId);
        expect(vote).toMatchObject({
          options: [1],
          by: { addresses: expect.arrayContaining([`id:${bert.account.id}`]) },
        });
      }
    }));
});
