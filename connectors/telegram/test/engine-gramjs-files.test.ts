import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadEngine } from '../mtproto/engines.ts';
import { RpcError } from '../simulator/rpc.ts';
import { AMPLE, EngineStage, FILE_DC, HOME_DC, NEAREST, numbered } from './engine-contract-stage.ts';

describe('the line of gramjs to another data centre', () => {
  let stage: EngineStage;
  const there = { ...AMPLE, dcId: FILE_DC };

  beforeAll(async () => {
    stage = new EngineStage(await loadEngine('gramjs'));
    await stage.start();
  });
  afterEach(() => stage.settle());
  afterAll(() => stage.stop());

  it('asks for no updates, and hands none over', async () => {
    const { client, updates } = await stage.open();
    await client.invoke(NEAREST, there);
    const atFiles = stage.heard.filter(({ context }) => context.key.dcId === FILE_DC);
    expect(atFiles.map(({ context }) => context.withoutUpdates)).toEqual([true, true]);
    stage.server.wire.push(stage.lastKeyId, numbered(1));
    await client.invoke(NEAREST, there);
    expect(updates).toEqual([]);
  });

  it('is dialled again with the same key when it is gone, and imports the authorization when that is gone', async () => {
    const { client } = await stage.open();
    await client.invoke(NEAREST, there);
    const fileKeyId = stage.lastKeyId;
    stage.server.faults.cut(fileKeyId);
    await expect.poll(() => client.invoke(NEAREST, there).catch(() => undefined)).toMatchObject({ country: 'AT' });
    expect(stage.lastKeyId).toBe(fileKeyId);
    let isKnown = false;
    stage.answer(NEAREST._, () => {
      if (!isKnown) throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
      return { _: 'nearestDc', country: 'IT', thisDc: 1, nearestDc: 1 };
    });
    await expect(client.invoke(NEAREST, there)).rejects.toMatchObject({ text: 'AUTH_KEY_UNREGISTERED' });
    isKnown = true;
    expect(await client.invoke(NEAREST, there)).toMatchObject({ country: 'IT' });
    expect(stage.callsOf('auth.importAuthorization')).toBe(3);
    expect(stage.lastKeyId).toBe(fileKeyId);
  });

  it('makes another key when the data centre has forgotten it', async () => {
    const { client } = await stage.open();
    await client.invoke(NEAREST, there);
    const fileKeyId = stage.lastKeyId;
    stage.server.wire.forgetKey(fileKeyId);
    await expect.poll(() => client.invoke(NEAREST, there).catch(() => undefined)).toMatchObject({ country: 'AT' });
    expect(stage.lastKeyId).not.toBe(fileKeyId);
  });

  it('holds up no call at home, and is held up by none', async () => {
    const { client } = await stage.open();
    await client.invoke(NEAREST, there);
    const slow: (() => void)[] = [];
    const answer = { _: 'nearestDc', country: 'AT', thisDc: 1, nearestDc: 1 };
    stage.answer(NEAREST._, (_call, { key }) =>
      key.dcId === FILE_DC ? new Promise((resolve) => slow.push(() => resolve(answer))) : answer,
    );
    const heard = stage.nextCall(NEAREST._);
    const file = client.invoke(NEAREST, there);
    await heard;
    await client.invoke(NEAREST, { ...AMPLE, dcId: HOME_DC });
    for (const resolve of slow) resolve();
    await file;
  });

  it('ends with the client: its calls are lost', async () => {
    const { client } = await stage.open();
    await client.invoke(NEAREST, there);
    stage.answer(NEAREST._, () => new Promise(() => undefined));
    const heard = stage.nextCall(NEAREST._);
    const lost = expect(client.invoke(NEAREST, there)).rejects.toMatchObject({ reason: 'ended', isWritten: true });
    await heard;
    stage.server.faults.cut(stage.keyId);
    await client.ended;
    await lost;
    await expect(client.invoke(NEAREST, there)).rejects.toMatchObject({ reason: 'ended', isWritten: false });
  });
});
