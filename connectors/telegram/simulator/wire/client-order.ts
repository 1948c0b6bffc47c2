import type { Clock } from '../../../../src/core/clock.ts';
import { BoundedMap } from './bounded-map.ts';

/** `error_code` of `bad_msg_notification` (https://core.telegram.org/mtproto/service_messages_about_messages). */
export const badMessage = {
  idTooLow: 16,
  idTooHigh: 17,
  idBits: 18,
  containerSeen: 19,
  tooOld: 20,
  seqnoTooLow: 32,
  seqnoTooHigh: 33,
  seqnoOdd: 34,
  seqnoEven: 35,
  container: 64,
} as const;

export type BadMessageCode = (typeof badMessage)[keyof typeof badMessage];

const OLDEST_MESSAGE_S = 300;
const EARLIEST_MESSAGE_S = 30;
const REMEMBERED_MESSAGES = 1000;
const COMPARED_MESSAGES = 64;

export interface Judged {
  readonly msgId: bigint;
  readonly seqno: number;
  /** A call: its seqno must be odd. A container's must be even; with the rest, clients do as they like. */
  readonly kind: 'call' | 'container' | 'other';
}

/** What one session's client said so far, by message id: finds repetitions, and what is out of order. */
export class ClientOrder {
  readonly #clock: Clock;
  readonly #seen: BoundedMap<bigint, 'container' | 'message'>;
  #recent: Judged[] = [];
  #forgotten = 0n;

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
    this.#seen = new BoundedMap(REMEMBERED_MESSAGES, (msgId) => {
      if (msgId > this.#forgotten) this.#forgotten = msgId;
    });
  }

  hasSeen(msgId: bigint): boolean {
    return this.#seen.has(msgId);
  }

  get highest(): bigint {
    return this.#recent.reduce((highest, { msgId }) => (msgId > highest ? msgId : highest), 0n);
  }

  /** What is wrong with the id alone, whatever the session. */
  judgeId(msgId: bigint): BadMessageCode | undefined {
    if (msgId % 4n !== 0n) return badMessage.idBits;
    const ageS = Math.floor(this.#clock.now() / 1000) - Number(msgId >> 32n);
    if (ageS > OLDEST_MESSAGE_S) return badMessage.idTooLow;
    return ageS < -EARLIEST_MESSAGE_S ? badMessage.idTooHigh : undefined;
  }

  /** What is wrong with a message that was not seen before, compared with all the others. */
  judgeOrder({ msgId, seqno, kind }: Judged): BadMessageCode | undefined {
    if (msgId <= this.#forgotten) return badMessage.tooOld;
    const isOdd = seqno % 2 !== 0;
    if (kind === 'call' && !isOdd) return badMessage.seqnoEven;
    if (kind === 'container' && isOdd) return badMessage.seqnoOdd;
    for (const other of this.#recent) {
      const isSame = other.seqno === seqno && isOdd;
      if (other.msgId < msgId && (other.seqno > seqno || isSame)) return badMessage.seqnoTooLow;
      if (other.msgId > msgId && (other.seqno < seqno || isSame)) return badMessage.seqnoTooHigh;
    }
    return undefined;
  }

  remember(judged: Judged): void {
    this.#seen.set(judged.msgId, judged.kind === 'container' ? 'container' : 'message');
    this.#recent.push(judged);
    if (this.#recent.length > COMPARED_MESSAGES) this.#recent = this.#recent.slice(-COMPARED_MESSAGES);
  }
}
