import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/connector-api/index.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { DeliveryJob, Store } from '../../src/engine/ports/index.ts';
import { openTestStore } from '../support/open-test-store.ts';
import { inbound, linkSession, outbound, SESSION } from '../support/store-fixture.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';

const RUNS = 60;
const GUESTS = 3;
const RANKS = ['queued', 'sending', 'sent', 'delivered', 'read'];
const ENDS = new Set(['failed', 'cancelled', 'expired']);

const POLL = { question: 'Pool?', options: ['yes', 'no', 'maybe'], multiple: true };

const guest = fc.nat(GUESTS - 1);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('accept' as const), guest, urgency: fc.constantFrom('high', 'normal') }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('receive' as const), guest, id: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), guest }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('attempt' as const), outcome: fc.constantFrom('sent', 'retry', 'failed') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('receipt' as const),
      guest,
      id: fc.nat(20),
      status: fc.constantFrom('sent', 'delivered', 'read'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      outcome: fc.constantFrom('delivered', 'retry', 'dead'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read' as const), guest }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), guest }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), id: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      guest,
      id: fc.nat(5),
      by: fc.nat(1),
      options: fc.array(fc.nat(5), { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const address = (index: number): string => `+4915100000${index}`;

/** Drives a store through random steps, many of them in one turn, and remembers what it was promised. */
class Traffic {
  readonly accepted = new Map<string, Message>();
  readonly received = new Set<string>();
  readonly deliveredByLine = new Map<string, number[]>();
  readonly #store: Store;
  readonly #clock: VirtualClock;
  #count = 0;

  constructor(store: Store, clock: VirtualClock) {
    this.#store = store;
    this.#clock = clock;
  }

  async perform(item: Step): Promise<void> {
    const at = this.#clock.now();
    switch (item.do) {
      case 'accept': {
        const input = outbound(`N${this.#count++}`, {
          to: { kind: 'direct', address: address(item.guest) },
          urgency: item.urgency === 'high' ? 'high' : 'normal',
        });
        const outcome = await this.#store.acceptMessages([input]);
        if ('messages' in outcome) for (const message of outcome.messages) this.accepted.set(message.id, message);
        return;
      }
      case 'receive': {
        const from = { addresses: [address(item.guest)] } as const;
        // Every other message is a poll.
        const message = item.id % 2 === 0 ? {} : { content: { type: 'poll', poll: POLL } as const };
        const outcome = await this.#store.recordInbound(inbound(`A${item.id}`, at, { from, message }));
        this.received.add(outcome.message.id);
        return;
      }
      case 'fail': {
        const to = { kind: 'direct', address: address(item.guest) } as const;
        const good = outbound(`N${this.#count++}`, { to });
        const bad = outbound(`N${this.#count++}`, { to, replyTo: 'msg_nobody' });
        await expect(this.#store.acceptMessages([good, bad])).rejects.toMatchObject({ code: 'reply_target_not_found' });
        return;
      }
      case 'attempt':
        return this.#attempt(item.outcome, at);
      case 'receipt': {
        const receipt: Receipt = {
          chat: { kind: 'direct', addresses: [address(item.guest)] },
          networkIds: [`N${item.id}`],
          status: item.status === 'sent' ? 'sent' : item.status === 'read' ? 'read' : 'delivered',
          at,
        };
        await this.#store.recordReceipt(SESSION, receipt);
        return;
      }
      case 'deliver':
        return this.#deliver(item.outcome, at);
      case 'read': {
        const route = await this.#store.findRoute({
          property: 'main',
          channel: 'whatsapp',
          address: address(item.guest),
        });
        if (route.conversation !== null) await this.#store.markRead(route.conversation.id, null, null, at);
        return;
      }
      case 'join': {
        const person = { addresses: [address(item.guest), address((item.guest + 1) % GUESTS)] } as const;
        await this.#store.recordIdentity({ property: 'main', channel: 'whatsapp', person, at });
        return;
      }
      case 'cancel': {
        const id = [...this.accepted.keys()][item.id];
        if (id !== undefined) await this.#store.cancelMessage(id, null, at).catch(() => undefined);
        return;
      }
      case 'vote': {
        const target = {
          sessionId: SESSION,
          chat: { kind: 'direct', addresses: [address(item.guest)] },
          networkId: `A${item.id}`,
        } as const;
        await this.#store.recordPollVote(target, { by: address(item.by), options: item.options, at });
        return;
      }
      case 'settle':
        await this.#clock.advance(1000);
    }
  }

  async #attempt(outcome: string, at: number): Promise<void> {
    const [due] = await this.#store.dueMessages(SESSION, at, 1);
    if (due === undefined || (await this.#store.beginAttempt(due.message.id, at)) === null) return;
    const failure = { code: 'send_timeout', certainty: 'maybe_sent', nativeCode: null } as const;
    const heldBy = { rule: 'retry', until: null, detail: '' };
    if (outcome === 'sent') await this.#store.finishAttempt(due.message.id, { type: 'sent', at });
    else if (outcome === 'failed') await this.#store.finishAttempt(due.message.id, { type: 'failed', at, failure });
    else await this.#store.finishAttempt(due.message.id, { type: 'retry', at, notBefore: at + 500, failure, heldBy });
  }

  async #deliver(outcome: string, at: number): Promise<void> {
    const jobs = await this.#store.claimDeliveries({
      now: at,
      leaseUntil: at + 60_000,
      limit: 4,
      perWebhook: 4,
      exclude: [],
    });
    const lines = jobs.map((job) => this.#noteDelivery(job, outcome === 'retry'));
    expect(new Set(lines.filter((line) => line !== null)).size).toBe(lines.filter((line) => line !== null).length);
    await this.#store.recordDeliveries(
      jobs.map(({ deliveryId }) => ({
        deliveryId,
        outcome:
          outcome === 'retry'
            ? { type: 'retry', at, nextAt: at + 1, status: 500, error: 'HTTP 500' }
            : outcome === 'dead'
              ? { type: 'dead', at, status: 400, error: 'HTTP 400' }
              : { type: 'delivered', at, status: 200 },
      })),
    );
  }

  #noteDelivery(job: DeliveryJob, again: boolean): string | null {
    const { conversationId, seq } = JSON.parse(job.body) as { conversationId: string | null; seq: number };
    if (conversationId !== null && !again) {
      const line = this.deliveredByLine.get(conversationId) ?? [];
      line.push(seq);
      this.deliveredByLine.set(conversationId, line);
    }
    return conversationId;
  }
}

