import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { announced, GET_NEAREST_DC } from './simulator-wire-raw-calls.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { startServer } from './simulator-wire-support.ts';

let clock: VirtualClock;
let net: TestServer;
let client: RawClient;
const opened: RawClient[] = [];

beforeEach(async () => {
  clock = new VirtualClock();
  net = await startServer(clock);
  client = await RawClient.ready(net.server, { clock });
  opened.push(client);
});

afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await net.server.stop();
});

const named = (name: string) => (object: TlObject) => object._ === name;

async function resumed(): Promise<RawClient> {
  client.close();
  await client.closed;
  const next = await client.reconnect(net.server);
  opened.push(next);
  return next;
}

function sendService(call: TlObject): bigint {
  const body = service.hasMethod(call._) ? service.encodeCall(call) : service.encode(call);
  const message = client.message(body);
  client.send(message);
  return message.msgId;
}

describe('a message that comes twice', () => {
  test('is answered from memory, and acted on once', async () => {
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    const first = await client.answerTo(message.msgId);
    client.send(message);
    expect(await client.answerTo(message.msgId)).toEqual(first);
    expect(net.world.count('help.getNearestDc')).toBe(1);
    expect(net.server.violations.all()).toEqual([]);
  });

  test('while it is worked on, is only acknowledged', async () => {
    let finish = (): void => undefined;
    net.world.on(
      'help.getNearestDc',
      ({ _: name }) =>
        new Promise((resolve) => {
          finish = () => resolve({ _: 'nearestDc', country: name, thisDc: 2, nearestDc: 2 });
        }),
    );
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    client.send(message);
    expect((await client.hears(named('msgsAck'))).object['msgIds']).toEqual([message.msgId]);
    finish();
    await client.answerTo(message.msgId);
    expect(net.world.count('help.getNearestDc')).toBe(1);
  });
});

describe('a session that goes on over another connection', () => {
  test('gets again what it did not acknowledge, under the old ids, and no new greeting', async () => {
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    const { msgId } = await client.hears(({ reqMsgId }) => reqMsgId === message.msgId);
    const next = await resumed();
    next.send(next.message(service.encodeCall({ _: 'ping', pingId: 1n })));
    const again = await next.hears(({ reqMsgId }) => reqMsgId === message.msgId);
    expect(again.msgId).toBe(msgId);
    await next.hears(named('pong'));
    expect(net.world.count('help.getNearestDc')).toBe(1);
  });

  test('does not get again what it acknowledged', async () => {
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    const { msgId } = await client.hears(({ reqMsgId }) => reqMsgId === message.msgId);
    client.send(client.message(service.encode({ _: 'msgsAck', msgIds: [msgId] }), false));
    sendService({ _: 'ping', pingId: 1n });
    await client.hears(named('pong'));
    const next = await resumed();
    next.send(next.message(service.encodeCall({ _: 'ping', pingId: 1n })));
    for (let name = ''; name !== 'pong'; ) {
      const { object } = await next.hears(() => true);
      name = object._;
      expect(object['reqMsgId']).not.toBe(message.msgId);
    }
  });

  test('is greeted once, and so is each new one', async () => {
    const other = await client.another(net.server);
    opened.push(other);
    const first = other.message(GET_NEAREST_DC);
    other.send(first);
    expect((await other.hears(named('newSessionCreated'))).object['firstMsgId']).toBe(first.msgId);
    await other.answerTo(first.msgId);
    expect(net.server.violations.all()).toEqual([]);
  });
});

describe('questions about messages', () => {
  test('msgs_state_req brings the answer again, then the state', async () => {
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    await client.answerTo(message.msgId);
    sendService({ _: 'msgsStateReq', msgIds: [message.msgId, client.nextId()] });
    await client.answerTo(message.msgId);
    const { object } = await client.hears(named('msgsStateInfo'));
    expect([...(object['info'] as Uint8Array)]).toEqual([4 + 64, 2]);
  });

  test('msg_resend_req repeats a message, or tells that it is forgotten', async () => {
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    const { msgId } = await client.hears(({ reqMsgId }) => reqMsgId === message.msgId);
    sendService({ _: 'msgResendReq', msgIds: [msgId] });
    expect((await client.hears(({ reqMsgId }) => reqMsgId === message.msgId)).msgId).toBe(msgId);
    sendService({ _: 'msgResendReq', msgIds: [77n] });
    expect([...((await client.hears(named('msgsStateInfo'))).object['info'] as Uint8Array)]).toEqual([1]);
  });

  test('rpc_drop_answer holds back the answer of a call that runs', async () => {
    let finish = (): void => undefined;
    net.world.on(
      'help.getNearestDc',
      () =>
        new Promise((resolve) => {
          finish = () => resolve({ _: 'nearestDc', country: 'DE', thisDc: 2, nearestDc: 2 });
        }),
    );
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    const dropId = sendService({ _: 'rpcDropAnswer', reqMsgId: message.msgId });
    expect(service.decode(await client.answerTo(dropId))).toEqual({ _: 'rpcAnswerDroppedRunning' });
    finish();
    const unknownId = sendService({ _: 'rpcDropAnswer', reqMsgId: 3n });
    const next = await client.hears(named('rpcResult'));
    expect(next.object['reqMsgId']).toBe(unknownId);
  });

  test('a call that takes long is acknowledged, so that the client waits', async () => {
    net.world.on('help.getNearestDc', () => new Promise<never>(() => undefined));
    const called = net.world.heard('help.getNearestDc');
    const message = client.message(GET_NEAREST_DC);
    client.send(message);
    await called;
    await clock.advance(500);
    expect((await client.hears(named('msgsAck'))).object['msgIds']).toEqual([message.msgId]);
  });

  test('a client that acknowledges nothing for two minutes is told on', async () => {
    await clock.advance(120_001);
    await client.call(GET_NEAREST_DC);
    expect(net.server.violations.all()).toMatchObject([{ code: 'not_acknowledged' }]);
  });
});

test('waiting for an acknowledgement begins anew with each connection', async () => {
  await clock.advance(100_000);
  const next = await resumed();
  await clock.advance(100_000);
  await next.call(GET_NEAREST_DC);
  expect(net.server.violations.all()).toEqual([]);
});

describe('pings and ends', () => {
  test('ping_delay_disconnect cuts a client that falls silent, and none that pings again', async () => {
    sendService({ _: 'pingDelayDisconnect', pingId: 1n, disconnectDelay: 10 });
    await client.hears(named('pong'));
    await clock.advance(9000);
    sendService({ _: 'pingDelayDisconnect', pingId: 2n, disconnectDelay: 10 });
    await client.hears(named('pong'));
    await clock.advance(9000);
    await client.call(GET_NEAREST_DC);
    await clock.advance(1000);
    await client.closed;
  });

  test('destroy_session tells whether there was one', async () => {
    const oldId = client.sessionId;
    client.sessionId += 1n;
    await client.call(announced(198));
    sendService({ _: 'destroySession', sessionId: oldId });
    expect((await client.hears(named('destroySessionOk'))).object['sessionId']).toBe(oldId);
    sendService({ _: 'destroySession', sessionId: oldId });
    await client.hears(named('destroySessionNone'));
  });

  test('destroy_auth_key makes the key unknown', async () => {
    sendService({ _: 'destroyAuthKey' });
    await client.hears(named('destroyAuthKeyOk'));
    client.send(client.message(GET_NEAREST_DC));
    expect(await client.transportError()).toBe(-404);
  });
});
