import { describe, expect, it } from 'vitest';
import { SendError } from '../../../src/connector-api/index.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { admin, EngineFixture, GUEST, networkCause } from '../../support/engine-fixture.ts';
import { limitless } from '../../support/limitless.ts';
import { settle } from '../../support/virtual-clock.ts';

/** Takes somebody at a desk more than 25 s. */
const LONG_TEXT = 'The shuttle leaves in front of the house. '.repeat(12);

/** Never answers, like a line that went silent. */
const silence = (): Promise<void> => new Promise(() => undefined);

describe('the road of one message', () => {
  it('sends what is queued and tells it', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const accepted = await fixture.accept();
    expect(accepted.status).toBe('queued');
    const sent = await fixture.untilStatus(accepted.id, 'sent');
    expect(sent.attempts).toBe(1);
    expect([...line.phone.values()]).toEqual(['Your room is ready.']);
    expect(await fixture.eventTypes()).toEqual(expect.arrayContaining(['message.queued', 'message.sent']));
    expect(fixture.telemetry.count('outbound:sent')).toBe(1);
  });

  it('reads, types and then sends, in this order and in the time of a person', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    const startedAt = fixture.clock.now();
    const { id } = await fixture.accept({ body: LONG_TEXT });
    await fixture.untilStatus(id, 'sent');
    const steps = line.calls.filter((call) => call.operation !== 'connect');
    // Typing is shown anew every ten seconds.
    const kinds = steps.map((call) => call.operation).filter((kind, index, all) => kind !== all[index - 1]);
    expect(kinds).toEqual(['markRead', 'setTyping', 'send', 'setTyping']);
    expect(steps.filter(({ operation }) => operation === 'setTyping').length).toBeGreaterThan(3);
    expect(steps[0]?.input).toMatchObject({ messages: [{ networkId: 'IN-1' }] });
    expect((steps.find(({ operation }) => operation === 'send')?.at ?? 0) - startedAt).toBeGreaterThanOrEqual(26_000);
    expect(steps.at(-1)?.input).toMatchObject({ on: false });
  });

  it('marks a message of the guest as read once, not with every answer', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    await fixture.untilStatus((await fixture.accept()).id, 'sent');
    await fixture.untilStatus((await fixture.accept()).id, 'sent');
    expect(line.count('markRead')).toBe(1);
  });

  it('does not mark as read for what the hotel sends by itself', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    await fixture.untilStatus((await fixture.accept({ purpose: 'promotional' })).id, 'sent');
    expect(line.count('markRead')).toBe(0);
  });

  it('waits for sendAt', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { id } = await fixture.accept({ sendAt: fixture.clock.now() + 3_600_000 });
    await fixture.clock.advance(3_590_000);
    expect(line.count('send')).toBe(0);
    await fixture.clock.advance(15_000);
    await fixture.untilStatus(id, 'sent');
  });

  it('ends an expired message instead of sending it', async () => {
    const fixture = await EngineFixture.open();
    await fixture.addLinked();
    fixture.host.line('front-desk').connects.push('hang');
    await fixture.engine.start();
    const { id } = await fixture.accept({ expiresAt: fixture.clock.now() + 5_000 });
    await fixture.untilStatus(id, 'expired');
    expect(fixture.host.line('front-desk').count('send')).toBe(0);
  });
});

describe('cancelling', () => {
  it('honours a cancel while the typing is shown: nothing is sent', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    const { id } = await fixture.accept();
    await fixture.until(() => line.count('setTyping') > 0);
    expect((await fixture.engine.api.messages.delete(admin, id)).status).toBe('cancelled');
    await fixture.clock.advance(60_000);
    expect(line.count('send')).toBe(0);
    expect(line.calls.at(-1)?.input).toMatchObject({ on: false });
    expect((await fixture.message(id)).status).toBe('cancelled');
  });
});

