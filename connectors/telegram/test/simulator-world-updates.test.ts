import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { forget } from '../simulator/world/sequence.ts';
import { UpdateStream, weatherPolicy } from '../simulator/world/update-stream.ts';
import type { TlObject } from '../tl.ts';
import { Stage } from './simulator-world-support.ts';

const objects = (answer: TlObject, field: string): readonly TlObject[] => answer[field] as readonly TlObject[];
const words = (answer: TlObject): readonly unknown[] => objects(answer, 'newMessages').map(({ message }) => message);

function away() {
  const stage = new Stage();
  const { account, client } = stage.desk();
  const anna = stage.guest(account);
  const date = Number(client.call('updates.getState')['date']);
  const difference = (pts: number, fields: Record<string, number> = {}): TlObject =>
    client.call('updates.getDifference', { pts, date, qts: 0, ...fields });
  return { stage, account, client, anna, date, difference };
}

describe('what a client missed', () => {
  it('is nothing, a difference, or an error where its position cannot be', () => {
    const { stage, client, anna, date, difference } = away();
    expect(client.call('updates.getState')).toMatchObject({ pts: 1, qts: 0, seq: 0 });
    expect(difference(1)).toMatchObject({ _: 'updates.differenceEmpty' });
    const first = anna.say('one');
    anna.say('two');
    anna.erase(first);
    const answer = difference(1);
    expect(answer).toMatchObject({
      _: 'updates.difference',
      newMessages: [{ message: 'two' }],
      otherUpdates: [{ _: 'updateDeleteMessages', messages: [first], pts: 4, ptsCount: 1 }],
      users: [{ id: anna.account.id }],
      state: { pts: 4 },
    });
    expect(difference(4)).toMatchObject({ _: 'updates.differenceEmpty' });
    const [three, four] = [anna.say('three'), anna.say('four')];
    expect(client.call('messages.deleteMessages', { id: [three, four] })).toMatchObject({ pts: 8, ptsCount: 2 });
    expect(client.refusal('updates.getDifference', { pts: 0, date, qts: 0 })).toBe('400 PERSISTENT_TIMESTAMP_EMPTY');
    stage.expectNoViolations();
    expect(client.refusal('updates.getDifference', { pts: 9, date, qts: 0 })).toBe('400 PERSISTENT_TIMESTAMP_INVALID');
    expect(stage.world.parts.violations.all()).toMatchObject([{ code: 'future_position' }]);
  });

  it('comes in slices, and not at all when it is too much', () => {
    const { stage, account, anna, difference } = away();
    stage.world.parts.rules.differenceSlice = 2;
    for (const text of ['one', 'two', 'three']) anna.say(text);
    const first = difference(1);
    expect(first).toMatchObject({ _: 'updates.differenceSlice', intermediateState: { pts: 3 } });
    const second = difference(3);
    expect(second).toMatchObject({ _: 'updates.difference', state: { pts: 4 } });
    expect([...words(first), ...words(second)]).toEqual(['one', 'two', 'three']);
    expect(difference(1, { ptsTotalLimit: 2 })).toEqual({ _: 'updates.differenceTooLong', pts: 4 });
    forget(account.box, 2);
    expect(difference(2)).toEqual({ _: 'updates.differenceTooLong', pts: 4 });
    expect(words(difference(3))).toEqual(['three']);
  });

  it('in a supergroup is asked for by itself, after a word that there is something', () => {
    const { stage, account, client, anna, difference } = away();
    const party = anna.createSupergroup('Party', []);
    const channelId = BigInt(party.slice(1));
    const accessHash = stage.world.parts.peers.accessHash(account.id, party);
    const ask = (pts: number): TlObject =>
      client.call('updates.getChannelDifference', {
        channel: { _: 'inputChannel', channelId, accessHash },
        filter: { _: 'channelMessagesFilterEmpty' },
        pts,
        limit: 100,
      });
    const id = anna.say('dinner?', party);
    anna.edit(id, 'dinner at nine?', party);
    expect(difference(1)).toMatchObject({
      _: 'updates.difference',
      otherUpdates: [{ _: 'updateChannelTooLong', channelId, pts: 4 }],
      chats: [{ _: 'channel', id: channelId, accessHash }],
    });
    const answer = ask(2);
    expect(answer).toMatchObject({
      _: 'updates.channelDifference',
      final: true,
      pts: 4,
      newMessages: [{ id, message: 'dinner at nine?' }],
      otherUpdates: [{ _: 'updateEditChannelMessage', pts: 4 }],
      users: [{ id: anna.account.id }],
    });
    expect(ask(4)).toMatchObject({ _: 'updates.channelDifferenceEmpty', final: true, pts: 4 });
    stage.world.parts.rules.channelTooLong = 1;
    expect(ask(2)).toMatchObject({
      _: 'updates.channelDifferenceTooLong',
      dialog: { pts: 4, topMessage: id },
      messages: [{ id }, { _: 'messageService' }],
    });
    stage.expectNoViolations();
  });

  it('has the votes of polls where each is told, which are counted by themselves', () => {
    const { stage, account, client, anna, difference } = away();
    stage.world.parts.rules.votes = 'each';
    const answers = ['18', '19'].map((text) => ({
      _: 'pollAnswer',
      text: { _: 'textWithEntities', text, entities: [] },
      option: Buffer.from(text),
    }));
    const question = { _: 'textWithEntities', text: 'Sauna?', entities: [] };
    const poll = { _: 'poll', id: 0n, publicVoters: true, question, answers };
    const media = { _: 'inputMediaPoll', poll };
    const family = anna.createGroup('Family', []);
    const peer = { _: 'inputPeerChat', chatId: BigInt(family.slice(1)) };
    const sent = client.call('messages.sendMedia', { peer, media, message: '', randomId: 1n });
    anna.vote(Number(objects(sent, 'updates')[0]?.['id']), [0], family);
    const { pts } = account.box;
    expect(difference(pts)).toMatchObject({
      otherUpdates: [{ _: 'updateMessagePollVote', qts: 1, options: [Buffer.from('18')] }],
      state: { pts, qts: 1 },
    });
    expect(difference(pts, { qts: 1 })).toMatchObject({ _: 'updates.differenceEmpty' });
  });

  it('tells the same story from wherever it is asked', () => {
    const { stage, anna, account, difference } = away();
    stage.world.parts.rules.differenceSlice = 3;
    const random = seededRandom(7);
    const ids = Array.from({ length: 30 }, (_, index) => anna.say(`number ${index}`));
    for (const id of ids.filter(() => random.next() < 0.3)) anna.edit(id, `changed ${id}`);
    for (const id of ids.filter(() => random.next() < 0.2)) anna.erase(id);
    const rest = [...account.box.copies.values()].map(({ uid }) => stage.world.parts.messages.post(uid).text);
    for (let start = 1; start < account.box.pts; start += 1) {
      const told: unknown[] = [];
      let pts = start;
      for (;;) {
        const answer = difference(pts);
        if (answer._ === 'updates.differenceEmpty') break;
        told.push(...words(answer));
        const state = (answer['state'] ?? answer['intermediateState']) as TlObject;
        expect(Number(state['pts'])).toBeGreaterThan(pts);
        pts = Number(state['pts']);
      }
      const already = [...account.box.copies.keys()].filter((id) => id < start).length;
      expect(told).toEqual(rest.slice(already));
    }
    stage.expectNoViolations();
  });
});

