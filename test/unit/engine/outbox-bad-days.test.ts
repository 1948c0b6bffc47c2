import { describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { EngineFixture, GUEST } from '../../support/engine-fixture.ts';
import { limitless } from '../../support/limitless.ts';

/** Never answers, like a line that went silent. */
const silence = (): Promise<void> => new Promise(() => undefined);

describe('a daemon that dies', () => {
  it('between the begin of the attempt and the send: the guest gets the message once', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(silence);
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sending');
    await fixture.crashAndRestart();
    const sent = await fixture.untilStatus(id, 'sent', 120_000);
    expect(sent.attempts).toBe(2);
    expect(line.arrivals).toEqual([{ networkId: sent.channelMessageId, chat: GUEST, attempt: 2 }]);
  });

  it('between the send and its record: the same network id is sent again, the guest sees it once', async () => {
    let isDying = false;
    const dying = (store: Store): Store =>
      new Proxy(store, {
        get(target, name, receiver) {
          if (name === 'finishAttempt' && isDying) return () => new Promise(() => undefined);
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
    const fixture = await EngineFixture.open({ wrapStore: dying });
    const line = await fixture.online();
    isDying = true;
    const { id } = await fixture.accept();
    await fixture.until(() => line.arrivals.length === 1);
    isDying = false;
    await fixture.crashAndRestart();
    const sent = await fixture.untilStatus(id, 'sent', 120_000);
    expect(line.arrivals.map((arrival) => arrival.networkId)).toEqual([sent.channelMessageId, sent.channelMessageId]);
    expect(line.phone.size).toBe(1);
  });
});

describe('races with the network', () => {
  it('does not step back when the receipt comes before the answer to the send', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async (message: OutboundMessage) => {
      line.deliver(message);
      const { chat, networkId } = message;
      await line.emit({
        type: 'receipt',
        receipt: { chat, networkIds: [networkId], status: 'read', at: fixture.clock.now() },
      });
    });
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'read');
    await fixture.clock.advance(10_000);
    expect((await fixture.message(id)).status).toBe('read');
    expect(line.count('send')).toBe(1);
  });

  it('is settled by a receipt: an open outcome is not sent again', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async (message: OutboundMessage) => {
      const { chat, networkId } = message;
      line.deliver(message);
      await line.emit({
        type: 'receipt',
        receipt: { chat, networkIds: [networkId], status: 'delivered', at: fixture.clock.now() },
      });
      throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: true });
    });
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'delivered');
    await fixture.clock.advance(600_000);
    expect(line.count('send')).toBe(1);
  });
});

describe('a store that cannot write', () => {
  it('records the outcome once there is room again, without a second send', async () => {
    let refused = 0;
    const full = (store: Store): Store =>
      new Proxy(store, {
        get(target, name, receiver) {
          if (name === 'finishAttempt' && refused < 3) {
            refused += 1;
            return () => Promise.reject(new BellhopError('store_full'));
          }
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
    const fixture = await EngineFixture.open({ wrapStore: full });
    const line = await fixture.online();
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    expect(refused).toBe(3);
    expect(line.count('send')).toBe(1);
  });
});

describe('many conversations', () => {
  it('drains a hundred of them in the order of acceptance, one at a time', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    const numbers = Array.from({ length: 100 }, (_, index) => `+1555200${String(index).padStart(4, '0')}`);
    let last = '';
    for (const to of numbers) last = (await fixture.accept({ to })).id;
    const isDone = async () => (await fixture.message(last)).status === 'sent';
    await fixture.until(isDone, 8 * 3_600_000, 5_000);
    expect(line.arrivals.map((arrival) => arrival.chat)).toEqual(numbers);
    expect(line.mostSendsUnderWay).toBe(1);
    const typing = line.calls.filter((call) => call.operation === 'setTyping' || call.operation === 'send');
    // Typing is shown to one guest at a time: between "on" for one chat and its "off" nobody else is typed to.
    let shownTo: string | undefined;
    for (const call of typing) {
      const { chat } = call.input as { chat: { addresses: string[] } };
      if (shownTo !== undefined) expect(chat.addresses[0]).toBe(shownTo);
      const isOff = call.operation === 'setTyping' && !(call.input as { on: boolean }).on;
      shownTo = isOff ? undefined : chat.addresses[0];
    }
  });
});
