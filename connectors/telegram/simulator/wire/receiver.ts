import type { Clock } from '../../../../src/core/clock.ts';
import { TlDecodeError } from '../tl/errors.ts';
import { TlReader } from '../tl/reader.ts';
import type { CallDesk } from './call-desk.ts';
import type { BadMessageCode, Judged } from './client-order.ts';
import { badMessage } from './client-order.ts';
import type { Duties } from './duties.ts';
import type { Envelope, Message } from './envelope.ts';
import { unpack } from './gzip.ts';
import type { ServiceDesk, ServiceLine } from './service-desk.ts';
import { CONTAINER_ID, GZIP_ID, kindOf, service } from './service-schema.ts';
import type { Session } from './session.ts';
import type { ViolationLog } from './violations.ts';

const WRONG_SALT = 48; // `error_code` of bad_server_salt
const LONGEST_SILENCE_MS = 120_000; // both libraries acknowledge within 30 s
const MOST_IN_CONTAINER = 1020;

/** Judges what a client sent by the rules of MTProto, and gives each message to the desk that answers it. */
export class Receiver {
  readonly #clock: Clock;
  readonly #calls: CallDesk;
  readonly #services: ServiceDesk;
  readonly #violations: ViolationLog;
  readonly #duties: Duties;
  readonly #randomLong: () => bigint;

  constructor(deps: {
    clock: Clock;
    calls: CallDesk;
    services: ServiceDesk;
    violations: ViolationLog;
    duties: Duties;
    randomLong: () => bigint;
  }) {
    this.#clock = deps.clock;
    this.#calls = deps.calls;
    this.#services = deps.services;
    this.#violations = deps.violations;
    this.#duties = deps.duties;
    this.#randomLong = deps.randomLong;
  }

  /** Never throws for what a client did. */
  receive(session: Session, line: ServiceLine, envelope: Envelope): void {
    const { key, order } = session;
    const badId = order.judgeId(envelope.msgId);
    if (badId !== undefined) {
      this.#noteRefused(session, envelope);
      this.#refuse(session, envelope, badId);
      return;
    }
    if (!key.accepts(envelope.salt, this.#clock.now())) {
      this.#noteRefused(session, envelope);
      this.#tellSalt(session, envelope);
      return;
    }
    this.#duties.salted(session, key.isPast(envelope.salt, this.#clock.now()));
    const messages = this.#open(session, envelope);
    if (messages === undefined) return;
    if (!session.isAnnounced) {
      session.isAnnounced = true;
      const firstMsgId = messages.reduce((first, { msgId }) => (msgId < first ? msgId : first), envelope.msgId);
      const serverSalt = key.currentSalt(this.#clock.now());
      const uniqueId = this.#randomLong();
      this.#duties.lost(session);
      session.sendContent(service.encode({ _: 'newSessionCreated', firstMsgId, uniqueId, serverSalt }));
    }
    this.#watchSilence(session);
    for (const message of messages) this.#take(session, line, message);
  }

  /** The messages of an envelope: one, or those of its container. Nothing where it is refused as a whole. */
  #open(session: Session, envelope: Envelope): readonly Message[] | undefined {
    if (envelope.body.length < 4) {
      this.#violations.record('undecodable', session.key.keyId, 'a message has no content');
      return undefined;
    }
    const { order } = session;
    if (idOf(envelope) !== CONTAINER_ID) {
      if (order.hasSeen(envelope.msgId) || envelope.msgId > order.highest) return [envelope];
      this.#refuse(session, envelope, badMessage.idTooLow);
      return undefined;
    }
    const judged: Judged = { ...envelope, kind: 'container' };
    const bad = order.hasSeen(envelope.msgId) ? badMessage.containerSeen : order.judgeOrder(judged);
    const inner = splitContainer(envelope);
    if (bad !== undefined || inner === undefined) {
      this.#refuse(session, envelope, bad ?? badMessage.container);
      return undefined;
    }
    order.remember(judged);
    return inner;
  }

  #take(session: Session, line: ServiceLine, message: Message): void {
    const { order, key } = session;
    if (order.hasSeen(message.msgId)) {
      this.#repeatAnswer(session, message.msgId);
      return;
    }
    const badId = message.msgId % 4n === 0n ? undefined : badMessage.idBits;
    try {
      const body = idOf(message) === GZIP_ID ? unpack(message.body) : message.body;
      const word = kindOf(new TlReader(body).peek());
      const isCall = word === 'wrapper' || word === 'other';
      const judged: Judged = { msgId: message.msgId, seqno: message.seqno, kind: isCall ? 'call' : 'other' };
      const bad = badId ?? order.judgeOrder(judged);
      if (bad !== undefined) {
        this.#refuse(session, message, bad);
        return;
      }
      order.remember(judged);
      if (isCall) this.#duties.heard(session, body);
      if (isCall) this.#calls.receive(session, { ...message, body });
      else this.#services.receive(session, line, { ...message, body });
    } catch (error) {
      if (!(error instanceof TlDecodeError)) throw error;
      this.#violations.record('undecodable', key.keyId, error.message);
    }
  }

