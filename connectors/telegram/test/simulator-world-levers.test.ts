import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/core/json.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { decodePlain, encodePlain } from '../simulator/world/plain.ts';
import { World } from '../simulator/world/world.ts';
import { Stage, TestClient } from './simulator-world-support.ts';

const throughJson = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

describe('levers', () => {
  it('make the network wait, for as long as it said', async () => {
    const stage = new Stage();
    const { client } = stage.desk();
    stage.world.parts.levers.flood({ method: 'updates.getState' }, 42);
    expect(client.refusal('updates.getState')).toBe('420 FLOOD_WAIT_42');
    stage.expectNoViolations();
    await stage.clock.advance(2_000);
    expect(client.refusal('updates.getState')).toBe('420 FLOOD_WAIT_40');
    expect(stage.world.parts.violations.all()).toMatchObject([{ code: 'called_while_waiting' }]);
    await stage.clock.advance(40_000);
    expect(client.refusal('updates.getState')).toBe('none');
  });

  it('refuse calls by method and account, before or after they are carried out', () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    const peer = stage.inputUser(account, anna.account);
    const send = (randomId: bigint): string =>
      client.refusal('messages.sendMessage', { peer, message: `m${randomId}`, randomId });
    const { levers } = stage.world.parts;
    levers.refuse({ method: 'messages.sendMessage', account: 1n }, { code: 400, text: 'NOT_MEANT' });
    levers.refuse({ method: 'messages.sendMessage' }, { code: 500, text: 'INTERNAL' }, { times: 2 });
    expect([send(1n), send(2n), send(3n)]).toEqual(['500 INTERNAL', '500 INTERNAL', 'none']);
    levers.refuse({ method: 'messages.sendMessage' }, { code: 500, text: 'LATE' }, { isDone: true });
    expect(send(4n)).toBe('500 LATE');
    expect(send(4n)).toBe('500 RANDOM_ID_DUPLICATE');
    expect(anna.screen.texts()).toEqual(['m3', 'm4']);
    levers.clear();
  });

  it('slow a supergroup down for its members', async () => {
    const stage = new Stage();
    const { account, client } = stage.desk();
    const anna = stage.guest(account);
    const party = anna.createSupergroup('Party', []);
    const channelId = BigInt(party.slice(1));
    stage.world.parts.peers.channel(channelId).slowmodeSeconds = 10;
    const peer = {
      _: 'inputPeerChannel',
      channelId,
      accessHash: stage.world.parts.peers.accessHash(account.id, party),
    };
    const send = (randomId: bigint): string => client.refusal('messages.sendMessage', { peer, message: 'x', randomId });
    expect([send(1n), send(2n)]).toEqual(['none', '420 SLOWMODE_WAIT_10']);
    await stage.clock.advance(10_000);
    expect(send(2n)).toBe('none');
  });

  it('note methods that the network in a box does not have', () => {
    const stage = new Stage();
    const { client } = stage.desk();
    expect(client.refusal('payments.getStarsStatus')).toBe('400 METHOD_INVALID');
    expect(stage.world.parts.violations.all()).toMatchObject([
      { code: 'unknown_method', detail: 'payments.getStarsStatus' },
    ]);
  });
});

describe('a saved network', () => {
  it('goes on where it was, with every account, message, file and key', () => {
    const stage = new Stage();
    const { account, client } = stage.desk({ username: 'desk_one' });
    const anna = stage.guest(account);
    anna.sendFile({ kind: 'file', bytes: Uint8Array.of(1, 2, 3), mimeType: 'x/y', filename: 'a' });
    anna.react(anna.say('hello'), '👍');
    const party = anna.createSupergroup('Party', []);
    anna.say('dinner?', party);
    const state = throughJson(stage.world.exportState());
    const wire = { push: () => undefined, forgetKey: () => undefined, cut: () => undefined };
    const later = new World({ clock: new VirtualClock(), random: seededRandom(9), wire, state });
    const again = new TestClient(later, client.keyId);
    const dialogs = { offsetDate: 0, offsetId: 0, limit: 10 };
    expect(again.call('messages.getDialogs', dialogs)).toEqual(client.call('messages.getDialogs', dialogs));
    const history = { peer: stage.inputUser(account, anna.account), offsetId: 0, limit: 10 };
    expect(again.call('messages.getHistory', history)).toEqual(client.call('messages.getHistory', history));
    expect(later.exportState()).toEqual(stage.world.exportState());
    expect(() => new World({ clock: stage.clock, random: seededRandom(9), wire, state: { version: 0 } })).toThrow(
      'not a saved network',
    );
  });

  it('keeps every kind of value apart', () => {
    const value = {
      big: -5n,
      bytes: Uint8Array.of(0, 255),
      text: '\u0001n7',
      list: ['', null, true, [1.5]],
      map: new Map<unknown, unknown>([[1n, new Set(['a'])]]),
    };
    expect(decodePlain(throughJson(encodePlain(value)))).toEqual(value);
    expect(() => encodePlain(() => 1)).toThrow('not plain');
    expect(() => decodePlain(['loose'])).toThrow('without its mark');
  });
});
