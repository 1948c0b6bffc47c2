import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject } from '../../tl.ts';
import { TlWriter } from '../tl/writer.ts';
import type { AuthKey } from './auth-key.ts';
import { BoundedMap } from './bounded-map.ts';
import { bytesOfLong, hexOf } from './bytes.ts';
import type { Call } from './call.ts';
import { ClientOrder } from './client-order.ts';
import type { Message } from './envelope.ts';
import type { ServerMessageIds } from './server-message-ids.ts';
import { CONTAINER_ID, service } from './service-schema.ts';

const REMEMBERED_CALLS = 500;
const REMEMBERED_SENT = 2000;
const LARGEST_CONTAINER_BYTES = 500_000;

/** A connection, as a session sees it. */
export interface Line {
  deliver(session: Session, message: Message): void;
}

interface Sent extends Message {
  /** Monotonic milliseconds, of the last time that it was sent. */
  sentAt: number;
  readonly acknowledged: () => void;
  /** The connection on which it never arrives (a fault); on the next one it does. */
  readonly lostOn: Line | undefined;
}

interface ContentOptions {
  readonly isAnswer?: boolean;
  readonly acknowledged?: () => void;
  readonly isLost?: boolean;
}

/** One client's conversation over one key: it outlives the connections that carry it. */
export class Session {
  readonly key: AuthKey;
  /** As in the envelope. */
  readonly id: bigint;
  /** Lower-case hex of the same. */
  readonly sessionId: string;
  readonly order: ClientOrder;
  readonly calls = new BoundedMap<bigint, Call>(REMEMBERED_CALLS);
  /** Whether `new_session_created` was sent. */
  isAnnounced = false;
  /** From the first call on that did not ask for quiet. */
  wantsUpdates = false;
  readonly #clock: Clock;
  readonly #ids: ServerMessageIds;
  readonly #sentIds = new BoundedMap<bigint, true>(REMEMBERED_SENT, (msgId) => this.#unacknowledged.delete(msgId));
  readonly #unacknowledged = new Map<bigint, Sent>();
  #queue: Message[] = [];
  #line: Line | undefined;
  #contentCount = 0;

  constructor(deps: { clock: Clock; ids: ServerMessageIds; key: AuthKey; id: bigint }) {
    this.#clock = deps.clock;
    this.#ids = deps.ids;
    this.key = deps.key;
    this.id = deps.id;
    this.sessionId = hexOf(bytesOfLong(deps.id));
    this.order = new ClientOrder(deps);
  }

  get line(): Line | undefined {
    return this.#line;
  }

  /** The connection that speaks for this session from now on; a new one first gets what was never acknowledged. */
  attach(line: Line): void {
    if (this.#line === line) return;
    this.#line = line;
    for (const msgId of this.#unacknowledged.keys()) this.repeat(msgId);
  }

  detach(line: Line): void {
    if (this.#line === line) this.#line = undefined;
  }

  /** Something that the client must acknowledge: an answer, or news. Returns its message id. */
  sendContent(
    body: Uint8Array,
    { isAnswer = false, acknowledged = () => undefined, isLost = false }: ContentOptions = {},
  ): bigint {
    const msgId = this.#ids.next(isAnswer);
    const sentAt = this.#clock.monotonic();
    const lostOn = isLost ? this.#line : undefined;
    const sent: Sent = { msgId, seqno: this.#nextSeqno(true), body, sentAt, acknowledged, lostOn };
    this.#sentIds.set(msgId, true);
    this.#unacknowledged.set(msgId, sent);
    if (!isLost) this.#enqueue(sent);
    return msgId;
  }

  /** Sends the answer of a call, if the client still wants it; a lost one comes when the session goes on over another connection. */
  answer(call: Call, isLost = false): void {
    call.deliver((body, acknowledged) => this.sendContent(body, { isAnswer: true, acknowledged, isLost }));
  }

  /** Whether a message was lost on the present connection. */
  isLost(msgId: bigint): boolean {
    const lostOn = this.#unacknowledged.get(msgId)?.lostOn;
    return lostOn !== undefined && lostOn === this.#line;
  }

  /** A message of the protocol itself; nobody acknowledges it. */
  sendNotice(notice: TlObject): void {
    const msgId = this.#ids.next(true);
    this.#sentIds.set(msgId, true); // some clients acknowledge these too
    this.#enqueue({ msgId, seqno: this.#nextSeqno(false), body: service.encode(notice) });
  }

  /** Returns false for a message that was never sent here. */
  acknowledge(msgId: bigint): boolean {
    this.#unacknowledged.get(msgId)?.acknowledged();
    this.#unacknowledged.delete(msgId);
    return this.#sentIds.has(msgId);
  }

  /** Says a message once more, under its old id. Returns false where the client has acknowledged it, or it is forgotten. */
  repeat(msgId: bigint): boolean {
    const sent = this.#unacknowledged.get(msgId);
    if (sent === undefined) return false;
    sent.sentAt = this.#clock.monotonic();
    this.#enqueue(sent);
    return true;
  }

  /** What waits for its acknowledgement on the present connection, and for how long the oldest. */
  get unacknowledged(): { readonly count: number; readonly oldestMs: number } {
    const now = this.#clock.monotonic();
    let [count, oldestMs] = [0, 0];
    for (const { sentAt, lostOn } of this.#unacknowledged.values()) {
      if (lostOn !== undefined && lostOn === this.#line) continue;
      count += 1;
      oldestMs = Math.max(oldestMs, now - sentAt);
    }
    return { count, oldestMs };
  }

  forgetUnacknowledged(): void {
    this.#unacknowledged.clear();
  }

  #nextSeqno(isContent: boolean): number {
    const seqno = this.#contentCount * 2 + (isContent ? 1 : 0);
    if (isContent) this.#contentCount += 1;
    return seqno;
  }

  /** What is said in one turn goes out together, in containers, as Telegram's servers do. */
  #enqueue(message: Message): void {
    if (this.#line === undefined || this.#queue.includes(message)) return;
    this.#queue.push(message);
    if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#queue;
    this.#queue = [];
    let batch: Message[] = [];
    let size = 0;
    const deliver = (): void => {
      const [only] = batch;
      if (only !== undefined) this.#line?.deliver(this, batch.length === 1 ? only : this.#container(batch));
      batch = [];
      size = 0;
    };
    for (const message of messages) {
      if (size > 0 && size + message.body.length > LARGEST_CONTAINER_BYTES) deliver();
      batch.push(message);
      size += message.body.length;
    }
    deliver();
  }

  #container(messages: readonly Message[]): Message {
    const writer = new TlWriter();
    writer.uint(CONTAINER_ID);
    writer.uint(messages.length);
    for (const { msgId, seqno, body } of messages) {
      writer.long(msgId);
      writer.int(seqno);
      writer.uint(body.length);
      writer.raw(body);
    }
    const msgId = this.#ids.next(true);
    this.#sentIds.set(msgId, true);
    return { msgId, seqno: this.#nextSeqno(false), body: writer.finish() };
  }
}