describe('failures', () => {
  it('sends again under the same network id when the outcome is open, and the guest sees it once', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async (message) => {
      line.deliver(message);
      throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: false });
    });
    const { id } = await fixture.accept();
    const sent = await fixture.untilStatus(id, 'sent');
    expect(sent.attempts).toBe(2);
    expect(line.arrivals.map((arrival) => arrival.networkId)).toEqual([sent.channelMessageId, sent.channelMessageId]);
    expect(line.arrivals.map((arrival) => arrival.attempt)).toEqual([1, 2]);
    expect(line.phone.size).toBe(1);
  });

  it('fails at once what the network refused for good, with code and certainty', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async () => {
      throw new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false, nativeCode: '404' });
    });
    const { id } = await fixture.accept();
    const failed = await fixture.untilStatus(id, 'failed');
    expect(failed.error).toMatchObject({ code: 'recipient_unknown', certainty: 'not_sent', nativeCode: '404' });
    expect(failed.error?.remedy).not.toBe('');
    expect(line.count('send')).toBe(1);
  });

  it('tries again what was surely not sent, says so, and waits as long as the network asks', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async () => {
      throw new SendError('media_transfer_failed', { certainty: 'not_sent', retryable: true, retryAfterMs: 30_000 });
    });
    const { id } = await fixture.accept();
    await fixture.until(async () => (await fixture.message(id)).heldBy !== null);
    const first = line.calls.find((call) => call.operation === 'send')!.at;
    expect((await fixture.message(id)).heldBy?.rule).toBe('retry');
    await fixture.untilStatus(id, 'sent');
    expect(line.calls.findLast((call) => call.operation === 'send')!.at - first).toBeGreaterThanOrEqual(30_000);
  });

  it('lets other conversations go on while one message waits for its retry', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async () => {
      throw new SendError('encryption_failed', { certainty: 'not_sent', retryable: true, retryAfterMs: 60_000 });
    });
    const stuck = await fixture.accept();
    const other = await fixture.accept({ to: '+15551230002' });
    await fixture.untilStatus(other.id, 'sent', 5_000);
    expect((await fixture.message(stuck.id)).status).toBe('queued');
  });

  it('makes no attempt when the session goes down while it types, and sends after the reconnect', async () => {
    const fixture = await EngineFixture.open({ pacing: limitless });
    const line = await fixture.online();
    const { id } = await fixture.accept();
    await fixture.until(() => line.count('setTyping') > 0);
    line.connects.push(networkCause);
    await line.drop(networkCause);
    await settle();
    expect(line.count('send')).toBe(0);
    expect((await fixture.message(id)).attempts).toBe(0);
    const sent = await fixture.untilStatus(id, 'sent', 120_000);
    expect(sent.attempts).toBe(1);
    expect(line.count('send')).toBe(1);
  });

  it('makes no attempt when the session goes down while it marks as read', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit({ type: 'message', message: fixture.inbound() });
    line.onCall = (operation) => {
      if (operation === 'markRead') void line.drop(networkCause);
    };
    const { id } = await fixture.accept();
    await fixture.until(() => line.count('markRead') > 0);
    line.onCall = () => undefined;
    expect((await fixture.untilStatus(id, 'sent')).attempts).toBe(1);
    expect(line.count('connect')).toBe(2);
  });

  it('takes the message up again when the process dies in the middle of a send', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.sends.push(async (message) => {
      line.deliver(message);
      await silence();
    });
    const { id } = await fixture.accept();
    await fixture.until(() => line.arrivals.length === 1);
    line.crash();
    const sent = await fixture.untilStatus(id, 'sent', 120_000);
    expect(sent.attempts).toBe(2);
    expect(line.phone.size).toBe(1);
    expect(line.opened).toBe(2);
  });
});

describe('a network that gives ids of its own', () => {
  it('has its id adopted: a receipt, an answer and a change find the message by it', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    line.nameOf = () => '501';
    const { id, channelMessageId: chosen } = await fixture.accept();
    const sent = await fixture.untilStatus(id, 'sent');
    expect(sent.channelMessageId).toBe('501');
    expect(line.arrivals[0]?.networkId).toBe(chosen);
    const chat = { kind: 'direct', addresses: [GUEST] } as const;
    await line.emit({
      type: 'receipt',
      receipt: { chat, networkIds: ['501'], status: 'delivered', at: fixture.clock.now() },
    });
    expect((await fixture.message(id)).status).toBe('delivered');
    await line.emit({ type: 'message', message: fixture.inbound({ replyTo: { networkId: '501' } }) });
    const { data } = await fixture.store.listEvents({ property: null, types: ['message.received'], limit: 9 });
    expect(data[0]?.data.message?.replyTo).toBe(id);
    await fixture.engine.api.messages.edit(admin, id, 'Better.');
    expect(line.calls.find(({ operation }) => operation === 'edit')?.input).toMatchObject({ networkId: '501' });
  });

  it('is asked again under the chosen id by a daemon that died before it knew', async () => {
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
    line.nameOf = () => '501';
    isDying = true;
    const { id, channelMessageId: chosen } = await fixture.accept();
    await fixture.until(() => line.arrivals.length === 1);
    isDying = false;
    await fixture.crashAndRestart();
    expect((await fixture.untilStatus(id, 'sent', 120_000)).channelMessageId).toBe('501');
    expect(line.arrivals.map(({ networkId }) => networkId)).toEqual([chosen, chosen]);
  });
});
