import { describe, expect, it } from 'vitest';
import { drawKey } from '../../../../src/engine/pacing/keyed-draws.ts';
import { RestBook } from '../../../../src/engine/pacing/rest-book.ts';
import type { ChatFacts } from '../../../../src/engine/pacing/types.ts';
import {
  boundless,
  calm,
  entryOf,
  HOUR,
  intentOf,
  known,
  MINUTE,
  MORNING,
  manyIntents,
  plainRules,
  plan,
  SECOND,
  turnsOf,
  waiting,
} from '../../../support/pacing-town.ts';

const ids = (planned: ReturnType<typeof plan>): string[] => turnsOf(planned).map(({ messageId }) => messageId);
const onlyTurn = (planned: ReturnType<typeof plan>): ReturnType<typeof turnsOf>[number] => {
  const [turn, ...more] = turnsOf(planned);
  if (turn === undefined || more.length > 0) throw new Error(`not one turn: ${JSON.stringify(planned)}`);
  return turn;
};
const chatsOf = (facts: ChatFacts, ...conversationIds: string[]): ReadonlyMap<string, ChatFacts> =>
  new Map(conversationIds.map((id) => [id, facts]));

describe('the turn of an answer', () => {
  const answer = intentOf({ purpose: 'reply' });
  const asked = (agoMs: number) => ({
    history: { chats: chatsOf({ ...waiting, lastInboundAt: MORNING - agoMs }, 'cnv_1') },
  });

  it('is read, then typed, then sent, in that order and each taking its time', () => {
    const { readAt, typingFrom, sendAt, reason, heldBy } = onlyTurn(plan([answer], asked(0)));
    expect(readAt).toBeGreaterThan(MORNING + 2 * SECOND);
    expect(typingFrom).toBeGreaterThan(readAt ?? Infinity);
    expect(sendAt - typingFrom).toBeGreaterThan(4 * SECOND);
    expect([reason, heldBy]).toEqual(['human', null]);
  });

  it('does not make a guest wait again for what the desk has taken its time with: reading and thinking count from the question', () => {
    const quick = onlyTurn(plan([answer], asked(0)));
    const slow = onlyTurn(plan([answer], asked(2 * MINUTE)));
    expect([slow.readAt, slow.typingFrom]).toEqual([MORNING, MORNING]);
    expect(slow.sendAt - slow.typingFrom).toBe(quick.sendAt - quick.typingFrom);
    expect(slow.sendAt).toBeLessThan(quick.sendAt);
  });

  it('comes at night too, while what the hotel sends by itself waits for the morning', () => {
    const night = MORNING + 14 * HOUR; // midnight
    const own = intentOf({ messageId: 'own', conversationId: 'cnv_2', queuedAt: night });
    const planned = plan([own, { ...answer, queuedAt: night }], {
      now: night,
      history: {
        chats: new Map([...chatsOf({ ...waiting, lastInboundAt: night }, 'cnv_1'), ...chatsOf(known, 'cnv_2')]),
      },
    });
    const [first, second] = turnsOf(planned);
    expect(first?.messageId).toBe('msg_1');
    expect(first?.sendAt).toBeLessThan(night + MINUTE);
    expect(second?.heldBy).toMatchObject({ rule: 'quiet_hours', until: MORNING + 22 * HOUR });
    expect(second?.sendAt).toBeGreaterThan(MORNING + 22 * HOUR);
    expect(second?.sendAt).toBeLessThan(MORNING + 22.5 * HOUR);
  });

  it('is one only to a guest who wrote within a day; else it counts like all that the hotel begins', () => {
    expect(onlyTurn(plan([answer], asked(23 * HOUR))).lane).toBe('reply');
    expect(onlyTurn(plan([answer], asked(25 * HOUR))).lane).toBe('service');
  });

  it('goes out however many messages the guest has left unanswered, and the next to the same guest follows at once', () => {
    const two = [intentOf({ purpose: 'reply', messageId: 'a' }), intentOf({ purpose: 'reply', messageId: 'b' })];
    const chats = chatsOf({ ...waiting, unanswered: 5 }, 'cnv_1');
    const [first, second] = turnsOf(plan(two, { history: { chats } }));
    expect(second?.typingFrom).toBe(first?.sendAt);
  });

  it('interrupts a rest, which goes on after it', () => {
    const queue = [...manyIntents(30, {}, 'own'), intentOf({ purpose: 'reply', queuedAt: MORNING + HOUR })];
    const alone = turnsOf(plan(manyIntents(30, {}, 'own'), { rules: boundless }));
    const rests = alone.filter((turn, index) => turn.reason === 'rest' && index > 0);
    expect(rests.length).toBeGreaterThan(1);
    const rested = rests[0];
    const before = alone[alone.findIndex((turn) => turn === rested) - 1];
    if (rested === undefined || before === undefined) throw new Error('no rest');
    const askedAt = Math.round((before.sendAt + rested.typingFrom) / 2);
    const chats = new Map(queue.map(({ conversationId }) => [conversationId, known]));
    chats.set('cnv_1', { ...waiting, lastInboundAt: askedAt });
    const mixed = plan(
      queue.map((intent) => (intent.purpose === 'reply' ? { ...intent, queuedAt: askedAt } : intent)),
      { rules: boundless, history: { chats } },
    );
    const reply = turnsOf(mixed).find(({ messageId }) => messageId === 'msg_1');
    expect(reply?.sendAt).toBeLessThan(askedAt + MINUTE);
    expect(turnsOf(mixed).find(({ messageId }) => messageId === rested.messageId)?.typingFrom).toBe(rested.typingFrom);
  });
});

