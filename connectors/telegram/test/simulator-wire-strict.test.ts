import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { badMessage } from '../simulator/wire/client-order.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { announced, GET_CONFIG, GET_NEAREST_DC } from './simulator-wire-raw-calls.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { startServer } from './simulator-wire-support.ts';

let net: TestServer;
let first: RawClient;
let client: RawClient;

beforeAll(async () => {
  net = await startServer();
  first = await RawClient.ready(net.server);
});

afterAll(async () => {
  first.close();
  await net.server.stop();
});

beforeEach(async () => {
  client = await first.another(net.server); // a key for each test would take its time
  await client.call(announced(198));
});

afterEach(() => {
  client.close();
  net.server.violations.clear();
});

const codes = (): string[] => net.server.violations.all().map(({ code }) => code);

const ping = (): Uint8Array => service.encodeCall({ _: 'ping', pingId: 7n });

async function refusal(): Promise<number> {
  const { object } = await client.hears(({ _: name }) => name === 'badMsgNotification');
  return Number(object['errorCode']);
}

describe('salts', () => {
  test('a wrong salt is answered with the right one, and is no mistake', async () => {
    const message = client.message(announced(198));
    client.send(message, { salt: 12n });
    const { object } = await client.hears(({ _: name }) => name === 'badServerSalt');
    expect(object).toMatchObject({ badMsgId: message.msgId, badMsgSeqno: message.seqno, errorCode: 48 });
    client.salt = object['newServerSalt'] as bigint;
    await client.call(GET_NEAREST_DC);
    expect(codes()).toEqual([]);
  });

  test('the salts of the coming hours are told, without a gap', async () => {
    client.send(client.message(service.encodeCall({ _: 'getFutureSalts', num: 3 })));
    const { object } = await client.hears(({ _: name }) => name === 'futureSalts');
    const salts = object['salts'] as readonly TlObject[];
    expect(salts).toHaveLength(3);
    expect(salts[1]?.['validSince']).toBe(salts[0]?.['validUntil']);
    client.salt = salts[0]?.['salt'] as bigint;
    await client.call(GET_NEAREST_DC);
  });
});

describe('message ids and numbers', () => {
  test.each([1n, 2n, 3n])('an id with the low bits %s is refused', async (bits) => {
    client.send({ ...client.message(ping()), msgId: client.nextId() + bits });
    expect(await refusal()).toBe(badMessage.idBits);
    expect(codes()).toEqual(['bad_msg_id']);
  });

  test('an id that does not rise is refused', async () => {
    const first = client.nextId();
    await client.call(GET_NEAREST_DC);
    client.send({ ...client.message(GET_NEAREST_DC), msgId: first });
    expect(await refusal()).toBe(badMessage.idTooLow);
    expect(codes()).toEqual(['bad_msg_id']);
  });

  test('an id of another time is refused, which is how a client learns the time', async () => {
    const now = client.nextId();
    client.send({ ...client.message(ping()), msgId: now + (60n << 32n) });
    expect(await refusal()).toBe(badMessage.idTooHigh);
    expect(codes()).toEqual([]);
  });

  test('a call with an even number is refused', async () => {
    client.send({ ...client.message(GET_NEAREST_DC), seqno: 4 });
    expect(await refusal()).toBe(badMessage.seqnoEven);
    expect(codes()).toEqual(['bad_seqno']);
  });

  test('a number that was used is refused', async () => {
    client.send({ ...client.message(GET_NEAREST_DC), seqno: 1 });
    expect(await refusal()).toBe(badMessage.seqnoTooLow);
    expect(codes()).toEqual(['bad_seqno']);
  });

  test('a container is refused where it holds another, where its id is not above theirs, and where it comes twice', async () => {
    const inner = client.container([client.message(ping())]);
    client.send(client.container([inner]));
    expect(await refusal()).toBe(badMessage.container);
    const later = { ...client.message(ping()), msgId: client.nextId() + 400n };
    client.send(client.container([later]));
    expect(await refusal()).toBe(badMessage.container);
    const twice = client.container([client.message(ping())]);
    client.send(twice);
    client.send(twice);
    expect(await refusal()).toBe(badMessage.containerSeen);
    expect(codes()).toEqual(['bad_container', 'bad_container', 'bad_msg_id']);
  });
});

