import { describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../src/connector-api/index.ts';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { FetchFile } from '../file-fetcher.ts';
import { FetchPostponed } from '../file-fetcher.ts';
import { Inbox } from '../inbox.ts';
import { decodeEntry } from '../journal-entry.ts';
import { MessageBook } from '../message-book.ts';
import { PeerBook } from '../peer-book.ts';
import { Receiver } from '../receiver.ts';
import type { TlObject } from '../tl.ts';
import type { UpdateBatch } from '../updates/update-applier.ts';
import { Stage } from './inbox-support.ts';
import { readFixtures } from './tl-fixture.ts';

const SELF = 1n;
const users: readonly TlObject[] = [
  { _: 'user', id: SELF, self: true, accessHash: 1n, firstName: 'Front', lastName: 'Desk' },
  {
    _: 'user',
    id: 100n,
    accessHash: 2n,
    firstName: 'Anna',
    lastName: 'Bell',
    phone: '4915100000100',
    username: 'Anna',
  },
];
const chats: readonly TlObject[] = [
  { _: 'chat', id: 70n, title: 'Family' },
  { _: 'channel', id: 900n, accessHash: 3n, megagroup: true, title: 'Guests', date: 1 },
  { _: 'channel', id: 901n, accessHash: 4n, broadcast: true, title: 'Offers', date: 1 },
];

// oxlint-disable-next-line eslint/require-yield -- there is nothing to yield without a connection
const offline: FetchFile = async function* () {
  throw new FetchPostponed();
};

/** An account that has met the people above, sent messages 5 and 6 to Anna, and heard 7 from her and 9 in the group. */
class Desk {
  readonly stage = new Stage();
  readonly own = new Set<number>();
  readonly settled: TlObject[] = [];
  readonly #receiver: Receiver;

  constructor() {
    const { stage } = this;
    const context = stage.context();
    const peers = new PeerBook({ vault: stage.vault });
    const messages = new MessageBook({ vault: stage.vault });
    peers.learn(users, chats);
    messages.note('id:100', 7);
    messages.note('group:70', 9);
    for (const id of [5, 6]) messages.noteSent('id:100', id);
    const inbox = new Inbox({ context, fetchFile: offline });
    const ownSends = {
      settleByUpdate: (update: TlObject) => void this.settled.push(update),
      isOwnSend: (_chat: string, message: TlObject) => this.own.has(Number(message['id'])),
    };
    this.#receiver = new Receiver({ context, inbox, peers, messages, ownSends, selfId: SELF });
  }

  /** What the journal holds for these updates, before anybody works on it. */
  take(updates: readonly TlObject[], via: UpdateBatch['via'] = 'push'): ReturnType<typeof decodeEntry>[] {
    this.stage.vault.transaction(() => this.#receiver.take({ updates, users: [], chats: [], via }));
    return this.stage.vault.spool.pending(99).map(({ body }) => decodeEntry(body));
  }
}

/** Takes the raw form off and notes that it was there: its text is the fixture's own. */
function withoutRaw(event: ConnectorEvent): unknown {
  if (event.type !== 'message') return event;
  const { raw, ...message } = event.message;
  return { type: 'message', message, hasRaw: raw !== undefined };
}

function at(now: number, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => at(now, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, field === 'now' ? now : at(now, field)]),
  );
}