  /** A message that was heard before: its answer is said again, nothing is done again. */
  #repeatAnswer(session: Session, msgId: bigint): void {
    const call = session.calls.get(msgId);
    if (call === undefined) return;
    if (call.outcome === 'running') session.sendNotice({ _: 'msgsAck', msgIds: [msgId] });
    else if (call.answerId === undefined || !session.repeat(call.answerId)) session.answer(call);
  }

  /** The calls in an envelope that is not taken must come again in another one. */
  #noteRefused(session: Session, envelope: Message): void {
    const messages =
      envelope.body.length >= 4 && idOf(envelope) === CONTAINER_ID ? splitContainer(envelope) : [envelope];
    for (const { body } of messages ?? []) {
      try {
        const bytes = new TlReader(body).peek() === GZIP_ID ? unpack(body) : body;
        const word = kindOf(new TlReader(bytes).peek());
        if (word === 'wrapper' || word === 'other') this.#duties.refused(session, bytes);
      } catch (error) {
        if (!(error instanceof TlDecodeError)) throw error; // it is judged when it comes in an envelope that fits
      }
    }
  }

  /** Normal for a client that has no salt yet, or an old one. */
  #tellSalt(session: Session, { msgId, seqno }: Message): void {
    const newServerSalt = session.key.currentSalt(this.#clock.now());
    const errorCode = WRONG_SALT;
    session.sendNotice({ _: 'badServerSalt', badMsgId: msgId, badMsgSeqno: seqno, errorCode, newServerSalt });
  }

  #refuse(session: Session, { msgId, seqno }: Message, errorCode: BadMessageCode): void {
    session.sendNotice({ _: 'badMsgNotification', badMsgId: msgId, badMsgSeqno: seqno, errorCode });
    // a wrong clock is no mistake of the client: that is how it learns the time
    if ((errorCode === badMessage.idTooLow && msgId > session.order.highest) || errorCode === badMessage.idTooHigh)
      return;
    const code =
      errorCode === badMessage.container
        ? 'bad_container'
        : errorCode >= badMessage.seqnoTooLow
          ? 'bad_seqno'
          : 'bad_msg_id';
    this.#violations.record(code, session.key.keyId, `bad_msg_notification ${errorCode}`);
  }

  #watchSilence(session: Session): void {
    if (session.unacknowledged.oldestMs <= LONGEST_SILENCE_MS) return;
    session.forgetUnacknowledged();
    this.#violations.record('not_acknowledged', session.key.keyId, 'a message was not acknowledged for two minutes');
  }
}

function idOf({ body }: Message): number {
  return new TlReader(body).peek();
}

/** Nothing where it is no correct container: one inside another, a wrong length, or an id above that of the container. */
function splitContainer({ body, msgId: containerId }: Message): Message[] | undefined {
  try {
    const reader = new TlReader(body);
    reader.uint();
    const count = reader.uint();
    if (count > MOST_IN_CONTAINER) return undefined;
    const messages: Message[] = [];
    for (let index = 0; index < count; index += 1) {
      const message = { msgId: reader.long(), seqno: reader.int(), body: reader.raw(reader.uint()) };
      if (message.msgId >= containerId || message.body.length < 4 || idOf(message) === CONTAINER_ID) return undefined;
      messages.push(message);
    }
    return reader.left === 0 ? messages : undefined;
  } catch {
    return undefined;
  }
}
