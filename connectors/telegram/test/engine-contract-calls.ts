import { expect, it } from 'vitest';
import { settle } from '../../../test/support/virtual-clock.ts';
import { CallLost, RpcFailure } from '../mtproto/client.ts';
import { RpcError } from '../simulator/rpc.ts';
import type { TlObject, TlValue } from '../tl.ts';
import type { EngineStage } from './engine-contract-stage.ts';
import { AMPLE, FILE_DC, HOME_DC, later, NEAREST, numbered } from './engine-contract-stage.ts';

const LARGE_BYTES = 300_000;
const getFile: TlObject = {
  _: 'upload.getFile',
  location: { _: 'inputDocumentFileLocation', id: 1n, accessHash: 2n, fileReference: new Uint8Array(3), thumbSize: '' },
  offset: 0n,
  limit: 1_048_576,
};
const answerOf = (country: string): TlObject => ({ _: 'nearestDc', country, thisDc: HOME_DC, nearestDc: HOME_DC });

/** One call after the other, each with an answer, an error or a loss. */
export function callTests(stage: () => EngineStage): void {
  it('gives back objects, vectors, numbers and yes or no as the schema has them', async () => {
    const { client } = await stage().open();
    const answers: readonly (readonly [TlObject, TlValue])[] = [
      [{ _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] }, [{ _: 'userEmpty', id: -(2n ** 63n) }]],
      [{ _: 'users.getUsers', id: [] }, []],
      [{ _: 'account.updateStatus', offline: true }, true],
      [{ _: 'account.updateStatus', offline: false }, false],
      [{ _: 'stories.readStories', peer: { _: 'inputPeerSelf' }, maxId: 5 }, [1, -2, 2_147_483_647]],
      [{ _: 'contacts.getContactIDs', hash: 3n }, [1, 2]],
      [{ _: 'messages.receivedQueue', maxQts: 5 }, [9_007_199_254_740_993n, -1n]],
      [{ _: 'updates.getState' }, { _: 'updates.state', pts: 1, qts: 2, date: 3, seq: 4, unreadCount: -5 }],
    ];
    for (const [call, answer] of answers) {
      stage().answer(call._, () => answer);
      expect(await client.invoke(call, AMPLE)).toEqual(answer);
      expect(stage().heard.at(-1)?.call).toEqual(call);
    }
  });

  it('unpacks an answer that comes packed, and takes a large one that does not', async () => {
    const { client } = await stage().open();
    const noise = new Uint8Array(Buffer.alloc(LARGE_BYTES).map((_byte, index) => (index * index * 31 + index) % 251));
    for (const bytes of [new Uint8Array(LARGE_BYTES), noise]) {
      const file: TlObject = { _: 'upload.file', type: { _: 'storage.filePartial' }, mtime: 1, bytes };
      stage().answer(getFile._, () => file);
      const answer = (await client.invoke(getFile, AMPLE)) as TlObject;
      expect(answer._).toBe('upload.file');
      expect(Buffer.from(answer['bytes'] as Uint8Array).equals(bytes)).toBe(true);
    }
  });

  it('sends a large call whole', async () => {
    const { client } = await stage().open();
    const bytes = new Uint8Array(524_288).fill(9);
    stage().answer('upload.saveFilePart', () => true);
    await client.invoke({ _: 'upload.saveFilePart', fileId: 0n, filePart: 1, bytes }, AMPLE);
    expect(Buffer.from(stage().heard.at(-1)?.call['bytes'] as Uint8Array).equals(bytes)).toBe(true);
  });

  it.each([
    [420, 'FLOOD_WAIT_3'],
    [420, 'SLOWMODE_WAIT_5'],
    [303, 'PHONE_MIGRATE_1'],
    [303, 'USER_MIGRATE_1'],
    [303, 'FILE_MIGRATE_1'],
    [500, 'RANDOM_ID_DUPLICATE'],
    [500, 'INTERNAL'],
    [-503, 'Timeout'],
    [401, 'AUTH_KEY_UNREGISTERED'],
    [400, 'CONNECTION_NOT_INITED'],
    [406, 'UPDATE_APP_TO_LOGIN'],
  ])('passes on what the network refuses, at once and unchanged: %i %s', async (code, text) => {
    const { client, ends } = await stage().open();
    stage().answer(NEAREST._, () => {
      throw new RpcError(code, text);
    });
    const failure: unknown = await client.invoke(NEAREST, AMPLE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RpcFailure);
    expect(failure).toMatchObject({ code, text, method: NEAREST._ });
    await client.ping(5_000);
    expect(stage().callsOf(NEAREST._)).toBe(1);
    expect(client.key().dcId).toBe(HOME_DC);
    expect(ends).toEqual([]);
  });

  it('lets one call at a time go, in order', async () => {
    const { client } = await stage().open();
    const running: number[] = [];
    let most = 0;
    let now = 0;
    stage().answer('contacts.getContactIDs', async (call) => {
      now += 1;
      most = Math.max(most, now);
      running.push(Number(call['hash']));
      await settle();
      now -= 1;
      return [Number(call['hash'])];
    });
    const asked = Array.from({ length: 40 }, (_none, index) => index);
    const calls = asked.map((index) => client.invoke({ _: 'contacts.getContactIDs', hash: BigInt(index) }, AMPLE));
    expect(await Promise.all(calls)).toEqual(asked.map((index) => [index]));
    expect(running).toEqual(asked);
    expect(most).toBe(1);
  });

  it('gives a call up at its deadline, repeats nothing, and goes on', async () => {
    const { client, clock, ends } = await stage().open();
    const slow = later<TlValue>();
    stage().answer(NEAREST._, () => slow.promise);
    const heard = stage().nextCall(NEAREST._);
    const call = client.invoke(NEAREST, { timeoutMs: 5_000 });
    const lost = expect(call).rejects.toMatchObject({ name: 'CallLost', reason: 'deadline', isWritten: true });
    const waiting = expect(client.invoke(NEAREST, { timeoutMs: 4_000 })).rejects.toMatchObject({
      reason: 'deadline',
      isWritten: false,
    });
    await heard;
    await clock.advance(4_999);
    await waiting;
    await clock.advance(1);
    await lost;
    stage().answer(NEAREST._, () => answerOf('IT'));
    const next = client.invoke(NEAREST, AMPLE);
    slow.resolve(answerOf('CH')); // too late: nobody may take it for the next one's
    expect(await next).toMatchObject({ country: 'IT' });
    expect(stage().callsOf(NEAREST._)).toBe(2);
    expect(ends).toEqual([]);
  });

  it('gives a call up when it is told to, before and after it went', async () => {
    const { client } = await stage().open();
    const slow = later<TlValue>();
    stage().answer(NEAREST._, () => slow.promise);
    const abort = new AbortController();
    const heard = stage().nextCall(NEAREST._);
    const first = client.invoke(NEAREST, { ...AMPLE, signal: abort.signal });
    const second = client.invoke(NEAREST, { ...AMPLE, signal: abort.signal });
    const lost = [
      expect(first).rejects.toMatchObject({ name: 'CallLost', reason: 'aborted', isWritten: true }),
      expect(second).rejects.toMatchObject({ name: 'CallLost', reason: 'aborted', isWritten: false }),
    ];
    await heard;
    abort.abort();
    await Promise.all(lost);
    await expect(client.invoke(NEAREST, { ...AMPLE, signal: abort.signal })).rejects.toBeInstanceOf(CallLost);
    slow.resolve(answerOf('CH'));
    stage().answer(NEAREST._, () => answerOf('IT'));
    expect(await client.invoke(NEAREST, AMPLE)).toMatchObject({ country: 'IT' });
    expect(stage().callsOf(NEAREST._)).toBe(2);
  });

  it('waits no longer than its deadline for an answer that was lost on the way, and asks nobody again', async () => {
    const { client, clock, ends } = await stage().open();
    stage().server.faults.swallowAnswer(NEAREST._);
    const heard = stage().nextCall(NEAREST._);
    const lost = expect(client.invoke(NEAREST, { timeoutMs: 5_000 })).rejects.toMatchObject({
      reason: 'deadline',
      isWritten: true,
    });
    await heard;
    await clock.advance(5_000);
    await lost;
    expect(await client.invoke(NEAREST, AMPLE)).toMatchObject({ country: 'AT' });
    expect(stage().callsOf(NEAREST._)).toBe(2);
    expect(ends).toEqual([]);
  });

  it('loses nothing that shares a container with an error', async () => {
    const { client, clock, updates } = await stage().open();
    const refused = later<TlValue>();
    const answered = later<TlValue>();
    stage().answer(NEAREST._, () => refused.promise);
    stage().answer('updates.getState', () => answered.promise);
    const first = stage().nextCall(NEAREST._);
    const lost = expect(client.invoke(NEAREST, { timeoutMs: 1_000 })).rejects.toBeInstanceOf(CallLost);
    await first;
    await clock.advance(1_000);
    await lost;
    const second = stage().nextCall('updates.getState');
    const call = client.invoke({ _: 'updates.getState' }, AMPLE);
    await second;
    // All of one turn goes out in one container.
    refused.reject(new RpcError(400, 'PEER_ID_INVALID'));
    answered.resolve({ _: 'updates.state', pts: 1, qts: 2, date: 3, seq: 4, unreadCount: 5 });
    stage().server.wire.push(stage().keyId, numbered(1));
    expect(await call).toMatchObject({ pts: 1 });
    await client.ping(5_000);
    expect(updates).toEqual([numbered(1)]);
  });

  it('loses the call whose answer it cannot read, and says that it does not understand the network any more', async () => {
    const { client, ends } = await stage().open();
    stage().server.faults.unreadableAnswer(NEAREST._);
    const call = client.invoke(NEAREST, AMPLE);
    const other = client.invoke(NEAREST, AMPLE);
    const lost = expect(other).rejects.toMatchObject({ reason: 'ended', isWritten: false });
    await expect(call).rejects.toMatchObject({ name: 'CallLost', isWritten: true, reason: 'unreadable' });
    await lost;
    await client.ended;
    expect(ends).toMatchObject([{ type: 'protocol' }]);
  });

  it("calls another data centre on a connection of its own, with the account's authorization", async () => {
    const { client, ends } = await stage().open();
    const there = { ...AMPLE, dcId: FILE_DC };
    await client.invoke(NEAREST, there);
    await client.invoke(NEAREST, there);
    expect(stage().heard.map(({ call, context }) => [call._, context.key.dcId])).toEqual([
      ['auth.exportAuthorization', HOME_DC],
      ['auth.importAuthorization', FILE_DC],
      [NEAREST._, FILE_DC],
      [NEAREST._, FILE_DC],
    ]);
    expect(stage().heard[1]?.call).toEqual({ _: 'auth.importAuthorization', id: 77n, bytes: Uint8Array.of(1, 2, 3) });
    stage().server.faults.cut(stage().lastKeyId); // the line for files
    stage().answer(NEAREST._, (_call, { key }) => answerOf(key.dcId === FILE_DC ? 'IT' : 'AT'));
    expect(await client.invoke(NEAREST, AMPLE)).toMatchObject({ country: 'AT' });
    await expect.poll(() => client.invoke(NEAREST, there).catch(() => undefined)).toMatchObject({ country: 'IT' });
    expect(client.key()).toEqual(stage().key);
    expect(ends).toEqual([]);
  });

  it('passes on what the other data centre, or the way to it, refuses', async () => {
    const { client } = await stage().open();
    stage().answer('auth.exportAuthorization', () => {
      throw new RpcError(420, 'FLOOD_WAIT_9');
    });
    const there = { ...AMPLE, dcId: FILE_DC };
    await expect(client.invoke(NEAREST, there)).rejects.toMatchObject({ name: 'RpcFailure', text: 'FLOOD_WAIT_9' });
    stage().answer('auth.exportAuthorization', () => ({
      _: 'auth.exportedAuthorization',
      id: 77n,
      bytes: new Uint8Array(1),
    }));
    stage().answer(NEAREST._, () => {
      throw new RpcError(400, 'FILE_REFERENCE_EXPIRED');
    });
    await expect(client.invoke(NEAREST, there)).rejects.toMatchObject({ text: 'FILE_REFERENCE_EXPIRED' });
    await expect(client.invoke(NEAREST, { ...AMPLE, dcId: 9 })).rejects.toThrow();
  });
}
