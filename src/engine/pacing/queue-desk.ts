import type { AccountLedger } from './account-ledger.ts';
import type { Availability } from './availability.ts';
import type { HoldWriter } from './explain.ts';
import type { HoldMemory } from './hold-memory.ts';
import { MOST_REPLIES_BEFORE_OVERDUE } from './lanes.ts';
import type { Latest } from './latest.ts';
import { MinHeap } from './min-heap.ts';
import type { QueuedItem, QueueLine } from './queue-line.ts';
import type { Rules } from './rules.ts';
import type { TurnPlanner } from './turn-planner.ts';
import type { PersonTimes } from './turn-times.ts';
import type { Hold, PlannedSend } from './types.ts';
import { isHoldRule } from './types.ts';

/** An own message that is overdue may keep an answer waiting for this long, when it is its turn between answers; ms. */
const OVERDUE_MAY_DELAY_MS = 5_000;
const SAFETY = 0;
const REPLY = 1;
const OWN_KINDS = [2, 3, 4, 5, 6, 7] as const;

/** A message and its start. */
interface Turn {
  readonly item: QueuedItem;
  readonly start: Latest;
}

export interface DeskDeps {
  readonly rules: Rules;
  readonly ledger: AccountLedger;
  readonly availability: Availability;
  readonly planner: TurnPlanner;
  readonly person: PersonTimes;
  readonly holds: HoldMemory;
  readonly writer: HoldWriter;
  readonly now: number;
}

/** One person at one desk, who goes through the queue in thought: one message after the other, the time of each from the one before. */
export class QueueDesk {
  readonly #deps: DeskDeps;
  readonly #waiting = new MinHeap<QueuedItem>();
  readonly #ready: readonly MinHeap<QueuedItem>[] = Array.from({ length: 8 }, () => new MinHeap<QueuedItem>());
  readonly #planned: PlannedSend[] = [];
  readonly #left: PlannedSend[] = [];
  #at: number;

  constructor(deps: DeskDeps & { readonly freeAt: number }) {
    this.#deps = deps;
    this.#at = deps.freeAt;
  }

  /** Those that are sent in their order, then those that are not. */
  plan(lines: Iterable<QueueLine>): readonly PlannedSend[] {
    for (const line of lines) this.#offer(line);
    for (;;) {
      this.#admit();
      const turn = this.#choose();
      const nextAt = this.#waiting.peekRank;
      if (turn === undefined && nextAt === Infinity) break;
      // Who becomes free to go meanwhile may be more urgent.
      if (turn === undefined || nextAt < turn.start.at) this.#at = Math.max(this.#at, nextAt);
      else this.#take(turn);
    }
    return [...this.#planned, ...this.#left];
  }

  /** The heads of a line begin to wait. */
  #offer(line: QueueLine): void {
    for (const item of line.heads()) {
      if (item.wait === null) this.#wait(item);
    }
  }

