import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject, TlValue } from '../../tl.ts';
import { TlDecodeError } from '../tl/errors.ts';
import { TlReader } from '../tl/reader.ts';
import type { Message } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { kindOf, service } from './service-schema.ts';
import type { Session } from './session.ts';
import type { ViolationLog } from './violations.ts';

/** What the desk asks of the connection that a message came over. */
export interface ServiceLine {
  /** The client shows that it is there. */
  pinged(): void;
  /** Ends the connection after this long without another ping of the same kind. */
  disconnectAfter(delayMs: number): void;
  close(): void;
}

const MOST_FUTURE_SALTS = 64;

/** `msgs_state_info`: what is known about one message of the client. */
const messageState = { forgotten: 1, notReceived: 2, received: 4, answered: 64, running: 32 } as const;

/** Answers MTProto's own messages. */
export class ServiceDesk {
  readonly #clock: Clock;
  readonly #keys: KeyRing;
  readonly #violations: ViolationLog;

  constructor(deps: { clock: Clock; keys: KeyRing; violations: ViolationLog }) {
    this.#clock = deps.clock;
    this.#keys = deps.keys;
    this.#violations = deps.violations;
  }

  /** Throws TlDecodeError. */
  receive(session: Session, line: ServiceLine, { msgId, body }: Message): void {
    const message = read(body);
    switch (message._) {
      case 'ping':
        line.pinged();
        session.sendNotice({ _: 'pong', msgId, pingId: longIn(message, 'pingId') });
        return;
      case 'pingDelayDisconnect':
        line.pinged();
        line.disconnectAfter(numberIn(message, 'disconnectDelay') * 1000);
        session.sendNotice({ _: 'pong', msgId, pingId: longIn(message, 'pingId') });
        return;
      case 'msgsAck':
        this.#acknowledge(session, longsIn(message));
        return;
      case 'msgsStateReq':
        this.#tellStates(session, msgId, longsIn(message));
        return;
      case 'msgResendReq':
        this.#resend(session, msgId, longsIn(message));
        return;
      case 'getFutureSalts':
        this.#tellSalts(session, msgId, numberIn(message, 'num'));
        return;
      case 'rpcDropAnswer':
        this.#dropAnswer(session, msgId, longIn(message, 'reqMsgId'));
        return;
      case 'destroySession':
        this.#destroySession(session, longIn(message, 'sessionId'));
        return;
      case 'destroyAuthKey':
        session.sendNotice({ _: 'destroyAuthKeyOk' });
        this.#keys.forget(session.key.keyId);
        return;
      default:
        this.#violations.record('unexpected_service', session.key.keyId, `${message._} is nothing that a client sends`);
    }
  }

  #acknowledge(session: Session, msgIds: readonly bigint[]): void {
    for (const msgId of msgIds) {
      // gramjs acknowledges its own calls when they fail, and what it got in the session before: nobody is misled by it
      const isKnown =
        session.acknowledge(msgId) || session.order.hasSeen(msgId) || this.#keys.wasSent(session.key, msgId);
      if (!isKnown) this.#violations.record('unexpected_ack', session.key.keyId, 'names a message that was never sent');
    }
  }

  #tellStates(session: Session, reqMsgId: bigint, msgIds: readonly bigint[]): void {
    const info = Uint8Array.from(msgIds, (msgId) => this.#stateOf(session, msgId));
    session.sendNotice({ _: 'msgsStateInfo', reqMsgId, info });
  }

  #stateOf(session: Session, msgId: bigint): number {
    const call = session.calls.get(msgId);
    if (call?.answerId !== undefined && !session.isLost(call.answerId)) {
      session.repeat(call.answerId); // first the answer, if it is still to be had, then the word that there is one
      return messageState.received + messageState.answered;
    }
    if (call !== undefined) return messageState.received + messageState.running;
    return session.order.hasSeen(msgId) ? messageState.received : messageState.notReceived;
  }

  #resend(session: Session, reqMsgId: bigint, msgIds: readonly bigint[]): void {
    const info = Uint8Array.from(msgIds, (msgId) =>
      session.repeat(msgId) ? messageState.received : messageState.forgotten,
    );
    if (info.includes(messageState.forgotten)) session.sendNotice({ _: 'msgsStateInfo', reqMsgId, info });
  }

  #tellSalts(session: Session, reqMsgId: bigint, count: number): void {
    const now = this.#clock.now();
    const salts = session.key
      .salts(now, Math.min(Math.max(count, 1), MOST_FUTURE_SALTS))
      .map(({ salt, validSince, validUntil }) => ({ _: 'futureSalt', salt, validSince, validUntil }));
    session.sendNotice({ _: 'futureSalts', reqMsgId, now: Math.floor(now / 1000), salts });
  }

  #dropAnswer(session: Session, msgId: bigint, reqMsgId: bigint): void {
    const call = session.calls.get(reqMsgId);
    // an answer that is there is on its way already
    const name = call?.outcome === 'running' ? 'rpcAnswerDroppedRunning' : 'rpcAnswerUnknown';
    call?.drop();
    const result = service.encode({ _: name });
    session.sendContent(service.encode({ _: 'rpcResult', reqMsgId: msgId, result }), { isAnswer: true });
  }

  #destroySession(session: Session, sessionId: bigint): void {
    const isGone = sessionId !== session.id && this.#keys.destroySession(session.key, sessionId);
    session.sendContent(service.encode({ _: isGone ? 'destroySessionOk' : 'destroySessionNone', sessionId }));
  }
}

function read(body: Uint8Array): TlObject {
  if (kindOf(new TlReader(body).peek()) === 'service-constructor') return service.decode(body);
  const { call, trailingBytes } = service.decodeCall(body);
  if (trailingBytes > 0) throw new TlDecodeError(`${trailingBytes} bytes follow ${call._}`);
  return call;
}

function numberIn(message: TlObject, field: string): number {
  const value = message[field];
  return typeof value === 'number' ? value : 0;
}

function longIn(message: TlObject, field: string): bigint {
  const value = message[field];
  return typeof value === 'bigint' ? value : 0n;
}

function longsIn(message: TlObject): bigint[] {
  const value: TlValue | undefined = message['msgIds'];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'bigint') : [];
}