describe('pushes', () => {
  it('come without people that the client was told of, and numbered where nothing else orders them', () => {
    const { stage, client, anna } = away();
    anna.say('first');
    expect(client.pushed.at(-1)).toMatchObject({ _: 'updates', seq: 0, users: [{ id: anna.account.id }] });
    stage.world.parts.rules.shortForms = 'never';
    const id = anna.say('second');
    expect(client.pushed.at(-1)).toMatchObject({ _: 'updates', seq: 0 });
    anna.react(id, '👍');
    anna.react(id, '🔥');
    expect(client.pushed.slice(-2)).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(client.call('updates.getState')).toMatchObject({ seq: 2 });
    stage.world.parts.rules.numbered = 'updatesCombined';
    anna.react(id, '👏');
    expect(client.pushed.at(-1)).toMatchObject({ _: 'updatesCombined', seqStart: 3, seq: 3 });
    stage.world.parts.rules.shortForms = 'always';
    stage.guest(anna.desk).say('nobody was told of me');
    expect(client.pushed.at(-1)).toMatchObject({ _: 'updateShortMessage' });
    stage.world.parts.pushes.tooLong(anna.desk);
    expect(client.pushed.at(-1)).toEqual({ _: 'updatesTooLong' });
  });

  it('in supergroups may name people by a hash that opens nothing, but for the message that names them', () => {
    const { stage, account, client, anna } = away();
    stage.world.parts.rules.minUsers = true;
    const party = anna.createSupergroup('Party', []);
    const id = anna.say('who am I?', party);
    const [user] = objects(client.pushed.at(-1) ?? { _: '' }, 'users');
    expect(user).toMatchObject({ id: anna.account.id, min: true });
    const send = (peer: TlObject): string =>
      client.refusal('messages.sendMessage', { peer, message: 'hm', randomId: 3n });
    const accessHash = user?.['accessHash'] ?? 0n;
    expect(send({ _: 'inputPeerUser', userId: anna.account.id, accessHash })).toBe('400 PEER_ID_INVALID');
    const hash = stage.world.parts.peers.accessHash(account.id, party);
    const peer = { _: 'inputPeerChannel', channelId: BigInt(party.slice(1)), accessHash: hash };
    expect(send({ _: 'inputPeerUserFromMessage', peer, msgId: id, userId: anna.account.id })).toBe('none');
    expect(anna.screen.texts()).toEqual(['hm']);
  });

  it('are lost, doubled, held up and overtaken as the policy says, the same for the same seed', () => {
    const run = (): readonly number[] => {
      const got: number[] = [];
      const stream = new UpdateStream({ deliver: (_key, { n }) => void got.push(Number(n)) });
      stream.policy = weatherPolicy(seededRandom(3), { drop: 0.2, duplicate: 0.2, hold: 0.3 });
      for (let n = 0; n < 200; n += 1) stream.offer('aa', { _: 'updates', n });
      stream.release();
      return got;
    };
    const got = run();
    expect(run()).toEqual(got);
    const kinds = new Set(got);
    expect(kinds.size).toBeLessThan(200);
    expect(got.length).toBeGreaterThan(kinds.size);
    expect(got).not.toEqual(got.toSorted((one, other) => one - other));
  });

  it('that are held come when they are released, in the order that is wanted', () => {
    const got: number[] = [];
    const stream = new UpdateStream({ deliver: (_key, { n }) => void got.push(Number(n)) });
    stream.policy = ({ serial }) => (serial === 3 ? 'duplicate' : { hold: serial === 0 ? 2 : Infinity });
    for (let n = 0; n < 4; n += 1) stream.offer('aa', { _: 'updates', n });
    expect(got).toEqual([0, 3, 3]);
    expect(stream.heldFor('aa')).toBe(2);
    stream.release('reversed', 'bb');
    stream.release('reversed', 'aa');
    expect(got).toEqual([0, 3, 3, 2, 1]);
  });
});
