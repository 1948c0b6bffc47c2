import { describe, expect, it } from 'vitest';
import { accept, inbound, linkSession, SESSION } from '../../../support/store-fixture.ts';
import { HOUR_MS, MINUTE_MS, reason, rules } from './observations.ts';
import { useWatchHouse } from './watch-house.ts';

const DOWN = 'front-desk (WhatsApp) is down';

const use = useWatchHouse();

describe('what is looked at besides sessions', () => {
  it('is a disk that is nearly full', async () => {
    const house = use();
    house.freeBytes = rules.diskFreeBytes - 1;
    await house.clock.advance(2 * MINUTE_MS);
    house.freeBytes = rules.diskFreeBytes + 1; // hardly better: no all-clear yet
    await house.clock.advance(10 * MINUTE_MS);
    expect(house.sink.arrived).toEqual(['opened The disk is nearly full']);
    house.freeBytes = 2 * rules.diskFreeBytes;
    await house.clock.advance(5 * MINUTE_MS);
    expect(house.sink.arrived).toEqual(['opened The disk is nearly full', 'closed The disk is nearly full']);
  });

  it('are messages that wait although the session is connected', async () => {
    const house = use();
    const message = await accept(house.store, 'A');
    await house.clock.advance(20 * MINUTE_MS);
    expect(house.sink.arrived).toEqual([]);
    await house.clock.advance(20 * MINUTE_MS);
    const title = 'front-desk (WhatsApp): messages wait too long';
    expect(house.sink.arrived).toEqual([`opened ${title}`]);
    await house.store.cancelMessage(message.id, null, house.clock.now());
    await house.clock.advance(5 * MINUTE_MS);
    expect(house.sink.arrived).toEqual([`opened ${title}`, `closed ${title}`]);
  });

  it('are not messages that wait for a session that is down', async () => {
    const house = use();
    await accept(house.store, 'A');
    await house.set('backing_off', reason('none'));
    await house.clock.advance(2 * HOUR_MS);
    expect(house.sink.arrived).toEqual([`opened ${DOWN}`]);
  });

  it('is an endpoint that said that it is gone, shown without its token', async () => {
    const house = use();
    const url = 'https://pms.example/hook?token=very-secret';
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const hook = await house.store.saveWebhook({ property: 'main', url, types: [], description: null, secret });
    await house.store.recordInbound(inbound('IN1', house.clock.now()));
    await house.store.disableWebhook(hook.id, 'the endpoint answered 410 Gone', house.clock.now());
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.sink.arrived).toEqual(['opened The webhook to pms.example takes nothing']);
    expect(JSON.stringify(house.sink.attempts)).not.toContain('very-secret');
    await house.store.updateWebhook(hook.id, { disabled: false }, null);
    await house.clock.advance(3 * MINUTE_MS);
    expect(house.sink.arrived).toHaveLength(2);
  });

  it('is an older client version that stays, once for the whole channel', async () => {
    const house = use();
    await linkSession(house.store, house.clock, 'bar');
    const old = reason('none', 'older_client_version');
    for (const sessionId of [SESSION, 'bar'])
      await house.store.recordSessionChange({ sessionId, state: 'degraded', reason: old, at: house.clock.now() });
    await house.clock.advance(50 * MINUTE_MS);
    expect(house.sink.arrived).toEqual([]);
    await house.clock.advance(20 * MINUTE_MS);
    expect(house.sink.arrived).toEqual(['opened WhatsApp runs on an older client version']);
    for (const sessionId of [SESSION, 'bar'])
      await house.store.recordSessionChange({ sessionId, state: 'connected', reason: null, at: house.clock.now() });
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.sink.arrived).toHaveLength(2);
  });

  it('is an account whose network lets it write to nobody new', async () => {
    const house = use();
    await accept(house.store, 'A');
    const [due] = await house.store.dueMessages(SESSION, house.clock.now(), 1);
    await house.store.beginAttempt(due?.message.id ?? '', house.clock.now());
    const until = house.clock.now() + 24 * HOUR_MS;
    const limit = { scope: 'new_chats', code: 'rate_limited', nativeCode: null, until, isAssumed: false } as const;
    await house.store.finishAttempt(due?.message.id ?? '', { type: 'limited', at: house.clock.now(), limit });
    await house.clock.advance(MINUTE_MS);
    expect(house.sink.arrived).toEqual(['opened front-desk (WhatsApp) may not write to new guests']);
    await house.store.endLimits(until);
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.sink.arrived).toHaveLength(2);
  });

  it('is an account that is warned, then closed, then free: one alert, and one more word because it got worse', async () => {
    const house = use();
    const say = (state: 'warned' | 'closed' | 'open') =>
      house.store.recordNotice(SESSION, { scope: 'new_chats', origin: 'quota', state }, house.clock.now());
    await say('warned');
    await house.clock.advance(MINUTE_MS);
    expect(house.sink.arrived).toEqual(['opened front-desk (WhatsApp) may soon write to nobody new']);
    await say('closed');
    await house.clock.advance(MINUTE_MS);
    expect(house.sink.arrived.slice(1)).toEqual(['updated front-desk (WhatsApp) may not write to new guests']);
    await say('open');
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.sink.arrived.slice(2)).toEqual(['closed front-desk (WhatsApp) may not write to new guests']);
  });

  it.each([
    ['reply_ratio', 'writes to fewer new guests for now'],
    ['opt_outs', 'writes to no new guests for now'],
    ['undelivered', 'writes to no new guests for now'],
  ] as const)('is an account whose guests do not like what it sends: %s', async (rule, words) => {
    const house = use();
    const until = house.clock.now() + 24 * HOUR_MS;
    await house.store.recordBrakes(SESSION, [{ rule, until, isTimed: true }], house.clock.now());
    await house.clock.advance(MINUTE_MS);
    expect(house.sink.arrived).toEqual([`opened front-desk (WhatsApp) ${words}`]);
    await house.store.recordBrakes(SESSION, [], house.clock.now());
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.sink.arrived).toHaveLength(2);
  });
});
