import { drawKey } from './keyed-draws.ts';
import { dueAtOf, isTalk, laneOf, overdueAt } from './lanes.ts';
import type { Latest } from './latest.ts';
import type { ChatFacts, Intent, Lane, SendLogEntry } from './types.ts';

/** A message in the plan. */
export interface QueuedItem {
  readonly intent: Intent;
  readonly line: QueueLine;
  readonly lane: Lane;
  readonly isTalk: boolean;
  readonly dueAt: number;
  readonly overdueAt: number;
  readonly key: number;
  /** Place in the queue as it was handed over; also makes equal things unequal. */
  readonly order: number;
  /** Sent or settled otherwise in this plan. */
  isDone: boolean;
  /** What it waits for in its conversation, once it is at its head. */
  wait: Latest | null;
  /** `line.sends` when that was looked up. */
  waitOf: number;
  /** Where it stands: which kind of ready messages it is among, -1 = it waits. */
  place: number;
  /** What was drawn for it, each once and when it is needed; ms, `-1` = not drawn yet. */
  writingMs: number;
  ownGapMs: number;
  turnGapMs: number;
  latenessMs: number;
}

/** A guest of whom nothing is known. */
export const STRANGER: ChatFacts = {
  lastInboundAt: null,
  isKnown: false,
  unreadWords: 0,
  unanswered: 0,
  isOpened: false,
};

/**
 * What waits in one conversation. It goes out in the order in which it became due. Two exceptions: a warning
 * passes all; and what a limit holds back steps aside for an answer, so that no guest waits until morning because something else does.
 */
export class QueueLine {
  readonly conversationId: string;
  readonly facts: ChatFacts;
  readonly #items: QueuedItem[] = [];
  #head = 0;
  #hasTries = false;
  #talkHead = 0;
  /** Grows with each message that the plan sends here. */
  sends = 0;
  lastAt = -Infinity;
  lastOwnAt = -Infinity;
  unanswered: number;
  unreadWords: number;
  isOpened: boolean;

  constructor(conversationId: string, facts: ChatFacts) {
    this.conversationId = conversationId;
    this.facts = facts;
    this.unanswered = facts.unanswered;
    this.unreadWords = facts.unreadWords;
    this.isOpened = facts.isOpened;
  }

  /** Items come in the order in which they are due. */
  add(item: QueuedItem): void {
    this.#items.push(item);
    if (item.intent.retryAt !== null) this.#hasTries = true;
  }

  /** The first that is left. */
  first(): QueuedItem | undefined {
    while (this.#items[this.#head]?.isDone === true) this.#head += 1;
    return this.#items[this.#head];
  }

  /** The first answer or warning that is left: it may be next, too. */
  firstTalk(): QueuedItem | undefined {
    for (let item = this.#items[this.#talkHead]; item !== undefined; item = this.#items[this.#talkHead]) {
      if (item.isTalk && !item.isDone) return item;
      this.#talkHead += 1;
    }
    return undefined;
  }

  /** What the hotel would send by itself before this answer. */
  ownBefore(answer: QueuedItem): QueuedItem | undefined {
    const first = this.first();
    return first !== answer && first?.isTalk === false ? first : undefined;
  }

  /** Out of the log: when something last went out here. How it stands with the guest is in the facts. */
  recall({ at, lane }: Pick<SendLogEntry, 'at' | 'lane'>, now: number): void {
    this.lastAt = Math.max(this.lastAt, Math.min(at, now));
    if (!isTalk(lane)) this.lastOwnAt = this.lastAt;
  }

  /** When the last of those before it will have been tried again: they may be out already, so nothing passes them. */
  triesBefore(item: QueuedItem): number {
    let latest = -Infinity;
    if (!this.#hasTries) return latest;
    for (let index = this.#head; this.#items[index] !== undefined && this.#items[index] !== item; index += 1) {
      const before = this.#items[index];
      if (before?.isDone === false) latest = Math.max(latest, before.intent.retryAt ?? -Infinity);
    }
    return latest;
  }

  recordSend(at: number, isTalk: boolean): void {
    this.sends += 1;
    this.lastAt = at;
    this.unreadWords = 0;
    this.isOpened = true;
    if (isTalk) return;
    this.lastOwnAt = at;
    this.unanswered += 1;
  }
}

/** Whether it would be the hotel's first word to a guest who never wrote. */
export function isOpening({ line }: QueuedItem): boolean {
  return !line.facts.isKnown && !line.isOpened;
}

/** One line for each conversation. */
export function openLines(
  intents: readonly Intent[],
  chats: ReadonlyMap<string, ChatFacts>,
  now: number,
  seed: number,
): ReadonlyMap<string, QueueLine> {
  const lines = new Map<string, QueueLine>();
  const items = intents.map((intent, order) => {
    const { conversationId } = intent;
    const line = lines.get(conversationId) ?? new QueueLine(conversationId, chats.get(conversationId) ?? STRANGER);
    lines.set(conversationId, line);
    const lane = laneOf(intent, line.facts, now);
    return {
      intent,
      line,
      lane,
      isTalk: isTalk(lane),
      dueAt: dueAtOf(intent),
      overdueAt: overdueAt(intent, lane),
      key: drawKey(seed, intent.messageId),
      order,
      isDone: false,
      wait: null,
      waitOf: 0,
      place: -1,
      writingMs: -1,
      ownGapMs: -1,
      turnGapMs: -1,
      latenessMs: -1,
    };
  });
  items.sort((one, other) => one.dueAt - other.dueAt || one.order - other.order);
  for (const item of items) item.line.add(item);
  return lines;
}
