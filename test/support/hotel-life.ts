import { seededRandom } from '../../src/core/random.ts';
import { dueAtOf, isTalk, laneOf } from '../../src/engine/pacing/lanes.ts';
import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import { planQueue } from '../../src/engine/pacing/plan-queue.ts';
import { PropertyHours } from '../../src/engine/pacing/property-hours.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import type { ChatFacts, Intent, PlannedSend, PlannedTurn } from '../../src/engine/pacing/types.ts';
import { HotelAgenda } from './hotel-agenda.ts';
import { leastMsOf } from './hotel-answers.ts';
import { Draws } from './hotel-draws.ts';
import { HotelFairness } from './hotel-fairness.ts';
import { HotelFigures } from './hotel-figures.ts';
import { HotelLog, isFirstWord } from './hotel-log.ts';
import type { HotelMonth } from './hotel-month.ts';
import type { HotelNetwork } from './hotel-network.ts';
import { HotelStanding } from './hotel-network.ts';
import { HotelPeople } from './hotel-people.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A script that empties a queue. */
const UNPACED_GAP_MS = 250;
/** What waits grows older, and may use more of the budgets then. The engine looks more often. */
const PLAN_LASTS_MS = 20 * MINUTE_MS;
/** When somebody looks at what was held, local. */
const LOOKS_AT_HOLDS_MINUTES = 9 * 60 + 30;

/**
 * A made-up hotel that lives through its month: guests react to what they get, the desk answers, and the messages leave either as the
 * plan says, made anew with everything that happens, or as fast as a script would send them.
 */
export class HotelLife {
  readonly figures = new HotelFigures();
  readonly #month: HotelMonth;
  readonly #network: HotelNetwork;
  readonly #rules: Rules;
  readonly #hours: PropertyHours;
  readonly #isPaced: boolean;
  readonly #log: HotelLog;
  readonly #fairness: HotelFairness;
  readonly #standing: HotelStanding;
  readonly #queue = new Map<string, Intent>();
  readonly #agenda = new HotelAgenda();
  readonly #people: HotelPeople;
  readonly #held = new Set<string>();
  /** The part of the plan that is not carried out yet; `null`: something has changed since. */
  #turns: PlannedTurn[] | null = null;
  #lastAt = -Infinity;

