import { afterEach, expect, test } from 'vitest';
import { systemRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { MtprotoServer } from '../simulator/mtproto-server.ts';
import { longOf, sha1 } from '../simulator/wire/bytes.ts';
import { igeEncrypt } from '../simulator/wire/ige.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { announced, GET_CONFIG, GET_NEAREST_DC } from './simulator-wire-raw-calls.ts';
import type { RawKey } from './simulator-wire-raw-key.ts';
import { DC, decodeAnswer, encodeCall, SmallWorld } from './simulator-wire-support.ts';

const clock = new VirtualClock();
const ended: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function start(options: { state?: unknown; ports?: Record<number, number> } = {}): Promise<MtprotoServer> {
  const server = new MtprotoServer({
    clock,
    random: systemRandom,
    handler: new SmallWorld(),
    dcs: [1, DC],
    ...options,
  });
  await server.start();
  ended.push(() => server.stop());
  return server;
}

async function ready(server: MtprotoServer, dcId = DC): Promise<RawClient> {
  const client = await RawClient.ready(server, { clock, dcId });
  ended.push(() => client.close());
  return client;
}

test('what is exported, through JSON, is the same network with the same keys, ports and announcements', async () => {
  const first = await start();
  const client = await ready(first);
  const { port } = first.endpoint(DC);
  const state: unknown = JSON.parse(JSON.stringify(first.exportState()));
  await first.stop();
  const second = await start({ state });
  expect(second.publicKeyPem).toBe(first.publicKeyPem);
  expect(second.endpoint(DC).port).toBe(port);
  const again = await client.another(second);
  ended.push(() => again.close());
  expect((await saltedCall(again)).length).toBeGreaterThan(8);
  expect(second.violations.all()).toEqual([]);
});

test('a port of an earlier life gives way where somebody else has it now', async () => {
  const first = await start();
  const state: unknown = JSON.parse(JSON.stringify(first.exportState()));
  const second = await start({ state }); // the first still has them
  expect(second.endpoint(DC).port).not.toBe(first.endpoint(DC).port);
});

test('a state that is none is refused at once', () => {
  const make = (): MtprotoServer =>
    new MtprotoServer({ clock, random: systemRandom, handler: new SmallWorld(), dcs: [DC], state: { version: 2 } });
  expect(make).toThrow();
});

test('a stopped server comes back on its ports, with its keys; a taken port is an error that leaves nothing open', async () => {
  const server = await start();
  const client = await ready(server);
  const { port } = server.endpoint(DC);
  await server.stop();
  await client.closed;
  expect(() => server.endpoint(DC)).toThrow('no data centre 2');
  await server.start();
  expect(server.endpoint(DC).port).toBe(port);
  const again = await client.another(server);
  ended.push(() => again.close());
  await saltedCall(again);
  await expect(start({ ports: { 1: port } })).rejects.toThrow('EADDRINUSE');
});

test('each data centre has its port, tells the ports of all, and has keys of its own', async () => {
  const server = await start();
  const client = await ready(server);
  const config = decodeAnswer(198, 'help.getConfig', await client.call(GET_CONFIG));
  expect(config).toMatchObject({
    thisDc: DC,
    dcOptions: [1, 2].map((id) => ({ id, ipAddress: '127.0.0.1', port: server.endpoint(id).port })),
  });
  expect(server.endpoint(1).port).not.toBe(server.endpoint(2).port);
  const elsewhere = await RawClient.connect(server, { clock, dcId: 1 });
  ended.push(() => elsewhere.close());
  elsewhere.key = client.key;
  elsewhere.send(elsewhere.message(GET_NEAREST_DC));
  expect(await elsewhere.transportError()).toBe(-404);
});

test('a temporary key is bound to a permanent one, speaks for it, gets its updates, and ends', async () => {
  const world = new SmallWorld();
  const server = new MtprotoServer({ clock, random: systemRandom, handler: world, dcs: [DC] });
  await server.start();
  ended.push(() => server.stop());
  const permanent = await ready(server);
  const client = await RawClient.connect(server, { clock });
  ended.push(() => client.close());
  const temporary = await client.makeKey({ lifeS: 600 });
  const early = client.message(announced(198, GET_NEAREST_DC));
  client.send(early);
  expect(await client.errorTo(early.msgId)).toMatchObject({ errorCode: 401, errorMessage: 'AUTH_KEY_PERM_EMPTY' });

  const perm = required(permanent.key);
  expect(await bind(client, { perm, temporary, nonce: 1n, sealedNonce: 2n })).toMatchObject({
    errorMessage: 'ENCRYPTED_MESSAGE_INVALID',
  });
  expect(await bind(client, { perm, temporary, nonce: 3n, sealedNonce: 3n, isForged: true })).toMatchObject({
    errorMessage: 'ENCRYPTED_MESSAGE_INVALID',
  });
  expect(await bind(client, { perm, temporary, nonce: 3n, sealedNonce: 3n })).toBeUndefined();
  await client.call(announced(198, GET_NEAREST_DC));
  const keyId = Buffer.from(perm.id).toString('hex');
  expect(world.calls.at(-1)?.context.key).toEqual({ keyId, dcId: DC });
  server.wire.push(keyId, { _: 'updatesTooLong' });
  await client.hears(({ _: name }) => name === 'unknown');

  await clock.advance(600_000);
  client.send(client.message(GET_NEAREST_DC));
  expect(await client.transportError()).toBe(-404);
  expect(server.violations.all()).toEqual([]);
});

/** A call of a client that does not know the salt of the server yet. */
async function saltedCall(client: RawClient): Promise<Uint8Array> {
  client.send(client.message(GET_NEAREST_DC), { salt: 0n });
  const { object } = await client.hears(({ _: name }) => name === 'badServerSalt');
  client.salt = object['newServerSalt'] as bigint;
  return client.call(GET_NEAREST_DC);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}

/** `auth.bindTempAuthKey`: the error, or nothing where it went well. */
async function bind(
  client: RawClient,
  facts: { perm: RawKey; temporary: RawKey; nonce: bigint; sealedNonce: bigint; isForged?: boolean },
): Promise<TlObject | undefined> {
  const { perm, temporary, nonce, sealedNonce, isForged = false } = facts;
  const inner = service.encode({
    _: 'bindAuthKeyInner',
    nonce: sealedNonce,
    tempAuthKeyId: longOf(temporary.id),
    permAuthKeyId: longOf(perm.id),
    tempSessionId: client.sessionId,
    expiresAt: 1,
  });
  const message = client.message(new Uint8Array(0));
  const head = Buffer.alloc(32);
  head.set(systemRandom.bytes(16));
  head.writeBigInt64LE(message.msgId, 16);
  head.writeInt32LE(inner.length, 28);
  const plain = Buffer.concat([head, inner]);
  const encryptedMessage = sealOld(perm, plain, sha1(isForged ? head : plain).subarray(4));
  const call = { _: 'auth.bindTempAuthKey', permAuthKeyId: longOf(perm.id), nonce, expiresAt: 1, encryptedMessage };
  const body = encodeCall(227, call);
  client.send({ ...message, body });
  const answer = await client.answerTo(message.msgId);
  return answer.length === 4 ? undefined : service.decode(answer);
}

/** The envelope of MTProto 1.0. */
function sealOld({ id, bytes: key }: RawKey, plain: Buffer, msgKey: Buffer): Buffer {
  const a = sha1(msgKey, key.subarray(0, 32));
  const b = sha1(key.subarray(32, 48), msgKey, key.subarray(48, 64));
  const c = sha1(key.subarray(64, 96), msgKey);
  const d = sha1(msgKey, key.subarray(96, 128));
  const aesKey = Buffer.concat([a.subarray(0, 8), b.subarray(8, 20), c.subarray(4, 16)]);
  const iv = Buffer.concat([a.subarray(8, 20), b.subarray(0, 8), c.subarray(16, 20), d.subarray(0, 8)]);
  const padded = Buffer.concat([plain, systemRandom.bytes((16 - (plain.length % 16)) % 16)]);
  return Buffer.concat([id, msgKey, igeEncrypt(aesKey, iv, padded)]);
}
