import { AccountLedger } from './account-ledger.ts';
import { Availability } from './availability.ts';
import { HoldWriter } from './explain.ts';
import { HoldMemory } from './hold-memory.ts';
import { KINDS } from './kinds.ts';
import { laneOf } from './lanes.ts';
import { OwnGates } from './own-gates.ts';
import { PropertyHours } from './property-hours.ts';
import { QueueDesk } from './queue-desk.ts';
import type { QueueLine } from './queue-line.ts';
import { openLines, STRANGER } from './queue-line.ts';
import type { Rules } from './rules.ts';
import { SameText } from './same-text.ts';
import { TurnPlanner } from './turn-planner.ts';
import { PersonTimes } from './turn-times.ts';
import type { History, Intent, PlannedSend, Standing } from './types.ts';
import { Waits } from './waits.ts';

/** Messages that are put into their lines in one step, and turns of one. */
const STEP_MESSAGES = 500;
const STEP_TURNS = 100;

export interface PlanInput {
  /** The whole queue of one account, in the order in which it was accepted, without what is being typed right now. */
  readonly intents: readonly Intent[];
  readonly history: History;
  readonly standing: Standing;
  readonly rules: Rules;
  /** Epoch ms. */
  readonly now: number;
  /** The same seed draws the same; one for each account. 32 bits. */
  readonly seed: number;
  /** Of the same rules and seed, for who plans often: making them anew takes longer than a small plan. */
  readonly hours?: PropertyHours;
}

/**
 * Decides for every queued message when a considerate person at a desk would read, type and send it, and whether at all. Pure: the
 * same input gives the same plan, and a message's own random numbers stay the same whatever else is in the queue. First those that
 * are sent, in their order, then those that are not. Made anew whenever something changes; only the next turn is ever acted upon.
 */
export function planQueue(input: PlanInput): readonly PlannedSend[] {
  const steps = planInSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of about a millisecond, for who must not hold up others. */
export function* planInSteps(input: PlanInput): Generator<undefined, readonly PlannedSend[]> {
  const { intents, history, standing, rules, now, seed } = input;
  const hours = input.hours ?? new PropertyHours(rules, seed);
  const writer = new HoldWriter({ zone: hours.zone, rules, standing, now });
  if (standing.ban !== null) {
    const heldBy =
      standing.ban.kind === 'permanent'
        ? writer.write('banned', null)
        : writer.write('temporary_ban', standing.ban.until);
    return intents.map((intent) => ({
      do: 'closed',
      messageId: intent.messageId,
      conversationId: intent.conversationId,
      lane: laneOf(intent, history.chats.get(intent.conversationId) ?? STRANGER, now),
      heldBy,
    }));
  }
  const { sameTextPerHour, sameTextStrangersPerDay } = rules.limits;
  const texts = new SameText({ perHour: sameTextPerHour, strangersPerDay: sameTextStrangersPerDay });
  const lines = new Map<string, QueueLine>();
  for (let from = 0; from < intents.length; from += STEP_MESSAGES) {
    openLines(lines, { intents, chats: history.chats, texts, now, seed }, from, from + STEP_MESSAGES);
    yield;
  }
  texts.recall(history.sends, now);
  const ledger = AccountLedger.read(history.sends, now, { rules, hours, seed });
  for (const send of history.sends) lines.get(send.conversationId)?.recall(send, now);
  const person = new PersonTimes(rules, intents.length);
  const gates = new OwnGates({ rules, hours, ledger, person, standing, history, now });
  const desk = new QueueDesk({
    rules,
    ledger,
    person,
    writer,
    now,
    availability: new Availability({ rules, standing, now, seed }),
    planner: new TurnPlanner({ rules, ledger, gates, person }),
    holds: new HoldMemory(writer, KINDS),
    waits: new Waits(intents.length),
    freeAt: Math.max(now, standing.busyUntil ?? now),
  });
  desk.begin(lines.values());
  while (!desk.advance(STEP_TURNS)) yield;
  return desk.planned;
}
