import type { Penalty } from '../../connectors/box/ban-model/types.ts';
import { seededRandom } from '../../src/core/random.ts';
import { dueAtOf, laneOf } from '../../src/engine/pacing/lanes.ts';
import { MinHeap } from '../../src/engine/pacing/min-heap.ts';
import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import { planQueue } from '../../src/engine/pacing/plan-queue.ts';
import { PropertyHours } from '../../src/engine/pacing/property-hours.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import type { Intent, NetworkLimit, PlannedSend, PlannedTurn, Standing } from '../../src/engine/pacing/types.ts';
import { answerTo, deskTakesMs, leastMsOf } from './hotel-answers.ts';
import { Draws } from './hotel-draws.ts';
import { HotelFigures } from './hotel-figures.ts';
import { reactionsTo } from './hotel-guests.ts';
import { HotelLog } from './hotel-log.ts';
import type { HotelMonth } from './hotel-month.ts';
import type { HotelNetwork } from './hotel-network.ts';
import { standingAfter } from './hotel-network.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ANSWERED = 0.92;
/** A script that empties a queue. */
const UNPACED_GAP_MS = 250;
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
  readonly #draws: Draws;
  readonly #log = new HotelLog();
  readonly #queue = new Map<string, Intent>();
  readonly #events = new MinHeap<(at: number) => void>();
  readonly #optedOut = new Set<string>();
  readonly #blocked = new Set<string>();
  readonly #answering = new Set<string>();
  readonly #held = new Set<string>();
  #limits: NetworkLimit[] = [];
  #ban: Standing['ban'] = null;
  /** The part of the plan that is not carried out yet; `null`: something has changed since. */
  #turns: PlannedTurn[] | null = null;
  #serial = 0;
  #lastAt = -Infinity;

  constructor(deps: {
    readonly month: HotelMonth;
    readonly network: HotelNetwork;
    readonly isPaced: boolean;
    readonly rules?: Rules;
  }) {
    this.#month = deps.month;
    this.#network = deps.network;
    this.#isPaced = deps.isPaced;
    this.#rules = deps.rules ?? defaultRules(deps.month.kind.timeZone);
    this.#hours = new PropertyHours(this.#rules, deps.month.kind.seed);
    this.#draws = new Draws(seededRandom(deps.month.kind.seed + 2));
  }

  run(): HotelFigures {
    const { from, until, guests, happenings } = this.#month;
    for (const { id, wroteBefore } of guests.values()) {
      if (!wroteBefore) continue;
      this.#log.knows(id, from - 10 * DAY_MS);
      this.#network.knows(id, from);
    }
    for (const event of happenings)
      this.#at(event.at, (at) => {
        if (event.do === 'ask') this.#wrote(event.guest, at, event.words);
        else this.#handOver(event.intent, at);
      });
    let now = from;
    while (!this.#network.areAllBanned) {
      const turn = this.#nextTurn(now);
      const startAt = turn === undefined ? Infinity : (turn.readAt ?? turn.typingFrom);
      const eventAt = this.#events.peekRank;
      if (Math.min(startAt, eventAt) >= until) break;
      if (turn === undefined || eventAt <= startAt) {
        this.#happen();
        now = Math.max(now, eventAt);
      } else {
        this.#carryOut(turn);
        now = turn.sendAt;
      }
    }
    for (const intent of this.#queue.values()) {
      this.figures.left += 1;
      const lane = laneOf(intent, this.#log.facts(intent.conversationId), now);
      if (!this.#held.has(intent.messageId)) this.figures.noteAge(lane, until - dueAtOf(intent));
    }
    return this.figures;
  }

  #at(at: number, work: (at: number) => void): void {
    this.#serial += 1;
    this.#events.push(work, Math.round(at), this.#serial);
  }

  #happen(): void {
    const at = this.#events.peekRank;
    this.#events.pop()?.(at);
  }

  #nextTurn(now: number): PlannedTurn | undefined {
    if (!this.#isPaced) return undefined;
    this.#turns ??= this.#plan(now);
    return this.#turns.at(-1);
  }

  /** The turns, the next one last. */
  #plan(now: number): PlannedTurn[] {
    const planned = planQueue(this.#situation([...this.#queue.values()], now));
    for (const each of planned) if (each.do !== 'send') this.#leaveOut(each, now);
    return planned.filter((each) => each.do === 'send').reverse();
  }

  #situation(intents: readonly Intent[], now: number): PlanInput {
    const { bornAt, seed } = this.#month.kind;
    const standing = { bornAt, limits: this.#limits, ban: this.#ban, busyUntil: null };
    return { intents, history: this.#log.history, standing, rules: this.#rules, now, seed, hours: this.#hours };
  }

  #leaveOut(planned: Exclude<PlannedSend, PlannedTurn>, now: number): void {
    const { messageId } = planned;
    const intent = this.#queue.get(messageId);
    if (planned.do === 'expire') {
      this.#queue.delete(messageId);
      this.figures.expired += 1;
    }
    if (planned.do !== 'hold' || intent === undefined || this.#held.has(messageId)) return;
    this.#held.add(messageId);
    this.figures.noteHeld(planned.heldBy.rule);
    if (planned.heldBy.rule === 'same_text') this.#queue.set(messageId, { ...intent, review: 'held' });
    const { zone } = this.#month;
    this.#at(zone.instantOf(zone.dayAt(now) + 1, LOOKS_AT_HOLDS_MINUTES, 'first'), () => {
      const isOver = this.#log.facts(intent.conversationId).unanswered === 0 && planned.heldBy.rule === 'unanswered';
      this.#held.delete(messageId);
      if (!isOver && this.#queue.delete(messageId)) this.figures.cancelled += 1;
    });
  }

  #carryOut(turn: PlannedTurn): void {
    const intent = this.#queue.get(turn.messageId);
    this.#queue.delete(turn.messageId);
    this.#turns?.pop();
    // What begins is typed to its end, whatever comes meanwhile.
    while (this.#events.peekRank < turn.sendAt) this.#happen();
    if (intent === undefined) return;
    this.#leave(intent, { at: turn.sendAt, typedMs: turn.sendAt - turn.typingFrom, reads: turn.readAt !== null });
  }

  #handOver(intent: Intent, at: number): void {
    if (intent.purpose !== 'reply' && intent.purpose !== 'safety' && this.#optedOut.has(intent.conversationId)) {
      this.figures.refused += 1;
      return;
    }
    if (this.#isPaced) {
      this.#queue.set(intent.messageId, intent);
      this.#turns = null;
      return;
    }
    this.#lastAt = Math.max(at, this.#lastAt + UNPACED_GAP_MS);
    this.#at(this.#lastAt, (sendAt) => this.#leave(intent, { at: sendAt, typedMs: 0, reads: false }));
  }

  #leave(intent: Intent, { at, typedMs, reads }: { at: number; typedMs: number; reads: boolean }): void {
    const { messageId, conversationId, textKey } = intent;
    const guest = this.#month.guests.get(conversationId);
    const facts = this.#log.facts(conversationId);
    const isReached = guest?.isOnNetwork === true && !this.#blocked.has(conversationId);
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
      this.#obey(penalty, intent);
      return;
    }
    const lane = laneOf(intent, facts, at);
    const leastMs = lane === 'reply' && this.#isPaced ? leastMsOf(this.#situation([intent], intent.queuedAt)) : null;
    this.figures.noteSent(lane, { waitedMs: at - dueAtOf(intent), leastMs });
    this.#log.sent({ messageId, conversationId, at, lane, textKey });
    if (guest === undefined || !isReached) return;
    for (const reaction of reactionsTo(guest, lane === 'reply', this.#draws))
      this.#at(at + reaction.afterMs, (now) => {
        if (reaction.do === 'write') this.#wrote(guest.id, now, reaction.words);
        else if (reaction.do === 'opt_out') this.#optOut(guest.id, now);
        else this.#block(guest.id, now);
      });
  }

  /** As the outbox does: what the network did not take waits until it may go. */
  #obey(penalty: Penalty, intent: Intent): void {
    this.#turns = null;
    const { ban, limit } = standingAfter(penalty);
    this.#ban ??= ban;
    if (limit === null) return;
    this.#queue.set(intent.messageId, intent);
    this.#limits.push(limit);
  }

  #wrote(guest: string, at: number, words: number): void {
    // To all others the plan stays as it is until something new is handed over.
    for (const { conversationId } of this.#queue.values()) if (conversationId === guest) this.#turns = null;
    this.#log.wrote(guest, at, words);
    this.#network.wrote(guest, at);
    if (this.#answering.has(guest) || !this.#draws.chance(ANSWERED)) return;
    this.#answering.add(guest);
    this.#at(at + deskTakesMs(this.#draws), (queuedAt) => {
      this.#answering.delete(guest);
      this.#serial += 1;
      this.#handOver(answerTo(guest, `answer ${this.#serial}`, queuedAt, this.#draws), queuedAt);
    });
  }

  #optOut(guest: string, at: number): void {
    this.#turns = null;
    this.#log.wrote(guest, at, 1);
    this.#network.wrote(guest, at);
    this.#log.optedOut(at);
    this.#optedOut.add(guest);
    for (const { messageId, conversationId, purpose } of this.#queue.values()) {
      if (conversationId !== guest || purpose === 'reply' || purpose === 'safety') continue;
      this.#queue.delete(messageId);
      this.figures.refused += 1;
    }
  }

  #block(guest: string, at: number): void {
    this.#blocked.add(guest);
    this.#network.blocked(at);
  }
}
