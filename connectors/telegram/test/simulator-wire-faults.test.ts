import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { RpcError } from '../simulator/rpc.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { announced, GET_NEAREST_DC } from './simulator-wire-raw-calls.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { encodeCall, startServer, typing } from './simulator-wire-support.ts';

let clock: VirtualClock;
let net: TestServer;
let client: RawClient;

beforeEach(async () => {
  clock = new VirtualClock();
  net = await startServer(clock);
  client = await RawClient.ready(net.server, { clock });
});

afterEach(async () => {
  client.close();
  await net.server.stop();
});

const METHOD = 'help.getNearestDc';
const keyId = (): string => net.server.inits[0]?.keyId ?? '';

function typingAt(date: number): TlObject {
  return { ...typing, date };
}

/** The dates of the pushes that arrive before the pong of a ping. */
async function pushedDates(): Promise<number[]> {
  client.send(client.message(service.encodeCall({ _: 'ping', pingId: 1n })));
  const dates: number[] = [];
  for (;;) {
    const { object, body } = await client.hears(({ _: name }) => name === 'unknown' || name === 'pong');
    if (object._ === 'pong') return dates;
    dates.push(Buffer.from(body).readInt32LE(body.length - 4));
  }
}

async function callError(body: Uint8Array = GET_NEAREST_DC): Promise<TlObject> {
  const message = client.message(body);
  client.send(message);
  return client.errorTo(message.msgId);
}

describe('connections', () => {
  test('are cut, those of one key or all', async () => {
    const other = await RawClient.ready(net.server, { clock });
    net.server.faults.cut(keyId());
    await client.closed;
    await other.call(GET_NEAREST_DC);
    net.server.wire.cut();
    await other.closed;
  });

  test('fall silent: nothing is heard, nothing is said, and a new one works', async () => {
    net.server.faults.silence(keyId());
    client.send(client.message(GET_NEAREST_DC));
    const next = await client.another(net.server);
    await next.call(GET_NEAREST_DC);
    expect(net.world.count(METHOD)).toBe(1);
    next.close();
  });

  test('end with a transport error', async () => {
    net.server.faults.transportError(-429);
    expect(await client.transportError()).toBe(-429);
    await client.closed;
  });

  test('are refused, and left waiting, and let in again', async () => {
    net.server.faults.newConnections('refuse');
    await RawClient.connect(net.server).then(
      ({ closed }) => closed,
      () => undefined, // reset before it was open
    );
    net.server.faults.newConnections('stall');
    const stalled = await client.another(net.server);
    stalled.send(stalled.message(GET_NEAREST_DC));
    await client.call(GET_NEAREST_DC);
    expect(net.world.count(METHOD)).toBe(1);
    net.server.faults.newConnections('open');
    const next = await client.another(net.server);
    await next.call(GET_NEAREST_DC);
    for (const each of [stalled, next]) each.close();
  });

  test('are refused with a transport error, whoever comes', async () => {
    net.server.faults.refusePackets(-429);
    const fresh = await RawClient.connect(net.server);
    await expect(fresh.makeKey()).rejects.toThrow('transport error -429');
    await fresh.closed;
    net.server.faults.clear();
    await client.call(GET_NEAREST_DC);
  });

  test('of a forgotten key get -404, now and later', async () => {
    net.server.wire.forgetKey(keyId());
    expect(await client.transportError()).toBe(-404);
    const next = await client.another(net.server);
    next.send(next.message(GET_NEAREST_DC));
    expect(await next.transportError()).toBe(-404);
  });
});

