import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.ts';
import type { Message } from '../../../../src/engine/model/message.ts';
import { Governor } from '../../../../src/engine/pacing/governor.ts';
import type { Rules } from '../../../../src/engine/pacing/rules.ts';
import type { Desk, DeskStep, PacingQuery, Store } from '../../../../src/engine/ports/index.ts';
import { CountingTelemetry } from '../../../support/engine-fixture.ts';
import { limitless } from '../../../support/limitless.ts';
import { openTestStore } from '../../../support/open-test-store.ts';
import { guest } from '../../../support/paced-guests.ts';
import { DAY, HOUR, plainRules, SECOND } from '../../../support/pacing-town.ts';
import { accept, inbound, linkSession, person, SESSION } from '../../../support/store-fixture.ts';
import type { VirtualClock } from '../../../support/virtual-clock.ts';

const OTHER_SESSION = 'back-office';
const to = (index: number) => ({ to: { kind: 'direct', address: guest(index) } }) as const;

/** A desk at which something happens each time after the queue has been read and before anybody acts upon it. */
async function open(rules: Rules = limitless) {
  const { store, clock } = await openTestStore();
  await linkSession(store, clock);
  await linkSession(store, clock, OTHER_SESSION);
  const meanwhile: (() => Promise<unknown>)[] = [];
  const overtaken: Store = {
    ...store,
    async pacingFacts(query: PacingQuery) {
      const facts = await store.pacingFacts(query);
      if (query.conversation === undefined) await meanwhile.shift()?.();
      return facts;
    },
  };
  const pacing = { rules, isPaced: () => true, tellsDelivery: () => false };
  const governor = new Governor({
    store: overtaken,
    telemetry: new CountingTelemetry(),
    clock,
    log: silentLogger,
    pacing,
  });
  await governor.start();
  await clock.advance(SECOND); // it rests after its first look
  // The desk of a session asks the network nothing.
  const link = { sessionId: SESSION, channel: 'whatsapp', handle: {} as never };
  const desk = await governor.open(link, () => undefined);
  return { store, clock, desk, meanwhile };
}

function chosen(step: DeskStep): string | null {
  return step.do === 'send' ? step.due.message.id : null;
}

/** What the desk does next, when nothing more happens. */
async function later(desk: Desk, clock: VirtualClock): Promise<string | null> {
  await clock.advance(SECOND);
  return chosen(await desk.next());
}

async function send(store: Store, clock: VirtualClock, { id }: Message): Promise<void> {
  await store.beginAttempt(id, clock.now());
  await store.finishAttempt(id, { type: 'sent', at: clock.now() });
}

async function stop(store: Store, clock: VirtualClock, index: number): Promise<void> {
  const record = inbound(`STOP-${index}`, clock.now(), { from: person(guest(index)) });
  await store.recordInbound({ ...record, asks: 'opted_out' });
}

