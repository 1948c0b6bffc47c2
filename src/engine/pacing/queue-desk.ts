import type { AccountLedger } from './account-ledger.ts';
import type { Availability } from './availability.ts';
import type { HoldWriter } from './explain.ts';
import type { HoldMemory } from './hold-memory.ts';
import { KINDS, kindOf, kinds, WAITING } from './kinds.ts';
import { MOST_REPLIES_BEFORE_OVERDUE, stepBackMs } from './lanes.ts';
import { Latest } from './latest.ts';
import { MinHeap } from './min-heap.ts';
import type { Turn } from './own-choice.ts';
import { OwnChoice } from './own-choice.ts';
import type { QueuedItem, QueueLine } from './queue-line.ts';
import type { Rules } from './rules.ts';
import type { TurnPlanner } from './turn-planner.ts';
import type { PersonTimes } from './turn-times.ts';
import type { HoldRule, Lane, PlannedSend } from './types.ts';
import { isHoldRule } from './types.ts';
import type { Waits } from './waits.ts';

/** An own message that is overdue may keep an answer waiting for this long, when it is its turn between answers; ms. */
const OVERDUE_MAY_DELAY_MS = 5_000;

export interface DeskDeps {
  readonly rules: Rules;
  readonly ledger: AccountLedger;
  readonly availability: Availability;
  readonly planner: TurnPlanner;
  readonly person: PersonTimes;
  readonly holds: HoldMemory;
  readonly waits: Waits;
  readonly writer: HoldWriter;
  readonly now: number;
}

/** One person at one desk, who goes through the queue in thought: one message after the other, the time of each from the one before. */
export class QueueDesk {
  readonly #deps: DeskDeps;
  readonly #waiting = new MinHeap<QueuedItem>();
  readonly #ready: readonly MinHeap<QueuedItem>[] = Array.from({ length: KINDS }, () => new MinHeap<QueuedItem>());
  readonly #own: OwnChoice;
  readonly #talkStart = new Latest(0, 'queue');
  readonly #scratch = new Latest(0, 'queue');
  readonly #planned: PlannedSend[] = [];
  readonly #left: PlannedSend[] = [];
  #at: number;

  constructor(deps: DeskDeps & { readonly freeAt: number }) {
    this.#deps = deps;
    this.#own = new OwnChoice({ ...deps, peek: (kind) => this.#peek(kind) });
    this.#at = deps.freeAt;
  }

  /** Somebody sits down; what waits where. */
  begin(lines: Iterable<QueueLine>): void {
    for (const line of lines) this.#offer(line);
  }

  /** Goes through so many turns, or steps to one; whether nothing is left. */
  advance(turns: number): boolean {
    for (let count = 0; count < turns; count += 1) {
      this.#admit();
      const turn = this.#choose();
      const nextAt = this.#waiting.peekRank;
      if (turn === undefined && nextAt === Infinity) return true;
      // Who becomes free to go meanwhile may be more urgent.
      if (turn === undefined || nextAt < turn.start.at) this.#at = Math.max(this.#at, nextAt);
      else this.#take(turn);
    }
    return false;
  }

  /** Those that are sent in their order, then those that are not. */
  get planned(): readonly PlannedSend[] {
    return this.#planned.concat(this.#left);
  }

  /** The heads of a line begin to wait; also anew, for something went out in their conversation. */
  #offer(line: QueueLine): void {
    for (let first = line.first(); first !== null; first = line.first()) {
      const talk = line.firstTalk();
      if (this.#leaveToPeople(first) || (talk !== null && this.#leaveToPeople(talk))) continue;
      this.#wait(first);
      if (talk !== null) this.#wait(talk);
      return;
    }
  }

  #wait(item: QueuedItem): void {
    if (item.waitOf === item.line.sends) return;
    const wait = this.#deps.availability.of(item, this.#scratch);
    this.#deps.waits.write(item, wait);
    item.waitOf = item.line.sends;
    item.place = WAITING;
    if (wait.at <= this.#at) this.#letIn(item);
    else this.#waiting.push(item, wait.at, item.order);
  }