describe('what comes from Telegram', () => {
  it.each(readFixtures('inbound').map((fixture) => [fixture.name, fixture] as const))(
    'is read: %s',
    async (_name, fixture) => {
      const desk = new Desk();
      const now = desk.stage.clock.now();
      const entries = desk.take([fixture.update]);
      expect(entries.flatMap(({ events }) => events.map(withoutRaw))).toEqual(at(now, fixture.events));
      expect(entries.flatMap(({ files }) => files)).toEqual(fixture.files ?? []);
      await settle();
      const live = desk.stage.told.filter(({ type }) => type === 'typing' || type === 'presence');
      expect(live).toEqual(fixture.live ?? []);
    },
  );

  it('keeps longs and bytes in the raw form', () => {
    const message = {
      _: 'message',
      id: 7,
      peerId: { _: 'peerUser', userId: 100n },
      date: 1,
      message: 'x',
      viaBotId: 2n ** 60n,
    };
    const [entry] = new Desk().take([{ _: 'updateNewMessage', message, pts: 1, ptsCount: 1 }]);
    const [event] = entry?.events ?? [];
    expect(event?.type === 'message' && event.message.raw).toContain('"viaBotId":"1152921504606846976"');
  });

  it('tells neither the echo of an own send nor what an own call has changed', () => {
    const desk = new Desk();
    desk.own.add(20);
    const own = (id: number): TlObject => ({
      _: 'updateNewMessage',
      message: { _: 'message', out: true, id, peerId: { _: 'peerUser', userId: 100n }, date: 1, message: 'x' },
    });
    const named = { _: 'updateMessageID', id: 20, randomId: 3n };
    expect(desk.take([own(20), named], 'difference')).toEqual([]);
    expect(desk.settled).toEqual([named]);
    expect(desk.take([own(21)], 'answer')).toEqual([]);
    expect(
      desk.take([{ _: 'updateEditMessage', message: { ...(own(21)['message'] as TlObject), editDate: 2 } }], 'answer'),
    ).toEqual([]);
    expect(desk.take([own(22)], 'push')).toHaveLength(1);
  });

  it('tells a reading of what was written on the phone as well', () => {
    const desk = new Desk();
    const message = { _: 'message', out: true, id: 22, peerId: { _: 'peerUser', userId: 100n }, date: 1, message: 'x' };
    const read = { _: 'updateReadHistoryOutbox', peer: { _: 'peerUser', userId: 100n }, maxId: 30 };
    const entries = desk.take([{ _: 'updateNewMessage', message }, read]);
    expect(entries.at(-1)?.events).toMatchObject([{ type: 'receipt', receipt: { networkIds: ['5', '6', '22'] } }]);
  });

  it('does not tell typing of long ago', async () => {
    const desk = new Desk();
    desk.take([{ _: 'updateUserTyping', userId: 100n, action: { _: 'sendMessageTypingAction' } }], 'difference');
    await settle();
    expect(desk.stage.told).toEqual([]);
  });

  it('hands over the frame of a message that breaks the map', () => {
    const message = { _: 'message', id: 7, peerId: { _: 'peerUser', userId: 100n }, date: 1, message: 'x' };
    Object.defineProperty(message, 'entities', {
      enumerable: false,
      get: () => {
        throw new TypeError('broken');
      },
    });
    const [entry] = new Desk().take([{ _: 'updateNewMessage', message }]);
    expect(entry?.events).toMatchObject([{ message: { networkId: '7', content: { nativeKind: 'unmappable' } } }]);
  });
});

describe('votes', () => {
  const poll = {
    _: 'poll',
    id: 44n,
    question: { _: 'textWithEntities', text: 'When?', entities: [] },
    answers: ['0', '1', '2'].map((option) => ({
      _: 'pollAnswer',
      text: { _: 'textWithEntities', text: option, entities: [] },
      option: Buffer.from(option),
    })),
  };
  const asked = {
    _: 'updateNewMessage',
    message: {
      _: 'message',
      id: 30,
      out: true,
      fromId: { _: 'peerUser', userId: SELF },
      date: 1,
      message: '',
      peerId: { _: 'peerChat', chatId: 70n },
      media: { _: 'messageMediaPoll', poll, results: { _: 'pollResults' } },
    },
  };
  const voter = { _: 'peerUser', userId: 100n };
  const news = (totalVoters: number, results: readonly TlObject[], recentVoters: readonly TlObject[]): TlObject => ({
    _: 'updateMessagePoll',
    pollId: 44n,
    results: { _: 'pollResults', totalVoters, results, recentVoters },
  });
  const option = (
    text: string,
    facts: Record<string, TlObject | number | boolean | readonly TlObject[]>,
  ): TlObject => ({
    _: 'pollAnswerVoters',
    option: Buffer.from(text),
    ...facts,
  });

  /** What each update tells anew: by, options. */
  function votesOf(updates: readonly TlObject[]): unknown[] {
    const desk = new Desk();
    desk.own.add(30);
    return desk
      .take([asked, ...updates])
      .flatMap(({ events }) => events)
      .map((event) =>
        event.type === 'poll_vote' ? [event.by.addresses[0], event.options, event.target.networkId] : event.type,
      );
  }

  it('are told once, and again when they change', () => {
    const first = news(1, [option('1', { voters: 1, recentVoters: [voter] })], [voter]);
    const both = { voters: 1, recentVoters: [voter] };
    const second = news(1, [option('1', both), option('2', both)], [voter]);
    expect(votesOf([first, first, second])).toEqual([
      ['id:100', [1], '30'],
      ['id:100', [1, 2], '30'],
    ]);
  });

  it('that were taken back are told, where all voters are listed', () => {
    const first = news(1, [option('1', { voters: 1, recentVoters: [voter] })], [voter]);
    expect(votesOf([first, news(0, [option('1', { voters: 0 })], [])]).at(-1)).toEqual(['id:100', [], '30']);
  });

  it('of a single voter are told in the older form, which does not say for what', () => {
    expect(votesOf([news(1, [option('0', { voters: 0 }), option('2', { voters: 1 })], [voter])])).toEqual([
      ['id:100', [2], '30'],
    ]);
  });

  it('of the account itself are told', () => {
    const chosen = news(2, [option('2', { voters: 2, chosen: true })], []);
    expect(votesOf([chosen])).toEqual([['id:1', [2], '30']]);
  });

  it('in a poll that nobody knows are left out', () => {
    expect(new Desk().take([news(1, [], [voter])])).toEqual([]);
  });
});