describe('a message whose turn has come while the queue was still being looked through', () => {
  it('goes, whatever is accepted in the meantime', async () => {
    const { store, desk, meanwhile } = await open();
    const { id } = await accept(store, 'A1', to(1));
    meanwhile.push(() => accept(store, 'A2', to(2)));
    expect(chosen(await desk.next())).toBe(id);
  });

  it('does not go when it has been cancelled', async () => {
    const { store, clock, desk, meanwhile } = await open();
    const { id } = await accept(store, 'A1', to(1));
    meanwhile.push(() => store.cancelMessage(id, null, clock.now()));
    expect(chosen(await desk.next())).toBeNull();
    expect(await later(desk, clock)).toBeNull();
  });

  it('does not go when the network has closed something meanwhile, not before its end', async () => {
    const { store, clock, desk, meanwhile } = await open();
    const { id } = await accept(store, 'A1', to(1));
    const refused = await accept(store, 'B1', { ...to(2), sessionId: OTHER_SESSION });
    const limit = { code: 'rate_limited', nativeCode: '429', until: clock.now() + HOUR, isAssumed: false } as const;
    meanwhile.push(async () => {
      await store.beginAttempt(refused.id, clock.now());
      const at = clock.now();
      await store.finishAttempt(refused.id, { type: 'limited', at, limit: { ...limit, scope: 'account' } });
    });
    expect(chosen(await desk.next())).toBeNull();
    expect(await later(desk, clock)).toBeNull();
    await clock.advance(HOUR + 5 * 60 * SECOND);
    expect(await later(desk, clock)).toBe(id);
  });

  it('does not go when another has taken the last place of a budget', async () => {
    const { store, clock, desk, meanwhile } = await open(plainRules({ ...limitless.limits, ownPerHour: 1 }));
    await accept(store, 'A1', to(1));
    const other = await accept(store, 'B1', { ...to(2), sessionId: OTHER_SESSION });
    meanwhile.push(() => send(store, clock, other));
    expect(chosen(await desk.next())).toBeNull();
    expect(await later(desk, clock)).toBeNull();
  });

  it('does not go by the plan before while a new one is being made', async () => {
    const { store, clock, desk, meanwhile } = await open(plainRules({ ...limitless.limits, ownPerHour: 1 }));
    const dueAt = clock.now() + HOUR;
    await accept(store, 'A1', { ...to(1), sendAt: dueAt });
    const other = await accept(store, 'B1', { ...to(2), sessionId: OTHER_SESSION });
    expect(chosen(await desk.next())).toBeNull();
    await clock.advance(HOUR - SECOND);
    expect(chosen(await desk.next())).toBeNull();
    await send(store, clock, other);
    let goOn = (): void => undefined;
    meanwhile.push(() => new Promise<void>((resolve) => (goOn = resolve)));
    await clock.advance(SECOND);
    const step = desk.next();
    goOn();
    expect(chosen(await step)).toBeNull();
  });

  it('does not go when its guest has asked for no more', async () => {
    const { store, clock, desk, meanwhile } = await open();
    await accept(store, 'A1', { ...to(1), purpose: 'promotional' });
    meanwhile.push(() => stop(store, clock, 1));
    expect(chosen(await desk.next())).toBeNull();
    expect(await later(desk, clock)).toBeNull();
  });

  it('does not go to a new guest when others have asked for no more', async () => {
    const { store, clock, desk, meanwhile } = await open(plainRules({ ...limitless.limits, optOutsPerDay: 2 }));
    const { id } = await accept(store, 'A1', to(1));
    meanwhile.push(async () => {
      for (const index of [2, 3]) await stop(store, clock, index);
    });
    expect(chosen(await desk.next())).toBeNull();
    expect(await later(desk, clock)).toBeNull();
    await clock.advance(DAY);
    expect(await later(desk, clock)).toBe(id);
  });
});

describe('what opens the way while the queue is being looked through', () => {
  it('is not overlooked: the message goes at the next look', async () => {
    const { store, clock, desk, meanwhile } = await open(plainRules({ ...limitless.limits, unansweredInARow: 1 }));
    await send(store, clock, await accept(store, 'A1', to(1)));
    const { id } = await accept(store, 'A2', to(1));
    meanwhile.push(() => store.recordInbound(inbound('IN1', clock.now() + SECOND, { from: person(guest(1)) })));
    await clock.advance(SECOND);
    expect(chosen(await desk.next())).toBeNull();
    await clock.advance(10 * 60 * SECOND);
    expect(await later(desk, clock)).toBe(id);
  });

  it('is not overlooked when a person lets a message go', async () => {
    const { store, clock, desk, meanwhile } = await open();
    const { id } = await accept(store, 'A1', to(1));
    const heldBy = { rule: 'same_text', until: null, detail: 'To many.' };
    await store.notePlans([{ messageId: id, at: null, heldBy, isHeld: true }]);
    meanwhile.push(() => store.releaseMessage(id, null, { name: 'desk', keyId: 'key_1' }));
    expect(chosen(await desk.next())).toBeNull();
    expect(await later(desk, clock)).toBe(id);
  });
});
