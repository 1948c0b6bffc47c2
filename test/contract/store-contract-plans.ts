import { describe, expect, it } from 'vitest';
import { eventData } from '../../src/engine/model/event.ts';
import type { PacingFacts, Store } from '../../src/engine/ports/index.ts';
import { ACCOUNT, ANN, accept, eventTypes, inbound, outbound, person, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const DAY = 24 * 3_600_000;
const KEY = `whatsapp:${ACCOUNT}`;
const STAFF = { name: 'reception', keyId: 'key_1' };
const openFailure = { code: 'send_timeout', certainty: 'maybe_sent', nativeCode: null } as const;

function factsOf(store: Store, now: number, sessions = [SESSION]): Promise<PacingFacts> {
  return store.pacingFacts({ account: KEY, sessions, now });
}

export function storePlanContract(use: () => StoreUnderTest): void {
  describe('plans', () => {
    it('are shown with the message, and leave with an attempt that is put off', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1');
      const at = clock.now() + 3_600_000;
      const heldBy = { rule: 'quiet_hours', until: new Date(at).toISOString(), detail: 'The night.' };
      await store.notePlans([{ messageId: id, at, heldBy, isHeld: false }]);
      expect(await store.getMessage(id, null)).toMatchObject({ heldBy, estimatedSendAt: new Date(at).toISOString() });
      expect((await factsOf(store, clock.now())).intents).toMatchObject([{ noted: { at, heldBy } }]);
      await store.beginAttempt(id, clock.now());
      const retry = { rule: 'retry', until: null, detail: 'Again.' };
      const notBefore = clock.now() + 30_000;
      await store.finishAttempt(id, { type: 'retry', at, notBefore, failure: openFailure, heldBy: retry });
      expect(await store.getMessage(id, null)).toMatchObject({ heldBy: retry });
    });

    it('keep what waits on purpose out of what is stuck', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1');
      const at = clock.now() + DAY;
      const heldBy = { rule: 'own_day', until: null, detail: 'Enough for today.' };
      const plan = async (planAt: number | null) => {
        await store.notePlans([{ messageId: id, at: planAt, heldBy, isHeld: false }]);
        const [queued] = (await store.figures(clock.now())).queued;
        const { overdue } = await store.findTroubles({ overdueBefore: clock.now() - 900_000 });
        return { oldestAt: queued?.oldestAt, overdue: overdue.map(({ oldestAt }) => oldestAt) };
      };
      await clock.advance(3_600_000);
      expect(await plan(at)).toEqual({ oldestAt: null, overdue: [] });
      expect(await plan(null)).toEqual({ oldestAt: null, overdue: [] });
      await clock.advance(DAY);
      expect(await plan(at)).toEqual({ oldestAt: at, overdue: [at] });
    });

    it('hand out what was chosen, but not into a conversation that is being written in', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'A1');
      const second = await accept(store, 'A2');
      expect((await store.queuedMessage(second.id, clock.now()))?.message.id).toBe(second.id);
      await store.beginAttempt(first.id, clock.now());
      expect(await store.queuedMessage(second.id, clock.now())).toBeNull();
      await store.finishAttempt(first.id, { type: 'sent', at: clock.now() });
      expect(await store.queuedMessage(first.id, clock.now())).toBeNull();
      expect(await store.queuedMessage(second.id, clock.now())).not.toBeNull();
    });

    it('end messages that would come too late, and say so', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1', { expiresAt: clock.now() + 60_000 });
      expect(await store.expireTooLate([id, 'msg_unknown'], clock.now())).toMatchObject([{ id, status: 'expired' }]);
      expect((await store.getMessage(id, null))?.error).toMatchObject({ code: 'too_late', certainty: 'not_sent' });
      expect(await eventTypes(store)).toContain('message.expired');
    });
  });

  describe('a message that waits for a person', () => {
    it('goes when a person lets it go, and is not held again for the same', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1');
      const heldBy = { rule: 'same_text', until: null, detail: 'To many.' };
      const hold = () => store.notePlans([{ messageId: id, at: null, heldBy, isHeld: true }]);
      await expect(store.releaseMessage(id, 'main', STAFF)).rejects.toMatchObject({ code: 'message_not_held' });
      await hold();
      expect((await factsOf(store, clock.now())).intents).toMatchObject([{ review: 'held' }]);
      await expect(store.releaseMessage(id, 'elsewhere', STAFF)).rejects.toMatchObject({ code: 'not_found' });
      expect((await store.releaseMessage(id, 'main', STAFF)).heldBy).toBeNull();
      await hold();
      expect((await factsOf(store, clock.now())).intents).toMatchObject([{ review: 'released' }]);
      await clock.advance(1_000);
      await store.releaseMessage(id, null, { name: 'other', keyId: 'key_2' });
      const { data } = await store.listEvents({ property: null, types: ['message.released'], limit: 9 });
      const at = new Date(clock.now() - 1_000).toISOString();
      expect(data).toHaveLength(1);
      expect(data[0]).toMatchObject({
        seq: 3,
        data: {
          message: { id, status: 'queued' },
          release: { at, by: 'reception', keyId: 'key_1', rule: 'same_text' },
        },
      });
      expect(eventData.safeParse(data[0]?.data).success).toBe(true);
      await store.cancelMessage(id, null, clock.now());
      await expect(store.releaseMessage(id, null, STAFF)).rejects.toMatchObject({ code: 'message_not_queued' });
    });

    it('wakes its session when it is let go, and when the guest has written', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1');
      const heldBy = { rule: 'unanswered', until: null, detail: 'No answer.' };
      await store.notePlans([{ messageId: id, at: null, heldBy, isHeld: false }]);
      const woken: string[] = [];
      const unsubscribe = store.onCommit(({ outbox }) => woken.push(...outbox));
      await store.releaseMessage(id, null, STAFF);
      expect(woken).toEqual([SESSION]);
      await store.recordInbound(inbound('IN1', clock.now(), { from: person(ANN) }));
      expect(woken).toEqual([SESSION, SESSION]);
      unsubscribe();
      await expect(store.acceptMessages([outbound('A2')])).resolves.toBeDefined();
    });
  });
}