describe('a rest', () => {
  it('comes after eight to twelve messages again, however many answers went out in the one before', () => {
    const book = new RestBook();
    let at = MORNING;
    const sendUntilRest = (): number => {
      for (let count = 1; ; count += 1) {
        at += 20 * SECOND;
        const before = book.restUntil;
        book.record(at, drawKey(1, `own ${at}`));
        if (book.restUntil > before) return count;
      }
    };
    sendUntilRest();
    for (let answer = 0; answer < 7; answer += 1)
      book.record(at + 10 * SECOND + answer, drawKey(1, `answer ${answer}`));
    at = book.restUntil;
    expect(sendUntilRest()).toBeGreaterThanOrEqual(8);
  });
});

describe('two guests', () => {
  it('are never typed to at once', () => {
    const turns = turnsOf(plan([...manyIntents(40, { purpose: 'reply' }, 'r'), ...manyIntents(10, {}, 'o')]));
    expect(turns).toHaveLength(50);
    for (const [index, turn] of turns.entries()) {
      expect(turn.typingFrom).toBeGreaterThanOrEqual(turns[index - 1]?.sendAt ?? 0);
      expect(turn.sendAt).toBeGreaterThan(turn.typingFrom);
    }
  });

  it('wait for what is being typed already', () => {
    const busyUntil = MORNING + 30 * SECOND;
    const turn = onlyTurn(plan([intentOf()], { standing: { ...calm, busyUntil } }));
    expect(turn.typingFrom).toBeGreaterThanOrEqual(busyUntil);
  });
});

describe('lanes', () => {
  it('go safety first, then answers, then the rest by when it is overdue', () => {
    const purposes = ['promotional', 'scheduled', 'service', 'reply', 'safety'] as const;
    const queue = purposes.map((purpose) => intentOf({ purpose, messageId: purpose, conversationId: purpose }));
    expect(ids(plan(queue))).toEqual(['safety', 'reply', 'service', 'scheduled', 'promotional']);
  });

  it('are moved by urgency, but promotion never rises', () => {
    const queue = [
      intentOf({ purpose: 'promotional', urgency: 'high', messageId: 'offer', conversationId: '1' }),
      intentOf({ purpose: 'service', urgency: 'very-low', messageId: 'whenever', conversationId: '2' }),
      intentOf({ purpose: 'service', messageId: 'room', conversationId: '3' }),
      intentOf({ purpose: 'scheduled', urgency: 'high', messageId: 'plan', conversationId: '4' }),
    ];
    expect(turnsOf(plan(queue)).map(({ messageId, lane }) => `${messageId} ${lane}`)).toEqual([
      'plan service', // urgent
      'room service',
      'whenever scheduled',
      'offer promotional',
    ]);
  });

  it('leave room in the budget for what matters more: offers use two fifths, plans three quarters', () => {
    const sends = Array.from({ length: 8 }, (_, index) =>
      entryOf({ messageId: `old${index}`, conversationId: `old${index}`, at: MORNING - 50 * MINUTE + index * MINUTE }),
    );
    const offer = intentOf({ purpose: 'promotional', messageId: 'offer', conversationId: '1' });
    const room = intentOf({ messageId: 'room', conversationId: '2' });
    const planned = turnsOf(plan([offer, room], { history: { sends, chats: chatsOf(known, '1', '2') } }));
    expect(planned.map(({ messageId, heldBy }) => [messageId, heldBy?.rule])).toEqual([
      ['room', undefined],
      ['offer', 'own_hour'],
    ]);
    // Nor does an offer that has been overdue for longer stand in the way while its budget is closed.
    const older = { ...offer, queuedAt: MORNING - 3 * HOUR };
    const again = turnsOf(plan([older, room], { history: { sends, chats: chatsOf(known, '1', '2') } }));
    expect(again.map(({ messageId }) => messageId)).toEqual(['room', 'offer']);
  });
});