async function play(turns: readonly (readonly Step[])[]): Promise<{ store: Store; traffic: Traffic }> {
  const { store, clock } = await openTestStore();
  await linkSession(store, clock);
  await store.saveWebhook({
    property: 'main',
    url: 'https://a.example',
    types: [],
    description: null,
    secret: 'whsec_a',
  });
  const traffic = new Traffic(store, clock);
  for (const turn of turns) await Promise.all(turn.map((item) => traffic.perform(item)));
  return { store, traffic };
}

const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { maxLength: 12 });

describe('a store under random traffic', () => {
  it('keeps every promise about order, progress and loss', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (plan) => {
        const { store, traffic } = await play(plan);
        const events = (await store.listEvents({ property: null, limit: 10_000 })).data;

        const seqs = new Map<string, number>();
        const statuses = new Map<string, string>();
        for (const event of events) {
          if (event.conversationId === null) continue;
          expect(event.seq).toBe((seqs.get(event.conversationId) ?? 0) + 1);
          seqs.set(event.conversationId, event.seq ?? 0);
          const { message } = event.data;
          if (message?.direction !== 'outbound') continue;
          const before = statuses.get(message.id);
          if (before !== undefined) expect(isForward(before, message.status)).toBe(true);
          statuses.set(message.id, message.status);
        }
        for (const [id, lastSeq] of seqs) expect((await store.getConversation(id, null))?.lastSeq).toBe(lastSeq);

        for (const id of [...traffic.accepted.keys(), ...traffic.received]) {
          expect(await store.getMessage(id, null)).not.toBeNull();
        }
        const queued = events.filter((event) => event.type === 'message.queued');
        expect(queued).toHaveLength(traffic.accepted.size);
        for (const { type, data } of events) {
          if (type === 'message.poll_vote') expectVotesToCount(data.message?.poll?.votes);
        }
        for (const event of queued) expect(traffic.accepted.has(event.data.message?.id ?? '')).toBe(true);

        for (const line of traffic.deliveredByLine.values()) {
          expect(line).toEqual(Array.from({ length: line.length }, (_, index) => index + 1));
        }
        await store.close();
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it('drains in the end: every line has a head, nothing waits for ever', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (plan) => {
        const { store } = await play(plan);
        const later = Date.UTC(2027, 0, 1);
        await store.releaseAttempts();
        await store.releaseDeliveries();
        for (;;) {
          const due = await store.dueMessages(SESSION, later, 10);
          if (due.length === 0) break;
          for (const { message } of due) {
            await store.beginAttempt(message.id, later);
            await store.finishAttempt(message.id, { type: 'sent', at: later });
          }
        }
        for (;;) {
          const jobs = await store.claimDeliveries({
            now: later,
            leaseUntil: later + 1,
            limit: 50,
            perWebhook: 50,
            exclude: [],
          });
          if (jobs.length === 0) break;
          await store.recordDeliveries(
            jobs.map(({ deliveryId }) => ({ deliveryId, outcome: { type: 'delivered', at: later, status: 200 } })),
          );
        }
        expect(await store.figures(later)).toMatchObject({ queued: [], deliveriesPending: 0 });
        await store.close();
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});

function isForward(before: string, after: string): boolean {
  if (ENDS.has(before)) return before === after; // an edit or a reaction tells the same end again
  return ENDS.has(after) || RANKS.indexOf(after) >= RANKS.indexOf(before);
}

/** One vote a person, for options that there are, each named once. */
function expectVotesToCount(votes: readonly { readonly by: string; readonly options: readonly number[] }[] = []): void {
  expect(new Set(votes.map(({ by }) => by)).size).toBe(votes.length);
  for (const { options } of votes) {
    expect(options.length).toBeGreaterThan(0);
    expect(options).toEqual(
      [...new Set(options)].filter((place) => place < POLL.options.length).toSorted((one, other) => one - other),
    );
  }
}
