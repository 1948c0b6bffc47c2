import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.ts';
import { BrakeWatch } from '../../../../src/engine/pacing/brake-watch.ts';
import type { Brake } from '../../../../src/engine/pacing/brakes.ts';
import { brakesOf } from '../../../../src/engine/pacing/brakes.ts';
import { PropertyHours } from '../../../../src/engine/pacing/property-hours.ts';
import type { SendLogEntry } from '../../../../src/engine/pacing/types.ts';
import type { PacingFacts, Store } from '../../../../src/engine/ports/index.ts';
import { openTestStore } from '../../../support/open-test-store.ts';
import { calm, DAY, entryOf, HOUR, MINUTE, MORNING, plainRules } from '../../../support/pacing-town.ts';
import { eventTypes, linkSession, SESSION } from '../../../support/store-fixture.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const rules = plainRules();
const hours = new PropertyHours(rules, 0);
/** Midnight in Berlin, fourteen hours later. */
const MIDNIGHT = MORNING + 14 * HOUR;

/** Own messages of the days before, of which the first ones were answered. */
const sent = (count: number, answered: number, changes: Partial<SendLogEntry> = {}): SendLogEntry[] =>
  Array.from({ length: count }, (_, index) =>
    entryOf({
      messageId: `o${index}`,
      at: MORNING - 2 * DAY + index * MINUTE,
      isAnswered: index < answered,
      ...changes,
    }),
  );

describe('the brakes of an account', () => {
  const brakes = (sends: readonly SendLogEntry[], optOuts: readonly number[] = [], tellsDelivery = true) =>
    brakesOf({ sends, optOuts, standing: { tellsDelivery }, rules, hours, now: MORNING });

  it('are off while guests answer, ask for nothing and get what is sent', () => {
    expect(brakes([])).toEqual([]);
    expect(brakes(sent(40, 6), [MORNING - HOUR])).toEqual([]);
  });

  it('say that too few answer, of all messages or of first words, until guests end it', () => {
    const expected: Brake = { rule: 'reply_ratio', until: MIDNIGHT, isTimed: false };
    expect(brakes(sent(40, 5))).toEqual([expected]);
    expect(brakes([...sent(20, 1, { opensChat: true }), ...sent(20, 20)])).toEqual([expected]);
    expect(brakes([...sent(20, 2, { opensChat: true }), ...sent(20, 20)])).toEqual([]);
  });

  it('say that guests of today want no more, until the day ends', () => {
    const today = [MORNING - HOUR, MORNING - MINUTE];
    expect(brakes([], today)).toEqual([{ rule: 'opt_outs', until: MIDNIGHT, isTimed: true }]);
    expect(brakes([], [MORNING - 11 * HOUR, MORNING - HOUR])).toEqual([]);
  });

  it('say that too much never arrives, where the network would tell', () => {
    const lost = sent(10, 10, { at: MORNING - 6 * HOUR, isUndelivered: true });
    expect(brakes(lost)).toEqual([{ rule: 'undelivered', until: MORNING + 18 * HOUR, isTimed: true }]);
    expect(brakes(lost, [], false)).toEqual([]);
  });
});

describe('what is told of brakes', () => {
  const few = sent(40, 5);
  const enough = sent(40, 6);
  const factsOf = (sends: readonly SendLogEntry[], ban: PacingFacts['standing']['ban'] = null) => ({
    history: { sends, optOuts: [], chats: new Map() },
    standing: { ...calm, ban },
  });
  const house = async () => {
    const clock = new VirtualClock();
    const { store } = await openTestStore({ clock });
    await linkSession(store, clock);
    await clock.advance(MORNING - clock.now());
    return { clock, store };
  };
  const watchOn = (store: Store, clock: VirtualClock): BrakeWatch => {
    const watch = new BrakeWatch({ store, clock, log: silentLogger, rules, hours, tellsDelivery: true });
    watch.add(SESSION);
    return watch;
  };
  const told = async (store: Store): Promise<readonly string[]> =>
    (await eventTypes(store)).filter((type) => type.startsWith('session.limit'));

  it('is one beginning and one end, although guests answer one by one', async () => {
    const { clock, store } = await house();
    const watch = watchOn(store, clock);
    for (const sends of [few, enough, few, enough, few]) {
      await watch.look(factsOf(sends));
      await clock.advance(10 * MINUTE);
    }
    expect(await told(store)).toEqual(['session.limited']);
    for (let passed = 0; passed < 2 * HOUR; passed += 10 * MINUTE) {
      await clock.advance(10 * MINUTE);
      await watch.look(factsOf(enough));
    }
    expect(await told(store)).toEqual(['session.limited', 'session.limit_over']);
  });

  it('is nothing new after a restart, nor in the calm after it', async () => {
    const { clock, store } = await house();
    await watchOn(store, clock).look(factsOf(few));
    await watchOn(store, clock).look(factsOf(few));
    const watch = watchOn(store, clock);
    await watch.look(factsOf(enough));
    expect(await told(store)).toEqual(['session.limited']);
    await clock.advance(HOUR);
    await watch.look(factsOf(enough));
    expect(await told(store)).toEqual(['session.limited', 'session.limit_over']);
  });

  it('is looked at once a minute, and again at once where it could not be written', async () => {
    const { clock, store } = await house();
    const looks: unknown[] = [];
    const counting = new Proxy(store, {
      get(target, name, receiver) {
        if (name !== 'recordBrakes') return Reflect.get(target, name, receiver) as unknown;
        return (...args: unknown[]) => {
          looks.push(args);
          return looks.length === 2 ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
        };
      },
    });
    const watch = watchOn(counting, clock);
    for (let passed = 0; passed < 120; passed += 1) {
      await watch.look(factsOf(few));
      await clock.advance(1_000);
    }
    expect(looks).toHaveLength(3);
  });

  it('is nothing while a ban stands: that says it all', async () => {
    const { clock, store } = await house();
    await watchOn(store, clock).look(factsOf(few, { kind: 'temporary', until: null }));
    expect(await told(store)).toEqual([]);
  });
});