describe('calls', () => {
  test('in a container and packed are answered each', async () => {
    const packedData = gzipSync(GET_NEAREST_DC);
    const one = client.message(service.encode({ _: 'gzipPacked', packedData }));
    const two = client.message(GET_NEAREST_DC);
    client.send(client.container([one, two]));
    expect((await client.answerTo(one.msgId)).length).toBeGreaterThan(8);
    expect((await client.answerTo(two.msgId)).length).toBeGreaterThan(8);
    expect(codes()).toEqual([]);
  });

  test('that are packed wrongly are told, not answered with a crash', async () => {
    client.send(client.message(service.encode({ _: 'gzipPacked', packedData: new Uint8Array(40) })));
    await client.call(GET_NEAREST_DC);
    expect(codes()).toEqual(['undecodable']);
  });

  test('before initConnection are refused', async () => {
    const fresh = await RawClient.connect(net.server);
    await fresh.makeKey();
    const message = fresh.message(GET_CONFIG);
    fresh.send(message);
    expect(await fresh.errorTo(message.msgId)).toMatchObject({ errorCode: 400, errorMessage: 'CONNECTION_NOT_INITED' });
    fresh.close();
    expect(codes()).toEqual(['not_inited']);
  });

  test('of a layer that is not installed are refused', async () => {
    const message = client.message(announced(150));
    client.send(message);
    expect(await client.errorTo(message.msgId)).toMatchObject({ errorMessage: 'CONNECTION_LAYER_INVALID' });
    expect(codes()).toEqual(['unknown_layer']);
  });

  test.each([
    ['appVersion', 'CONNECTION_APP_VERSION_EMPTY'],
    ['deviceModel', 'CONNECTION_DEVICE_MODEL_EMPTY'],
    ['systemVersion', 'CONNECTION_SYSTEM_EMPTY'],
  ])('of a client without %s are refused', async (field, errorMessage) => {
    const message = client.message(announced(198, GET_CONFIG, { [field]: '' }));
    client.send(message);
    expect(await client.errorTo(message.msgId)).toMatchObject({ errorMessage });
  });

  test('that no layer knows, or that are cut short, or that have a tail, are told', async () => {
    const unknown = client.message(Buffer.from('deadbeef', 'hex'));
    client.send(unknown);
    expect(await client.errorTo(unknown.msgId)).toMatchObject({ errorMessage: 'INPUT_METHOD_INVALID' });
    const cut = client.message(Buffer.from('e23e9458', 'hex')); // messages.setTyping
    client.send(cut);
    expect(await client.errorTo(cut.msgId)).toMatchObject({ errorMessage: 'INPUT_FETCH_ERROR' });
    await client.call(Buffer.concat([GET_NEAREST_DC, new Uint8Array(4)]));
    expect(codes()).toEqual(['unknown_constructor', 'undecodable', 'trailing_bytes']);
  });

  test('with takeout are refused', async () => {
    const message = client.message(service.encodeCall({ _: 'invokeWithTakeout', takeoutId: 1n, query: GET_CONFIG }));
    client.send(message);
    expect(await client.errorTo(message.msgId)).toMatchObject({ errorMessage: 'TAKEOUT_INVALID' });
  });
});

describe('what a client has no reason to say', () => {
  test.each([
    ['an answer to nothing', { _: 'rpcResult', reqMsgId: 4n, result: Uint8Array.of(1, 2, 3, 4) }],
    ['the state of messages that nobody asked for', { _: 'msgsStateInfo', reqMsgId: 4n, info: Uint8Array.of(1) }],
    ['a greeting of servers', { _: 'newSessionCreated', firstMsgId: 1n, uniqueId: 2n, serverSalt: 3n }],
  ])('%s is told', async (_name, object) => {
    client.send(client.message(service.encode(object)));
    await client.call(GET_NEAREST_DC);
    expect(codes()).toEqual(['unexpected_service']);
  });

  test('http_wait is told', async () => {
    client.send(client.message(service.encodeCall({ _: 'httpWait', maxDelay: 0, waitAfter: 0, maxWait: 0 })));
    await client.call(GET_NEAREST_DC);
    expect(codes()).toEqual(['unexpected_service']);
  });

  test('an acknowledgement of something that was never said is told', async () => {
    client.send(client.message(service.encode({ _: 'msgsAck', msgIds: [5n] }), false));
    await client.call(GET_NEAREST_DC);
    expect(codes()).toEqual(['unexpected_ack']);
  });
});
