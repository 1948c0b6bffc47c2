import { describe, expect, it } from 'vitest';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { TlObject } from '../tl.ts';
import { listAt, objectAt } from '../tl-fields.ts';
import { channelOf } from '../updates/update-state.ts';
import { lost, refused, SyncStage } from './updates-support.ts';

const MINUTE = 60_000;
const DIFFERENCE = 'updates.getDifference';
const CHANNEL_DIFFERENCE = 'updates.getChannelDifference';
const LOOK = 'messages.getPeerDialogs';
const DIALOGS = 'messages.getDialogs';

describe('the first connection', () => {
  it('begins where the account is now, without what was said before', async () => {
    const stage = new SyncStage();
    stage.happen((server) => server.say());
    await stage.sync().start();
    expect(stage.calls[0]).toBe('updates.getState');
    expect(stage.updates).toEqual([]);
    expect(JSON.parse(stage.vault.cursor.get('telegram.common') ?? '')).toMatchObject({ pts: 11, topId: 6 });
  });

  it('of an account with more chats than can be listed goes on without the list', async () => {
    const stage = new SyncStage();
    stage.happen((server) => [1, 2, 3].forEach(() => server.say()));
    await stage.clock.advance(5_000);
    stage.script(DIALOGS, refused(420, 'FLOOD_WAIT_30'));
    const sync = stage.sync();
    await sync.start();
    await stage.clock.advance(5_000);
    await stage.feed(sync, ...stage.happen((server) => server.post()));
    stage.happen((server) => server.say());
    stage.script(DIFFERENCE, { _: 'updates.differenceTooLong', pts: 14 });
    await stage.feed(sync, { _: 'updatesTooLong' });
    expect(stage.ids).toEqual([6, 9]); // of the supergroup and of the guest, and nothing that was said before
  });

  it('that was cut short begins anew', async () => {
    const stage = new SyncStage();
    stage.script('messages.getDialogs', lost('ended'));
    await expect(stage.sync().start()).rejects.toThrow('call lost');
    expect(stage.vault.cursor.get('telegram.common')).toBeUndefined();
    await stage.started();
  });
});

describe('a later connection', () => {
  it('brings what was said meanwhile, in private chats and in supergroups, before it is called level', async () => {
    const stage = new SyncStage();
    const before = await stage.started();
    await before.stop();
    stage.happen((server) => {
      for (let index = 0; index < 5; index += 1) server.say();
      for (let index = 0; index < 5; index += 1) server.post();
    });
    await stage.sync().start();
    expect(stage.ids).toHaveLength(10);
    expect(stage.batches.every(({ via }) => via === 'difference')).toBe(true);
  });

  it('fails as the first question fails', async () => {
    const stage = new SyncStage();
    await (await stage.started()).stop();
    stage.script(DIFFERENCE, refused(420, 'FLOOD_WAIT_60'));
    await expect(stage.sync().start()).rejects.toMatchObject({ text: 'FLOOD_WAIT_60' });
  });

  it('asks about each supergroup where one of them spoils the question about all', async () => {
    const stage = new SyncStage();
    await (await stage.started()).stop();
    stage.happen((server) => server.post());
    stage.script(LOOK, refused(400, 'CHANNEL_PRIVATE'));
    await stage.sync().start();
    expect(stage.ids).toHaveLength(1);
  });
});