  /** What no clock ends: it steps out of its line at once. */
  #leaveToPeople(item: QueuedItem): boolean {
    const { review, line } = item;
    if (review === 'held') return this.#hold(item, 'same_text');
    const isFree = item.isTalk || review === 'released';
    return !isFree && line.unanswered >= this.#deps.rules.limits.unansweredInARow && this.#hold(item, 'unanswered');
  }

  #hold(item: QueuedItem, rule: HoldRule): true {
    item.isDone = true;
    this.#left.push({ ...namesOf(item), do: 'hold', heldBy: this.#deps.writer.write(rule, null) });
    return true;
  }

  #admit(): void {
    while (this.#waiting.peekRank <= this.#at) {
      const item = this.#waiting.pop();
      // An older entry of a message that has begun to wait anew comes up as well.
      if (item === undefined || item.isDone || item.place !== WAITING) continue;
      if (this.#deps.waits.endOf(item) <= this.#at) this.#letIn(item);
    }
  }

  #letIn(item: QueuedItem): void {
    item.place = kindOf(item);
    const backMs = item.lane === 'reply' ? stepBackMs(item.line.answers) : 0;
    this.#ready[item.place]?.push(item, item.overdueAt + backMs, item.order);
  }

  /** The first of a kind that can go. */
  #peek(kind: number): QueuedItem | undefined {
    const heap = this.#ready[kind];
    for (let item = heap?.peek(); item !== undefined; item = heap?.peek()) {
      if (!item.isDone && item.place === kind) return item;
      heap?.pop();
    }
    return undefined;
  }

  #choose(): Turn | undefined {
    const { planner, ledger } = this.#deps;
    const safety = this.#peek(kinds.safety);
    if (safety !== undefined) return { item: safety, start: planner.talkStart(safety, this.#at, this.#talkStart) };
    const own = this.#own.choose(this.#at);
    const reply = this.#peek(kinds.reply);
    if (reply === undefined) return own;
    const start = planner.talkStart(reply, this.#at, this.#talkStart);
    const isOverdue = own !== undefined && own.item.overdueAt <= this.#at;
    const isItsTurn = isOverdue && ledger.repliesSinceOwn >= MOST_REPLIES_BEFORE_OVERDUE;
    if (isItsTurn && own.start.at <= start.at + OVERDUE_MAY_DELAY_MS) return own;
    return { item: this.#beforeIt(reply, start) ?? reply, start };
  }

  /** What comes first in the same conversation goes first, in one go with the answer, unless a limit holds it back. */
  #beforeIt(reply: QueuedItem, start: Latest): QueuedItem | undefined {
    const item = reply.line.ownBefore(reply);
    if (item === null || item.waitOf < 0 || this.#deps.waits.endOf(item) > this.#at) return undefined;
    const limits = this.#deps.planner.limitsEndAt(item, this.#at, this.#scratch);
    return limits.at <= start.at ? item : undefined;
  }

  #take({ item, start }: Turn): void {
    item.isDone = true;
    // A limit of nought never opens.
    if (start.at === Infinity && isHoldRule(start.rule)) this.#hold(item, start.rule);
    else if (this.#isSameText(item, start.at)) this.#hold(item, 'same_text');
    else this.#send(item, start);
    this.#offer(item.line);
  }

  #isSameText({ text, review, line }: QueuedItem, at: number): boolean {
    if (text === null || review === 'released') return false;
    return text.wouldPass(at, line.conversationId, line.isOpening);
  }

  #send(item: QueuedItem, start: Latest): void {
    const { ledger, person, holds, waits, now } = this.#deps;
    const { intent, lane, line } = item;
    const { readAt, typingFrom, sendAt } = person.timesOf(item, start.at);
    if (intent.expiresAt !== null && sendAt > intent.expiresAt) {
      this.#left.push({ ...namesOf(item), do: 'expire', knownAt: now, wouldSendAt: sendAt, reason: start.rule });
      return;
    }
    const { messageId, conversationId } = intent;
    const wait = waits.read(item);
    const heldBy = holds.holdFor(kindOf(item), Math.max(now, item.dueAt), start, wait);
    const reason = wait.at >= start.at ? wait.rule : start.rule;
    // Named one by one: spreads make this the slowest line of all.
    this.#planned.push({ do: 'send', messageId, conversationId, lane, readAt, typingFrom, sendAt, reason, heldBy });
    ledger.record({ conversationId, lane, opensChat: line.isOpening }, sendAt, item.key);
    item.text?.record(sendAt, conversationId, line.isOpening);
    line.recordSend(sendAt, item.isTalk);
    this.#at = sendAt;
  }
}

function namesOf({ intent, lane }: QueuedItem): { messageId: string; conversationId: string; lane: Lane } {
  return { messageId: intent.messageId, conversationId: intent.conversationId, lane };
}
