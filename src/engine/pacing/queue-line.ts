import { drawKey } from './keyed-draws.ts';
import { dueAtOf, isTalk, laneOf, overdueAt } from './lanes.ts';
import type { SameText, TextSends } from './same-text.ts';
import type { ChatFacts, Intent, Lane, SendLogEntry } from './types.ts';

/** A message in the plan. What is asked again and again stands here: reaching into thousands of intents takes most of the time. */
export interface QueuedItem {
  readonly intent: Intent;
  readonly line: QueueLine;
  readonly lane: Lane;
  readonly isTalk: boolean;
  readonly review: Intent['review'];
  /** Who gets the same text; answers and warnings may be alike. */
  readonly text: TextSends | null;
  readonly dueAt: number;
  readonly overdueAt: number;
  readonly key: number;
  /** Place in the queue as it was handed over; also makes equal things unequal. */
  readonly order: number;
  /** Sent or settled otherwise in this plan. */
  isDone: boolean;
  /** `line.sends` when it was looked up what it waits for in its conversation; -1 before it is at its head. */
  waitOf: number;
  /** Where it stands: which kind of ready messages it is among, -1 = it waits. */
  place: number;
  /** What follows in its conversation. */
  next: QueuedItem | null;
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
  /** Linked, not listed: a list takes as much memory as four messages, and most lines are shorter. */
  #head: QueuedItem | null = null;
  #talkHead: QueuedItem | null = null;
  #tail: QueuedItem | null = null;
  #hasTries = false;
  /** Grows with each message that the plan sends here. */
  sends = 0;
  lastAt = -Infinity;
  lastOwnAt = -Infinity;
  unanswered: number;
  /** Answers since the guest last wrote. */
  answers = 0;
  unreadWords: number;
  /** Whether the next message would be the hotel's first word to a guest who never wrote. */
  isOpening: boolean;

  constructor(conversationId: string, facts: ChatFacts) {
    this.conversationId = conversationId;
    this.facts = facts;
    this.unanswered = facts.unanswered;
    this.unreadWords = facts.unreadWords;
    this.isOpening = !facts.isKnown && !facts.isOpened;
  }

  /** Items come in the order of the queue, and stand in that in which they are due. */
  add(item: QueuedItem): void {
    if (this.#tail === null || this.#tail.dueAt <= item.dueAt) this.#append(item);
    else this.#insert(item);
    this.#talkHead = this.#head;
    if (item.intent.retryAt !== null) this.#hasTries = true;
  }

  /** The first that is left. */
  first(): QueuedItem | null {
    while (this.#head?.isDone === true) this.#head = this.#head.next;
    return this.#head;
  }

  /** The first answer or warning that is left: it may be next, too. */
  firstTalk(): QueuedItem | null {
    while (this.#talkHead !== null && (!this.#talkHead.isTalk || this.#talkHead.isDone))
      this.#talkHead = this.#talkHead.next;
    return this.#talkHead;
  }

  /** What the hotel would send by itself before this answer. */
  ownBefore(answer: QueuedItem): QueuedItem | null {
    const first = this.first();
    return first !== answer && first?.isTalk === false ? first : null;
  }

  /** Out of the log: when something last went out here. How it stands with the guest is in the facts. */
  recall({ at, lane }: Pick<SendLogEntry, 'at' | 'lane'>, now: number): void {
    this.lastAt = Math.max(this.lastAt, Math.min(at, now));
    if (!isTalk(lane)) this.lastOwnAt = this.lastAt;
    else if (at > (this.facts.lastInboundAt ?? -Infinity)) this.answers += 1;
  }

  /** When the last of those before it will have been tried again: they may be out already, so nothing passes them. */
  triesBefore(item: QueuedItem): number {
    let latest = -Infinity;
    if (!this.#hasTries) return latest;
    for (let before = this.#head; before !== null && before !== item; before = before.next)
      if (!before.isDone) latest = Math.max(latest, before.intent.retryAt ?? -Infinity);
    return latest;
  }

  #append(item: QueuedItem): void {
    if (this.#tail === null) this.#head = item;
    else this.#tail.next = item;
    this.#tail = item;
  }

  /** Behind all that are due by then; before the last. */
  #insert(item: QueuedItem): void {
    let before: QueuedItem | null = null;
    let after = this.#head;
    for (; after !== null && after.dueAt <= item.dueAt; after = after.next) before = after;
    item.next = after;
    if (before === null) this.#head = item;
    else before.next = item;
  }

  recordSend(at: number, isTalk: boolean): void {
    this.sends += 1;
    this.lastAt = at;
    this.unreadWords = 0;
    this.isOpening = false;
    if (isTalk) {
      this.answers += 1;
      return;
    }
    this.lastOwnAt = at;
    this.unanswered += 1;
  }
}

/** Puts the intents of these places into the line of their conversation; `lines` gets one for each. Called in the order of the queue. */
export function openLines(
  lines: Map<string, QueueLine>,
  input: {
    readonly intents: readonly Intent[];
    readonly chats: ReadonlyMap<string, ChatFacts>;
    readonly texts: SameText;
    readonly now: number;
    readonly seed: number;
  },
  from: number,
  to: number,
): void {
  const { intents, chats, texts, now, seed } = input;
  for (let order = from; order < to; order += 1) {
    const intent = intents[order];
    if (intent === undefined) return;
    const { conversationId } = intent;
    let line = lines.get(conversationId);
    if (line === undefined) {
      line = new QueueLine(conversationId, chats.get(conversationId) ?? STRANGER);
      lines.set(conversationId, line);
    }
    const lane = laneOf(intent, line.facts, now);
    const inTalk = isTalk(lane);
    line.add({
      intent,
      line,
      lane,
      isTalk: inTalk,
      review: intent.review,
      text: intent.textKey === null || inTalk ? null : texts.mention(intent.textKey),
      dueAt: dueAtOf(intent),
      overdueAt: overdueAt(intent, lane),
      key: drawKey(seed, intent.messageId),
      order,
      isDone: false,
      waitOf: -1,
      place: -1,
      next: null,
    });
  }
}