  constructor(deps: {
    readonly month: HotelMonth;
    readonly network: HotelNetwork;
    readonly isPaced: boolean;
    /** The network says of each message that it reached the guest. */
    readonly tellsDelivery: boolean;
  }) {
    this.#month = deps.month;
    this.#network = deps.network;
    this.#isPaced = deps.isPaced;
    this.#rules = defaultRules(deps.month.kind.timeZone);
    this.#log = new HotelLog(deps);
    const { zone, kind } = deps.month;
    this.#standing = new HotelStanding({ ...deps, bornAt: kind.bornAt });
    this.#fairness = new HotelFairness({ rules: this.#rules, zone, bornAt: kind.bornAt });
    this.#hours = new PropertyHours(this.#rules, deps.month.kind.seed);
    this.#people = new HotelPeople({
      ...deps,
      agenda: this.#agenda,
      log: this.#log,
      figures: this.figures,
      draws: new Draws(seededRandom(kind.seed + 2)),
      handOver: (intent, at) => this.#handOver(intent, at),
      onWrote: (guest) => this.#onWrote(guest),
      onOptOut: (guest) => this.#onOptOut(guest),
    });
  }

  run(): HotelFigures {
    const { from, until, guests, happenings } = this.#month;
    for (const { id, wroteBefore } of guests.values()) {
      if (!wroteBefore) continue;
      this.#log.knows(id, from - 10 * DAY_MS);
      this.#network.knows(id, from);
    }
    for (const event of happenings)
      this.#agenda.at(event.at, (at) => {
        if (event.do === 'ask') this.#people.wrote(event.guest, at, event.words);
        else this.#handOver(event.intent, at);
      });
    let now = from;
    while (!this.#network.areAllBanned) {
      const turn = this.#nextTurn(now);
      const startAt = turn === undefined ? Infinity : (turn.readAt ?? turn.typingFrom);
      const eventAt = this.#agenda.nextAt;
      if (Math.min(startAt, eventAt) >= until) break;
      if (Math.min(startAt, eventAt) > now + PLAN_LASTS_MS && turn !== undefined) {
        now += PLAN_LASTS_MS;
        this.#turns = null;
      } else if (turn === undefined || eventAt <= startAt) {
        this.#agenda.happen();
        now = Math.max(now, eventAt);
      } else {
        this.#carryOut(turn);
        now = turn.sendAt;
      }
    }
    this.#close(until);
    return this.figures;
  }

  #nextTurn(now: number): PlannedTurn | undefined {
    if (!this.#isPaced) return undefined;
    this.#turns ??= this.#plan(now);
    return this.#turns.at(-1);
  }

  /** The turns, the next one last. */
  #plan(now: number): PlannedTurn[] {
    const planned = planQueue(this.#situation([...this.#queue.values()], now));
    for (const each of planned)
      if (each.do !== 'send') this.#leaveOut(each, now);
      else if (!isTalk(each.lane)) {
        const opensChat = isFirstWord(this.#log.facts(each.conversationId));
        this.#fairness.planned(each.messageId, each.heldBy, now, opensChat);
        // The guest has written meanwhile.
        this.#held.delete(each.messageId);
      }
    return planned.filter((each) => each.do === 'send').reverse();
  }

  #situation(intents: readonly Intent[], now: number): PlanInput {
    const { seed } = this.#month.kind;
    const [history, standing, rules, hours] = [this.#log.history, this.#standing.now, this.#rules, this.#hours];
    return { intents, history, standing, rules, now, seed, hours };
  }

  #leaveOut(planned: Exclude<PlannedSend, PlannedTurn>, now: number): void {
    const { messageId } = planned;
    const intent = this.#queue.get(messageId);
    if (planned.do === 'expire') {
      this.#queue.delete(messageId);
      this.figures.expired += 1;
    }
    if (planned.do !== 'hold' || intent === undefined) return;
    this.#fairness.planned(messageId, planned.heldBy, now);
    if (this.#held.has(messageId)) return;
    this.#held.add(messageId);
    this.figures.noteHeld(planned.heldBy.rule);
    if (planned.heldBy.rule === 'same_text') this.#queue.set(messageId, { ...intent, review: 'held' });
    const { zone } = this.#month;
    this.#agenda.at(zone.instantOf(zone.dayAt(now) + 1, LOOKS_AT_HOLDS_MINUTES, 'first'), () => {
      if (this.#held.delete(messageId) && this.#queue.delete(messageId)) this.figures.cancelled += 1;
    });
  }

  #carryOut(turn: PlannedTurn): void {
    const intent = this.#queue.get(turn.messageId);
    this.#queue.delete(turn.messageId);
    this.#turns?.pop();
    if (intent !== undefined) this.#watch(intent, turn);
    // What begins is typed to its end, whatever comes meanwhile.
    while (this.#agenda.nextAt < turn.sendAt) this.#agenda.happen();
    if (intent === undefined) return;
    this.#leave(intent, { at: turn.sendAt, typedMs: turn.sendAt - turn.typingFrom, reads: turn.readAt !== null });
  }

  #handOver(intent: Intent, at: number): void {
    this.figures.handedOver += 1;
    if (intent.purpose !== 'reply' && intent.purpose !== 'safety' && this.#people.hasOptedOut(intent.conversationId)) {
      this.figures.refused += 1;
      return;
    }
    if (this.#isPaced) {
      this.#queue.set(intent.messageId, intent);
      this.#turns = null;
      return;
    }
    this.#lastAt = Math.max(at, this.#lastAt + UNPACED_GAP_MS);
    this.#agenda.at(this.#lastAt, (sendAt) => this.#leave(intent, { at: sendAt, typedMs: 0, reads: false }));
  }

  #leave(intent: Intent, { at, typedMs, reads }: { at: number; typedMs: number; reads: boolean }): void {
    const { messageId, conversationId, textKey } = intent;
    const guest = this.#month.guests.get(conversationId);
    const facts = this.#log.facts(conversationId);
    const penalty = this.#network.take({
      at,
      to: conversationId,
      isGroup: conversationId === 'group',
      textKey,
      typedMs,
      hasRead: facts.unreadWords === 0 ? null : reads,
      isUndelivered: guest?.isOnNetwork !== true,
    });
    if (penalty !== null) {
      // As the outbox does: what the network did not take waits until it may go.
      this.#standing.take(penalty);
      this.#queue.set(intent.messageId, intent);
      this.#turns = null;
      return;
    }
    const lane = laneOf(intent, facts, at);
    const rule = this.#fairness.ruleOf(messageId);
    const waitedMs = at - dueAtOf(intent);
    this.figures.noteSent(lane, { waitedMs, rule, isFirstWord: isFirstWord(facts) });
    if (lane === 'reply' && this.#isPaced) {
      const leastMs = leastMsOf(this.#situation([intent], intent.queuedAt));
      this.figures.replies.push({ waitedMs, leastMs });
    }
    const arrived = this.#log.sent({ messageId, conversationId, at, lane, textKey });
    this.#people.receive({ guest: conversationId, at, lane, facts, arrived });
  }

  #onWrote(guest: string): void {
    // To all others the plan stays as it is until something new is handed over.
    for (const { conversationId } of this.#queue.values()) if (conversationId === guest) this.#turns = null;
  }

  #onOptOut(guest: string): void {
    this.#turns = null;
    for (const { messageId, conversationId, purpose } of this.#queue.values()) {
      if (conversationId !== guest || purpose === 'reply' || purpose === 'safety') continue;
      this.#queue.delete(messageId);
      this.figures.refused += 1;
    }
  }

  #watch(intent: Intent, turn: PlannedTurn): void {
    const factsOf = (conversationId: string): ChatFacts => this.#log.facts(conversationId);
    const waiting = (): readonly Intent[] =>
      [...this.#queue.values()].filter(({ messageId }) => !this.#held.has(messageId));
    this.#fairness.leaves({ intent, turn, waiting, factsOf });
  }

  /** The month is over. */
  #close(until: number): void {
    for (const intent of this.#queue.values()) {
      this.figures.left += 1;
      if (this.#held.has(intent.messageId)) continue;
      const facts = this.#log.facts(intent.conversationId);
      const rule = this.#fairness.ruleOf(intent.messageId);
      const waitedMs = until - dueAtOf(intent);
      this.figures.noteWait(laneOf(intent, facts, until), { waitedMs, rule, isFirstWord: isFirstWord(facts) });
    }
    if (this.#isPaced) this.figures.close(this.#fairness);
  }
}
