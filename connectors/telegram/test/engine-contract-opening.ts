import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import type { MtprotoEngine } from '../mtproto/client.ts';
import { OpenFailure } from '../mtproto/client.ts';
import type { EngineStage } from './engine-contract-stage.ts';
import { AMPLE, API_ID, announcement, FILE_DC, HOME_DC, NEAREST } from './engine-contract-stage.ts';

/** Longer than an engine may take to give a connection up that says nothing. */
const GIVEN_UP_AFTER_MS = 60_000;
const HOUR_MS = 3_600_000;

const endOf = async (opening: Promise<void>): Promise<OpenFailure['end']> => {
  const failure: unknown = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(OpenFailure);
  return (failure as OpenFailure).end;
};

/** How a client comes to the network. */
export function openingTests(stage: () => EngineStage, loadOther: () => Promise<MtprotoEngine>): void {
  it('makes a key, and announces what it was told and nothing else', async () => {
    const { engine, server } = stage();
    const { client } = await stage().open({ key: undefined });
    expect(client.key().dcId).toBe(HOME_DC);
    expect(client.key().authKey).toHaveLength(256);
    expect(client.key().authKey).not.toEqual(stage().key.authKey);
    expect(server.inits.at(-1)).toEqual({
      ...announcement,
      apiId: API_ID,
      layer: engine.layer,
      keyId: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  it('goes on with a kept key', async () => {
    const { client } = await stage().open();
    expect(stage().lastKeyId).toBe(stage().keyId);
    expect(client.key()).toEqual(stage().key);
    expect(await client.invoke(NEAREST, AMPLE)).toEqual({
      _: 'nearestDc',
      country: 'AT',
      thisDc: HOME_DC,
      nearestDc: HOME_DC,
    });
  });

  it('goes on with a key that the other engine made, and the other way round', async () => {
    const other = await loadOther();
    const made = await stage().open({ key: undefined, engine: other });
    const theirs = made.client.key();
    await made.client.close();
    const moved = await stage().open({ key: theirs });
    await expect(moved.client.invoke(NEAREST, AMPLE)).resolves.toMatchObject({ country: 'AT' });
    await moved.client.close();
    const back = await stage().open({ key: stage().key, engine: other });
    await expect(back.client.invoke(NEAREST, AMPLE)).resolves.toMatchObject({ country: 'AT' });
  });

  it('logs in at another data centre of a private network, and comes back to it', async () => {
    const first = await stage().open({ key: undefined, dcId: FILE_DC });
    expect(first.client.key().dcId).toBe(FILE_DC);
    await first.client.invoke(NEAREST, AMPLE);
    expect(stage().heard.at(-1)?.context.key.dcId).toBe(FILE_DC);
    await first.client.close();
    const announcedBefore = stage().server.inits.length;
    const second = await stage().open({ key: first.client.key() });
    expect(stage().server.inits).toHaveLength(announcedBefore + 1); // straight there, without another key on the way
    await second.client.invoke(NEAREST, AMPLE);
    expect(stage().heard.at(-1)?.context.key.dcId).toBe(FILE_DC);
  });

  it('says that it was turned away', async () => {
    stage().server.faults.newConnections('refuse');
    expect(await endOf(stage().guest().client.open())).toMatchObject({ type: 'lost' });
    const nobody = { host: '127.0.0.1', port: 1, dcId: HOME_DC };
    const { client } = stage().guest({ endpoint: nobody });
    expect(await endOf(client.open())).toMatchObject({ type: 'lost' });
    expect(client.isReached).toBe(false);
  });

  it.each(['kept', 'new'] as const)('gives up on a server that says nothing, with a %s key', async (which) => {
    stage().server.faults.newConnections('stall');
    const { client, clock } = stage().guest(which === 'new' ? { key: undefined } : {});
    const opening = endOf(client.open());
    await clock.advance(GIVEN_UP_AFTER_MS);
    expect(await opening).toEqual({ type: 'silent' });
    expect(client.isReached).toBe(true);
  });

  it('lets itself be closed while it opens', async () => {
    stage().server.faults.newConnections('stall');
    const { client } = stage().guest();
    const opening = endOf(client.open());
    await client.close();
    expect(await opening).toMatchObject({ type: 'lost' });
  });

  it('trusts no server but the one with the key that it was given', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const strange = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const { client } = stage().guest({ key: undefined, serverKeys: [strange] });
    expect(await endOf(client.open())).toMatchObject({ type: 'protocol' });
  });

  it('does not open with a key of the server that cannot be read', async () => {
    const { client } = stage().guest({ key: undefined, serverKeys: ['-----BEGIN nothing'] });
    expect(await endOf(client.open())).toMatchObject({ type: 'protocol' });
  });

  it('tells that the network does not know its key', async () => {
    const { client } = stage().guest({ key: { dcId: HOME_DC, authKey: new Uint8Array(256).fill(7) } });
    expect(await endOf(client.open())).toEqual({ type: 'transport', code: -404 });
  });

  it('tells what the network answered to the announcement', async () => {
    const { rules } = stage().server;
    rules.minLayer = 10_000;
    try {
      const end = await endOf(stage().guest().client.open());
      expect(end).toMatchObject({ type: 'refused', failure: { code: 400, text: 'CONNECTION_LAYER_INVALID' } });
    } finally {
      rules.minLayer = 0;
    }
  });

  it.each([
    ['slow', 'kept', -HOUR_MS],
    ['fast', 'kept', HOUR_MS],
    ['fast', 'new', HOUR_MS],
  ])('opens with a clock that is an hour %s and a %s key', async (_way, which, skewMs) => {
    const { client, clock, ends } = await stage().open({ skewMs, ...(which === 'new' ? { key: undefined } : {}) });
    await client.invoke(NEAREST, AMPLE);
    clock.jump(-skewMs); // somebody puts it right
    for (let count = 0; count < 3; count += 1) await client.invoke(NEAREST, AMPLE);
    expect(ends).toEqual([]);
  });
}