describe('pushes', () => {
  it('that overtake each other within half a second need no question', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [one, two, three] = stage.happen((server) => [1, 2, 3].forEach(() => server.stir()));
    await stage.feed(sync, ...[three, one].filter((each) => each !== undefined));
    await stage.clock.advance(450);
    await stage.feed(sync, ...[two].filter((each) => each !== undefined));
    await stage.clock.advance(5_000);
    expect(stage.calls).toEqual([]);
    expect(stage.updates.map(({ pts }) => pts)).toEqual(
      [one, two, three].map((container) => container && listAt(container, 'updates')[0]?.['pts']),
    );
  });

  it('before which one is missing for half a second lead to one question', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const pushes = stage.happen((server) => [1, 2, 3].forEach(() => server.stir()));
    await stage.feed(sync, ...pushes.slice(1));
    await stage.clock.advance(499);
    expect(stage.calls).toEqual([]);
    await stage.clock.advance(2);
    expect(new Set(stage.calls)).toEqual(new Set([DIFFERENCE]));
    expect(stage.updates).toHaveLength(3);
  });

  it('wait while a difference is fetched, and are not taken twice', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [, second] = stage.happen((server) => [1, 2].forEach(() => server.say()));
    sync.feed({ _: 'updatesTooLong' });
    await stage.feed(sync, ...[second].filter((each) => each !== undefined));
    await stage.clock.advance(1_000);
    expect(stage.ids).toHaveLength(2);
    expect(stage.calls).toContain(LOOK);
  });

  it('in a short form of somebody unknown are fetched whole, at once', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    stage.happen((server) => server.say());
    const short = { _: 'updateShortMessage', id: 6, userId: 555n, message: 'who?', pts: 11, ptsCount: 1, date: 1 };
    await stage.feed(sync, short);
    expect(stage.calls).toContain(DIFFERENCE);
    expect(stage.ids).toEqual([6]);
    expect(stage.batches[0]?.via).toBe('difference');
  });

  it('of a new supergroup are not forgotten by a kill before it was read', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    stage.script(LOOK, lost('ended'));
    await stage.feed(sync, ...stage.happen((server) => server.join()));
    const joined = stage.server.channels.get(902n);
    while (joined?.messages.length === 0) stage.happen((server) => server.post());
    stage.script(DIFFERENCE, { _: 'updates.differenceEmpty', date: 1, seq: 4 });
    const nothing = { _: 'messages.dialogs', dialogs: [], messages: [], users: [], chats: [] };
    for (const _folder of [0, 1]) stage.script(DIALOGS, nothing);
    await stage.sync().start();
    expect(stage.ids.length).toBeGreaterThan(0);
    expect(stage.updates.map(channelOf)).toContain(902n);
  });

  it('without a place are told at once, in the order of their seq', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [first, second] = stage.happen((server) => [1, 2].forEach(() => server.rename()));
    await stage.feed(sync, ...[second, first, second].filter((each) => each !== undefined));
    await stage.clock.advance(1_000);
    expect(stage.calls).toEqual([]);
    expect(stage.updates).toHaveLength(2);
  });

  it('of a channel of posts move nothing', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const message = { _: 'message', id: 3, peerId: { _: 'peerChannel', channelId: 5n }, date: 1, message: 'Ad' };
    const chats = [{ _: 'channel', id: 5n, accessHash: 1n, broadcast: true, title: 'Ads', date: 1 }];
    const post = { _: 'updateNewChannelMessage', message, pts: 50, ptsCount: 1 };
    await stage.feed(sync, { _: 'updates', updates: [post], users: [], chats, date: 1, seq: 0 });
    await stage.clock.advance(5_000);
    expect(stage.calls).toEqual([]);
    expect(stage.updates).toEqual([]);
  });

  it('of secret chats move their count, and nothing else', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    await stage.feed(sync, { _: 'updateShort', update: { _: 'updateNewEncryptedMessage', qts: 9 }, date: 1 });
    expect(JSON.parse(stage.vault.cursor.get('telegram.common') ?? '')).toMatchObject({ qts: 9 });
  });
});

describe('answers to own calls', () => {
  it('move the place, so that what follows is no gap', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    sync.feedAnswer(stage.server.sendOwn());
    const [push] = stage.happen((server) => server.stir());
    await stage.feed(sync, ...[push].filter((each) => each !== undefined));
    await stage.clock.advance(5_000);
    expect(stage.calls).toEqual([]);
    expect(stage.updates).toHaveLength(1);
  });

  it('of a supergroup move the place of that one', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [push] = stage.happen((server) => server.post());
    const update = push && listAt(push, 'updates')[0];
    const id = (objectAt(objectAt(update as TlObject, 'message') as TlObject, 'peerId') as TlObject)[
      'channelId'
    ] as bigint;
    sync.feedAnswer({ _: 'messages.affectedMessages', pts: 11, ptsCount: 1 }, { channelId: id });
    await stage.feed(sync, push as TlObject);
    expect(stage.updates).toEqual([]); // its place is taken: the same count cannot mean two things
    expect(stage.calls).toEqual([]);
  });
});

describe('silence', () => {
  it('of a quarter of an hour is asked about', async () => {
    const stage = new SyncStage();
    await stage.started();
    await stage.clock.advance(14 * MINUTE);
    expect(stage.calls).toEqual([]);
    await stage.clock.advance(2 * MINUTE);
    expect(stage.calls).toEqual([DIFFERENCE, LOOK, DIALOGS, DIALOGS]);
  });

  it('finds the last word of a supergroup that was lost on the way', async () => {
    const stage = new SyncStage();
    await stage.started();
    stage.happen((server) => server.post());
    await stage.clock.advance(16 * MINUTE);
    expect(stage.ids).toHaveLength(1);
  });
});

