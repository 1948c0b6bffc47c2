import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RpcError } from '../simulator/rpc.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { GET_NEAREST_DC } from './simulator-wire-raw-calls.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { startServer, typing } from './simulator-wire-support.ts';

let net: TestServer;
let client: RawClient;

beforeEach(async () => {
  net = await startServer();
  client = await RawClient.ready(net.server);
});

afterEach(async () => {
  client.close();
  await net.server.stop();
});

const named = (name: string) => (object: TlObject) => object._ === name;

describe('calls that hang on others', () => {
  const after = (msgId: bigint): Uint8Array =>
    service.encodeCall({ _: 'invokeAfterMsg', msgId, query: GET_NEAREST_DC });

  test('wait for them', async () => {
    const finished: (() => void)[] = [];
    net.world.on(
      'help.getNearestDc',
      () =>
        new Promise((resolve) => {
          finished.push(() => resolve({ _: 'nearestDc', country: 'DE', thisDc: 2, nearestDc: 2 }));
        }),
    );
    const one = client.message(GET_NEAREST_DC);
    const two = client.message(after(one.msgId));
    client.send(client.container([one, two]));
    client.send(client.message(service.encodeCall({ _: 'ping', pingId: 1n })));
    await client.hears(named('pong'));
    expect(net.world.count('help.getNearestDc')).toBe(1);
    const heard = net.world.heard('help.getNearestDc');
    finished[0]?.();
    await heard;
    finished[1]?.();
    await client.answerTo(one.msgId);
    await client.answerTo(two.msgId);
  });

  test('fail with them', async () => {
    net.world.on('help.getNearestDc', () => {
      throw new RpcError(400, 'NO');
    });
    const one = client.message(GET_NEAREST_DC);
    const two = client.message(after(one.msgId));
    client.send(client.container([one, two]));
    expect(await client.errorTo(one.msgId)).toMatchObject({ errorMessage: 'NO' });
    expect(await client.errorTo(two.msgId)).toMatchObject({ errorMessage: 'MSG_WAIT_FAILED' });
    const three = client.message(after(8n));
    client.send(three);
    expect(await client.errorTo(three.msgId)).toMatchObject({ errorMessage: 'MSG_WAIT_FAILED' });
    expect(net.world.count('help.getNearestDc')).toBe(1);
  });
});

test('a long answer is packed, a short one is not', async () => {
  const firstWord = async (country: string): Promise<string> => {
    net.world.on('help.getNearestDc', () => ({ _: 'nearestDc', country, thisDc: 2, nearestDc: 2 }));
    return Buffer.from(await client.call(GET_NEAREST_DC)).toString('hex', 0, 4);
  };
  expect(await firstWord('x'.repeat(2000))).toBe('a1cf7230');
  expect(await firstWord('DE')).toBe('75171a8e'); // nearestDc as it is
});

describe('updates', () => {
  const keyId = (): string => net.server.inits[0]?.keyId ?? '';

  test('go to every session of the key that did not ask for quiet', async () => {
    const quiet = await client.another(net.server);
    await quiet.call(service.encodeCall({ _: 'invokeWithoutUpdates', query: GET_NEAREST_DC }));
    net.server.wire.push(keyId(), typing);
    await client.hears(named('unknown'));
    quiet.send(quiet.message(service.encodeCall({ _: 'ping', pingId: 1n })));
    expect((await quiet.hears(({ _: name }) => name === 'pong' || name === 'unknown')).object._).toBe('pong');
    expect(net.world.calls.at(-1)?.context).toMatchObject({ withoutUpdates: true });
    quiet.close();
  });

  test('that the client cannot carry are an error of whoever pushed them', () => {
    expect(() => net.server.wire.push(keyId(), { _: 'updateNothing' })).toThrow('does not know updateNothing');
  });
});

describe('our own failures', () => {
  test('become 500, and are kept for the test to see', async () => {
    net.world.on('help.getNearestDc', () => ({ _: 'nearestDcs' }));
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    expect(await client.errorTo(message.msgId)).toMatchObject({ errorCode: 500 });
    expect(net.server.internalErrors.map(({ message: text }) => text)).toEqual([
      'the answer of help.getNearestDc: layer 198 does not know nearestDcs',
    ]);
  });
});