describe('the order within a conversation', () => {
  it('stays, also when something more urgent stands behind', () => {
    const queue = [
      intentOf({ purpose: 'service', messageId: 'ready' }),
      intentOf({ purpose: 'reply', messageId: 'number', queuedAt: MORNING + 1 }),
      intentOf({ purpose: 'reply', messageId: 'other', conversationId: 'cnv_2' }),
    ];
    const planned = ids(plan(queue, { history: { chats: chatsOf(waiting, 'cnv_1', 'cnv_2') } }));
    expect(planned.indexOf('ready')).toBeLessThan(planned.indexOf('number'));
  });

  it('lets an answer pass what a limit holds back, so that nobody waits until morning for a talk', () => {
    const night = MORNING + 14 * HOUR;
    const queue = [
      intentOf({ purpose: 'promotional', messageId: 'offer', queuedAt: night }),
      intentOf({ purpose: 'reply', messageId: 'yes', queuedAt: night + 1 }),
    ];
    const facts = { ...waiting, lastInboundAt: night };
    expect(ids(plan(queue, { now: night, history: { chats: chatsOf(facts, 'cnv_1') } }))).toEqual(['yes', 'offer']);
  });

  it('keeps the place of a message that is being tried again', () => {
    const retryAt = MORNING + 3 * MINUTE;
    const queue = [
      intentOf({ messageId: 'first', retryAt }),
      intentOf({ messageId: 'second', purpose: 'reply', queuedAt: MORNING + 1 }),
    ];
    const turns = turnsOf(plan(queue, { history: { chats: chatsOf(waiting, 'cnv_1') } }));
    expect(turns.map(({ messageId }) => messageId)).toEqual(['first', 'second']);
    expect(turns[0]?.typingFrom).toBeGreaterThanOrEqual(retryAt);
  });

  it('goes by the time at which each may be sent', () => {
    const queue = [intentOf({ messageId: 'late', sendAt: MORNING + 2 * HOUR }), intentOf({ messageId: 'now' })];
    const turns = turnsOf(plan(queue));
    expect(turns.map(({ messageId }) => messageId)).toEqual(['now', 'late']);
    expect(turns[1]).toMatchObject({ reason: 'send_at' });
    expect(turns[1]?.typingFrom).toBeGreaterThanOrEqual(MORNING + 2 * HOUR);
  });
});

describe('a message that comes too late', () => {
  it('is known to expire as soon as it is planned, and takes nobody else the time', () => {
    const queue = [
      ...manyIntents(8),
      intentOf({ messageId: 'stale', conversationId: 'x', expiresAt: MORNING + SECOND }),
      intentOf({ messageId: 'fresh', conversationId: 'y' }),
    ];
    const planned = plan(queue);
    const stale = planned.find(({ messageId }) => messageId === 'stale');
    expect(stale).toMatchObject({ do: 'expire', knownAt: MORNING });
    const without = plan(queue.filter(({ messageId }) => messageId !== 'stale'));
    expect(turnsOf(planned)).toEqual(turnsOf(without));
  });
});

describe('a plan', () => {
  const queue = [...manyIntents(30), ...manyIntents(10, { purpose: 'reply' }, 'r')];

  it('is the same for the same seed, and another for another', () => {
    expect(plan(queue)).toEqual(plan(queue));
    expect(plan(queue, { seed: 2 })).not.toEqual(plan(queue));
  });

  it('draws for each message the same, whatever else is queued', () => {
    const lengthOf = (planned: ReturnType<typeof plan>, id: string): number => {
      const turn = turnsOf(planned).find(({ messageId }) => messageId === id);
      return turn === undefined ? Number.NaN : turn.sendAt - turn.typingFrom;
    };
    const more = [...manyIntents(20, { purpose: 'reply' }, 'new'), ...queue];
    for (const id of ['m3', 'm20', 'r7']) expect(lengthOf(plan(more), id)).toBe(lengthOf(plan(queue), id));
  });

  it('takes as long a text longer, pastes templates, and types slower on a phone', () => {
    const typed = (changes: Parameters<typeof intentOf>[0], typing: 'keyboard' | 'phone' = 'keyboard'): number => {
      const turn = onlyTurn(plan([intentOf(changes)], { rules: { ...plainRules(), typing } }));
      return turn.sendAt - turn.typingFrom;
    };
    expect(typed({ textLength: 100 })).toBeGreaterThan(typed({ textLength: 20 }));
    expect(typed({ textLength: 4_000 })).toBeGreaterThan(25 * SECOND);
    expect(typed({ textLength: 4_000 })).toBeLessThan(42 * SECOND);
    expect(typed({ textLength: 4_000, isTemplate: true })).toBeLessThan(14 * SECOND);
    expect(typed({ textLength: 60 }, 'phone')).toBeGreaterThan(1.2 * typed({ textLength: 60 }));
  });
});