  #wait(item: QueuedItem): void {
    const wait = this.#deps.availability.of(item);
    item.wait = wait;
    item.waitOf = item.line.sends;
    this.#waiting.push(item, wait.at, item.order);
  }

  #admit(): void {
    while (this.#waiting.peekRank <= this.#at) {
      const item = this.#waiting.pop();
      if (item !== undefined && !item.isDone) this.#ready[kindOf(item)]?.push(item, item.overdueAt, item.order);
    }
  }

  /** The first of a kind that can go. One whose conversation went on since goes back to wait for its pause. */
  #peek(kind: number): QueuedItem | undefined {
    const heap = this.#ready[kind];
    for (let item = heap?.peek(); item !== undefined; item = heap?.peek()) {
      const isFresh = item.isTalk || item.waitOf === item.line.sends;
      if (!item.isDone && isFresh) return item;
      heap?.pop();
      if (!item.isDone) this.#wait(item);
    }
    return undefined;
  }

  #choose(): Turn | undefined {
    const { planner, ledger } = this.#deps;
    const safety = this.#peek(SAFETY);
    if (safety !== undefined) return { item: safety, start: planner.talkStart(safety, this.#at) };
    const own = this.#chooseOwn();
    const reply = this.#peek(REPLY);
    if (reply === undefined) return own;
    const start = planner.talkStart(reply, this.#at);
    const isOverdue = own !== undefined && own.item.overdueAt <= this.#at;
    if (
      isOverdue &&
      ledger.repliesSinceOwn >= MOST_REPLIES_BEFORE_OVERDUE &&
      own.start.at <= start.at + OVERDUE_MAY_DELAY_MS
    )
      return own;
    return this.#beforeIt(reply, start) ?? { item: reply, start };
  }

  /** What comes first in the same conversation goes first, in one go with the answer, unless a limit holds it back. */
  #beforeIt(reply: QueuedItem, start: Latest): Turn | undefined {
    const item = reply.line.ownBefore(reply);
    if (item === undefined || this.#deps.availability.of(item).at > this.#at) return undefined;
    return this.#deps.planner.limitsEndAt(item, this.#at).at <= start.at ? { item, start } : undefined;
  }

  /** The one that is overdue first, of those whose limits are open by the time at which the desk can begin with any. */
  #chooseOwn(): Turn | undefined {
    const { planner, holds } = this.#deps;
    const candidates: { item: QueuedItem; limits: Latest; start: Latest }[] = [];
    let earliest = Infinity;
    for (const kind of OWN_KINDS) {
      const item = this.#peek(kind);
      if (item === undefined) continue;
      const limits = planner.limitsEndAt(item, this.#at);
      const start = planner.ownStart(item, limits);
      holds.remember(kind, this.#at, limits);
      candidates.push({ item, limits, start });
      earliest = Math.min(earliest, start.at);
    }
    let best: (typeof candidates)[number] | undefined;
    for (const each of candidates) {
      if (each.limits.at > earliest) continue;
      if (best === undefined || each.item.overdueAt < best.item.overdueAt) best = each;
    }
    return best;
  }

  #take({ item, start }: Turn): void {
    const { ledger, person, holds, now } = this.#deps;
    const { intent, lane, line, wait } = item;
    item.isDone = true;
    const named = { messageId: intent.messageId, conversationId: intent.conversationId, lane };
    const hold = this.#personsHold(item, start);
    if (hold === null) {
      const times = person.timesOf(item, start.at);
      if (intent.expiresAt !== null && times.sendAt > intent.expiresAt) {
        this.#left.push({ ...named, do: 'expire', knownAt: now, wouldSendAt: times.sendAt, reason: start.rule });
      } else {
        const waits = wait === null ? [start] : [start, wait];
        const heldBy = holds.holdFor(kindOf(item), Math.max(now, item.dueAt), start.at, waits);
        const reason = wait !== null && wait.at >= start.at ? wait.rule : start.rule;
        this.#planned.push({ ...named, do: 'send', ...times, reason, heldBy });
        const { conversationId, textKey, messageId } = intent;
        const opensChat = isOpening(item);
        ledger.record({ messageId, conversationId, at: times.sendAt, lane, opensChat, textKey }, item.key);
        line.recordSend(times.sendAt, item.isTalk);
        this.#at = times.sendAt;
      }
    } else this.#left.push({ ...named, do: 'hold', heldBy: hold });
    this.#offer(line);
  }

  /** What no clock ends: a person, or the guest. */
  #personsHold(item: QueuedItem, start: Latest): Hold | null {
    const { rules, ledger, writer } = this.#deps;
    const { intent, line } = item;
    if (intent.review === 'held') return writer.write('same_text', null);
    // A limit of nought never opens.
    if (start.at === Infinity && isHoldRule(start.rule)) return writer.write(start.rule, null);
    if (item.isTalk || intent.review === 'released') return null;
    if (line.unanswered >= rules.limits.unansweredInARow) return writer.write('unanswered', null);
    if (intent.textKey === null) return null;
    const contacts = ledger.sameText.contactsWith(intent.textKey, intent.conversationId, start.at);
    return contacts > rules.limits.sameTextPerHour ? writer.write('same_text', null) : null;
  }
}

function isOpening({ line }: QueuedItem): boolean {
  return !line.facts.isKnown && !line.isOpened;
}

/** Messages that the same limits concern wait in one line: those of a kind. */
function kindOf(item: QueuedItem): number {
  const opening = isOpening(item) ? 1 : 0;
  switch (item.lane) {
    case 'safety':
      return SAFETY;
    case 'reply':
      return REPLY;
    case 'service':
      return 2 + opening;
    case 'scheduled':
      return 4 + opening;
    case 'promotional':
      return 6 + opening;
  }
}