describe('calls', () => {
  test('fail as often as was said, and the world does not hear of them', async () => {
    net.server.faults.failCall(METHOD, new RpcError(420, 'FLOOD_WAIT_7'), { times: 2 });
    expect(await callError()).toMatchObject({ errorCode: 420, errorMessage: 'FLOOD_WAIT_7' });
    expect(await callError()).toMatchObject({ errorCode: 420 });
    await client.call(GET_NEAREST_DC);
    expect(net.world.count(METHOD)).toBe(1);
  });

  test('fail for one key only', async () => {
    net.server.faults.failCall(METHOD, new RpcError(500, 'NO'), { keyId: 'another', times: Number.POSITIVE_INFINITY });
    await client.call(GET_NEAREST_DC);
    expect(net.world.count(METHOD)).toBe(1);
  });

  test('are acted on while their answer is lost; the same message asked again gets it', async () => {
    net.server.faults.swallowAnswer(METHOD);
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    client.send(client.message(service.encodeCall({ _: 'ping', pingId: 1n })));
    const { object } = await client.hears(({ _: name, reqMsgId }) => name === 'pong' || reqMsgId === message.msgId);
    expect(object._).toBe('pong');
    expect(net.world.count(METHOD)).toBe(1);
    client.send(message);
    expect((await client.answerTo(message.msgId)).length).toBeGreaterThan(8);
    expect(net.world.count(METHOD)).toBe(1);
  });

  test('are answered with something that nobody can read', async () => {
    net.server.faults.unreadableAnswer(METHOD);
    expect(Buffer.from(await client.call(GET_NEAREST_DC)).toString('hex')).toBe('deadbeef');
    expect(net.world.count(METHOD)).toBe(1);
  });

  test('are answered late', async () => {
    net.server.faults.delayAnswers(3000, keyId());
    const called = net.world.heard(METHOD);
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    await called;
    await clock.advance(2999);
    client.send(client.message(service.encodeCall({ _: 'ping', pingId: 1n })));
    expect((await client.hears(({ _: name }) => /pong|rpcResult/.test(name))).object._).toBe('pong');
    await clock.advance(1);
    await client.answerTo(message.msgId);
  });
});

describe('updates', () => {
  test('are held back and released, in order or in reverse', async () => {
    const { faults, wire } = net.server;
    faults.holdPushes(keyId());
    for (const date of [1, 2, 3]) wire.push(keyId(), typingAt(date));
    expect(await pushedDates()).toEqual([]);
    faults.releasePushes('reverse', keyId());
    expect(await pushedDates()).toEqual([3, 2, 1]);
    faults.holdPushes();
    wire.push(keyId(), typingAt(4));
    faults.clear();
    wire.push(keyId(), typingAt(5));
    expect(await pushedDates()).toEqual([4, 5]);
  });

  test('are dropped and doubled', async () => {
    const { faults, wire } = net.server;
    faults.filterPushes((updates) => (updates['date'] === 1 ? [] : [updates, updates]));
    for (const date of [1, 2]) wire.push(keyId(), typingAt(date));
    expect(await pushedDates()).toEqual([2, 2]);
  });
});

test('an update that nobody can read arrives as it is', async () => {
  net.server.faults.pushUnreadable(keyId());
  const { body } = await client.hears(({ _: name }) => name === 'unknown');
  expect(Buffer.from(body).toString('hex')).toBe('deadbeef');
});

describe('who is let in', () => {
  test('no layer outside the limits', async () => {
    net.server.rules.minLayer = 200;
    expect(await callError(announced(198))).toMatchObject({ errorMessage: 'CONNECTION_LAYER_INVALID' });
    await client.call(announced(227));
    net.server.rules.maxLayer = 210;
    expect(await callError(announced(227))).toMatchObject({ errorMessage: 'CONNECTION_LAYER_INVALID' });
    expect(net.server.violations.all()).toEqual([]);
  });

  test('no login of a version that is refused, while other calls go on', async () => {
    net.server.rules.refusedAppVersions.add('1.0');
    await client.call(GET_NEAREST_DC);
    const body = encodeCall(198, { _: 'auth.exportLoginToken', apiId: 1, apiHash: 'x', exceptIds: [] });
    expect(await callError(body)).toMatchObject({ errorCode: 406, errorMessage: 'UPDATE_APP_TO_LOGIN' });
  });
});
