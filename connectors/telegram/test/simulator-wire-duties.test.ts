import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { GET_NEAREST_DC } from './simulator-wire-raw-calls.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { encodeCall, startServer } from './simulator-wire-support.ts';

let clock: VirtualClock;
let net: TestServer;
let client: RawClient;

beforeEach(async () => {
  clock = new VirtualClock();
  net = await startServer(clock);
  net.world.on('account.updateStatus', () => true);
  client = await RawClient.ready(net.server, { clock });
});
afterEach(async () => {
  client.close();
  await net.server.stop();
});

const GET_STATE = encodeCall(198, { _: 'updates.getState' });
const named = (name: string) => (object: TlObject) => object._ === name;
const kinds = (): readonly string[] => [...new Set(net.server.owed.map(({ kind }) => kind))].sort();
const late = (): readonly string[] => [
  ...new Set(net.server.owed.filter(({ isLate }) => isLate).map(({ kind }) => kind)),
];
const keyId = (): string => net.server.inits.at(-1)?.keyId ?? '';

/** A round trip, so that what was said before is heard. */
async function ping(): Promise<void> {
  client.send(client.message(service.encodeCall({ _: 'ping', pingId: 1n }), false));
  await client.hears(named('pong'));
}

describe('a client owes', () => {
  test('an acknowledgement and a ping, and is late with them after a minute', async () => {
    expect(kinds()).toEqual(['acknowledge', 'ping']);
    await clock.advance(59_000);
    expect(late()).toEqual([]);
    await clock.advance(2_000);
    expect(late()).toEqual(['acknowledge', 'ping']);
    await ping();
    expect(late()).not.toContain('ping');
  });

  test('an acknowledgement soon where many messages wait for one', async () => {
    const msgIds: bigint[] = [];
    for (let count = 0; count < 20; count += 1) {
      client.send(client.message(GET_NEAREST_DC));
      msgIds.push((await client.hears(named('rpcResult'))).msgId);
    }
    expect(late()).toEqual([]);
    await clock.advance(3_000);
    expect(late()).toEqual(['acknowledge']);
    client.send(client.message(service.encode({ _: 'msgsAck', msgIds }), false));
    await ping();
    expect(late()).toEqual([]);
  });

  test('a call again that came with a wrong salt', async () => {
    client.send(client.message(GET_NEAREST_DC), { salt: 1n });
    await client.hears(named('badServerSalt'));
    expect(kinds()).toContain('resend');
    await clock.advance(6_000);
    expect(late()).toEqual(['resend']);
    await client.call(GET_NEAREST_DC);
    expect(kinds()).not.toContain('resend');
  });

  test('a look at what it missed, in a new session and when it is told to, once it has a place', async () => {
    net.server.wire.push(keyId(), { _: 'updatesTooLong' });
    expect(kinds()).not.toContain('difference'); // it has no account yet
    await client.call(GET_STATE);
    expect(kinds()).not.toContain('difference');
    net.server.wire.push(keyId(), { _: 'updatesTooLong' });
    expect(kinds()).toContain('difference');
    await clock.advance(11_000);
    expect(late()).toEqual(['difference']);
    await client.call(GET_STATE);
    expect(kinds()).not.toContain('difference');
    const next = await client.another(net.server);
    await next.call(GET_NEAREST_DC);
    expect(kinds()).toContain('difference');
    next.close();
  });

  test('to say that it is away, or to say again that it is there', async () => {
    const online = encodeCall(198, { _: 'account.updateStatus', offline: false });
    await client.call(online);
    await clock.advance(200_000);
    await client.call(online);
    await clock.advance(200_000);
    expect(late()).not.toContain('go_offline');
    await clock.advance(140_000);
    expect(late()).toContain('go_offline');
    await client.call(encodeCall(198, { _: 'account.updateStatus', offline: true }));
    expect(kinds()).not.toContain('go_offline');
  });

  test('the salt of the hour, and not the one before', async () => {
    client.send(client.message(GET_NEAREST_DC), { salt: 1n });
    const { object } = await client.hears(named('badServerSalt'));
    client.salt = object['newServerSalt'] as bigint;
    await ping();
    expect(kinds()).not.toContain('change_salt');
    await clock.advance(60 * 60_000 + 1_000);
    await ping();
    expect(kinds()).toContain('change_salt');
    await clock.advance(61_000);
    expect(late()).toContain('change_salt');
  });

  test('nothing any more when it is gone, but what it was late with stays', async () => {
    await clock.advance(61_000);
    client.close();
    await client.closed;
    await expect.poll(() => net.server.transports).toEqual([]);
    expect(late()).toEqual(['acknowledge', 'ping']);
    net.server.duties.clear();
    expect(net.server.owed).toEqual([]);
  });
});
