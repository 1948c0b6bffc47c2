import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import type { NetworkState } from '../simulator/network-state.ts';
import {
  linkClient,
  makeAuth,
  muteLibsignal,
  startNetwork,
  TestClient,
  TestDevice,
  TestPhone,
} from './simulator-wire-support.ts';

describe('the state of the simulated network', () => {
  beforeEach(() => muteLibsignal());

  it('lets a client come back to the next life of the network, with its queue, keys, groups and root', async () => {
    const first = await startNetwork();
    const phone = new TestPhone(first, '15100000001', 'Hotel');
    const guest = new TestDevice(first, '15100000002', 'Anna');
    const auth = makeAuth();
    const client = await linkClient(first, phone, auth);
    const me = first.companionsOf(phone.lid)[0] ?? '';
    const group = first.createGroup('Family', guest, [phone.pn]);
    await first.traffic.seen({ kind: 'ack', account: me, type: 'w:gp2' });
    await client.end();
    await first.traffic.seen({ kind: 'closed', account: me });
    await guest.say(phone.lid, 'IN1', 'are you open?');
    first.setOnline(guest, false);
    await phone.say(guest.lid, 'OUT1', 'soon');
    const json = JSON.stringify(first.exportState());
    const { rootKey } = first;
    const keys = first.oneTimeKeysOf(me);
    await first.stop();

    const second = new WhatsAppNetwork({
      clock: systemClock,
      random: systemRandom,
      state: JSON.parse(json) as NetworkState,
    });
    await second.start();
    expect(second.rootKey).toBe(rootKey);
    expect(second.oneTimeKeysOf(me)).toBe(keys - 20); // some may have been handed out since
    expect(second.groupMembers(group)).toEqual([guest.lid, phone.lid]);
    const back = new TestClient(second, auth);
    expect((await back.message('IN1')).message?.conversation).toBe('are you open?');
    await second.traffic.seen({ kind: 'receipt', account: me, id: 'IN1' });
    expect(second.duties.unanswered(me)).toEqual([]);
    guest.moveTo(second);
    expect((await guest.text('soon')).id).toBe('OUT1');
    expect(second.violations.all()).toEqual([]);
    await back.end();
    await second.stop();
  });

  it('refuses a state that is not one', () => {
    const state = { version: 2 } as unknown as NetworkState;
    expect(() => new WhatsAppNetwork({ clock: systemClock, random: systemRandom, state })).toThrow('version');
  });
});