describe('questions that fail', () => {
  it.each([
    ['the server has its own troubles', refused(500, 'HISTORY_GET_FAILED'), 500, 5_000],
    ['its data base is behind', refused(500, 'PERSISTENT_TIMESTAMP_OUTDATED'), 500, 5_000],
    ['nobody answers in time', lost('deadline'), 500, 5_000],
    ['it wants a pause', refused(420, 'FLOOD_WAIT_42'), 41_000, 43_000],
  ])('because %s are asked again later', async (_why, failure, notBeforeMs, byMs) => {
    const stage = new SyncStage();
    const sync = await stage.started();
    stage.happen((server) => server.say());
    stage.script(DIFFERENCE, failure);
    await stage.feed(sync, { _: 'updatesTooLong' });
    await stage.clock.advance(notBeforeMs);
    expect(stage.calls.filter((call) => call === DIFFERENCE)).toHaveLength(1);
    await stage.clock.advance(byMs - notBeforeMs);
    expect(stage.ids).toHaveLength(1);
  });

  it.each(['PERSISTENT_TIMESTAMP_INVALID', 'PERSISTENT_TIMESTAMP_EMPTY', 'DATE_EMPTY'])(
    'because the place is none (%s) lead to reading the chats again',
    async (text) => {
      const stage = new SyncStage();
      const sync = await stage.started();
      stage.happen((server) => [1, 2, 3].forEach(() => server.say()));
      stage.script(DIFFERENCE, refused(400, text));
      await stage.feed(sync, { _: 'updatesTooLong' });
      await settle();
      expect(stage.ids).toEqual([6, 7, 8]);
      expect(stage.calls).toContain('messages.getHistory');
    },
  );

  it('because the account is not known any longer end it, and tell why', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    stage.script(DIFFERENCE, refused(401, 'SESSION_REVOKED'));
    await stage.feed(sync, { _: 'updatesTooLong' });
    expect(stage.refusals.map(({ text }) => text)).toEqual(['SESSION_REVOKED']);
    stage.forget();
    await stage.clock.advance(60 * MINUTE);
    expect(stage.calls).toEqual([]);
  });

  it('because the connection is gone end it without a word', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    stage.script(DIFFERENCE, lost('ended'));
    await stage.feed(sync, { _: 'updatesTooLong' });
    await sync.stop();
    expect(stage.refusals).toEqual([]);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it('because the account was shut out of a supergroup are not asked again', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const [push] = stage.happen((server) => server.post());
    stage.happen((server) => [...server.channels.values()].forEach((row) => (row.pts += 1)));
    stage.script(CHANNEL_DIFFERENCE, refused(400, 'CHANNEL_PRIVATE'));
    const update = listAt(push as TlObject, 'updates')[0];
    const later = { ...update, pts: 13 } as TlObject;
    await stage.feed(sync, { ...(push as TlObject), updates: [later], chats: [] });
    await stage.clock.advance(5 * MINUTE);
    expect(stage.calls).toEqual([CHANNEL_DIFFERENCE]);
  });

  it('in an answer that nobody can read are asked again later, not at once for ever', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    for (let index = 0; index < 99; index += 1) stage.script(DIFFERENCE, { _: 'updates.differenceOfTomorrow' });
    await stage.feed(sync, { _: 'updatesTooLong' });
    await stage.clock.advance(MINUTE);
    expect(stage.calls.filter((call) => call === DIFFERENCE).length).toBeLessThan(10);
  });
});

describe('a vault that cannot be written', () => {
  it('loses nothing: what was not kept is asked for again', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    let failures = 2;
    stage.onTake = () => {
      if (failures-- > 0) throw new Error('disk full');
    };
    const pushes = stage.happen((server) => [1, 2].forEach(() => server.say()));
    await stage.feed(sync, ...pushes);
    expect(stage.ids).toEqual([]);
    await stage.clock.advance(MINUTE);
    expect(stage.ids).toEqual([6, 7]);
  });
});

describe('stopping', () => {
  it('leaves no timer and takes nothing more', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    await sync.stop();
    await stage.feed(sync, ...stage.happen((server) => server.say()));
    expect(stage.updates).toEqual([]);
    expect(stage.clock.pendingTimers).toBe(0);
  });
});

describe('what is kept', () => {
  it('is small: one move of a supergroup writes little of the others', async () => {
    const stage = new SyncStage();
    const sync = await stage.started();
    const commits = stage.vault.commits;
    await stage.feed(sync, ...stage.happen((server) => server.post()));
    expect(stage.vault.commits).toBe(commits + 1);
    const names = Array.from({ length: 16 }, (_, index) => stage.vault.cursor.get(`telegram.channels.${index}`) ?? '');
    expect(names.join('').length).toBeLessThan(100);
  });
});
