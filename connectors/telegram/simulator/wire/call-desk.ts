import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject, TlValue } from '../../tl.ts';
import type { RpcHandler } from '../rpc.ts';
import { RpcError } from '../rpc.ts';
import type { TlCodec } from '../tl/codec.ts';
import { TlDecodeError } from '../tl/errors.ts';
import type { Announcements } from './announcements.ts';
import { Call } from './call.ts';
import type { CallFault, CallFaults } from './call-faults.ts';
import { NO_SUCH_CONSTRUCTOR } from './call-faults.ts';
import type { Duties } from './duties.ts';
import type { Message } from './envelope.ts';
import { pack } from './gzip.ts';
import type { LocalCalls } from './local-calls.ts';
import type { Rules } from './rules.ts';
import { service } from './service-schema.ts';
import type { Session } from './session.ts';
import type { Wrapped } from './unwrap.ts';
import { unwrap } from './unwrap.ts';
import type { ViolationLog } from './violations.ts';

interface CallDeskDeps {
  clock: Clock;
  announcements: Announcements;
  handler: RpcHandler;
  local: LocalCalls;
  rules: Rules;
  faults: CallFaults;
  violations: ViolationLog;
  duties: Duties;
  /** Failures that are our own side's: a world that gave a value which the layer cannot carry, or that threw. */
  internalErrors: Error[];
}

const KEPT_ERRORS = 100;
const SLOW_CALL_MS = 500; // a call that takes longer is acknowledged, so that the client does not ask after it

/** Takes the wrappers off a call, has it answered, and sends the answer. */
export class CallDesk {
  readonly #deps: CallDeskDeps;

  constructor(deps: CallDeskDeps) {
    this.#deps = deps;
  }

  receive(session: Session, { msgId, body }: Message): void {
    const call = new Call(msgId);
    session.calls.set(msgId, call);
    try {
      const wrapped = unwrap(body);
      const codec = this.#deps.announcements.codecFor(session.key, wrapped);
      const query = this.#read(session, codec, wrapped.query);
      call.method = query._;
      this.#deps.duties.called(session, query);
      if (!wrapped.withoutUpdates) session.wantsUpdates = true;
      this.#afterOthers(session, call, wrapped.after, () => this.#run(session, call, { query, codec, wrapped }));
    } catch (error) {
      this.#refuse(session, call, error, 'deliver');
    }
    if (call.outcome !== 'running') return;
    const slow = this.#deps.clock.after(SLOW_CALL_MS, () => session.sendNotice({ _: 'msgsAck', msgIds: [msgId] }));
    call.whenSettled(() => slow.cancel());
  }

  #read({ key }: Session, codec: TlCodec, bytes: Uint8Array): TlObject {
    const { call, trailingBytes } = codec.decodeCall(bytes);
    if (trailingBytes > 0)
      this.#deps.violations.record('trailing_bytes', key.keyId, `${trailingBytes} bytes follow ${call._}`);
    return call;
  }

  /** Runs `work` once the calls it hangs on have succeeded. */
  #afterOthers(session: Session, call: Call, [first, ...others]: readonly bigint[], work: () => void): void {
    if (first === undefined) {
      work();
      return;
    }
    const before = session.calls.get(first);
    const refuse = (): void => this.#refuse(session, call, new RpcError(400, 'MSG_WAIT_FAILED'), 'deliver');
    if (before === undefined) {
      refuse();
      return;
    }
    before.whenSettled(() => {
      if (before.outcome === 'failed') refuse();
      else this.#afterOthers(session, call, others, work);
    });
  }

  #run(session: Session, call: Call, facts: { query: TlObject; codec: TlCodec; wrapped: Wrapped }): void {
    const { key } = session;
    const fault = this.#deps.faults.take(call.method, (key.permanent ?? key).keyId);
    const delivery = fault?.type === 'swallow' ? 'lose' : 'deliver';
    const give = (value: TlValue): void => {
      try {
        this.#give(session, call, fault, facts.codec.encodeAnswer(call.method, value));
      } catch (error) {
        this.#refuse(session, call, error, delivery);
      }
    };
    try {
      if (fault?.type === 'fail') throw fault.error;
      const answer = this.#ask(session, facts);
      if (!(answer instanceof Promise)) give(answer);
      else answer.then(give, (error: unknown) => this.#refuse(session, call, error, delivery));
    } catch (error) {
      this.#refuse(session, call, error, delivery);
    }
  }

  #ask(session: Session, { query, wrapped }: { query: TlObject; wrapped: Wrapped }): Promise<TlValue> | TlValue {
    const { local, rules, handler } = this.#deps;
    const { key } = session;
    const answer = local.answer(query, session);
    if (answer !== undefined) return answer;
    if (key.permanent === undefined) throw new RpcError(401, 'AUTH_KEY_PERM_EMPTY'); // temporary, and not bound yet
    if (key.init === undefined) throw new RpcError(400, 'CONNECTION_NOT_INITED');
    rules.judgeCall(query._, key.init);
    return handler.handle(query, {
      key: { keyId: key.permanent.keyId, dcId: key.dcId },
      sessionId: session.sessionId,
      init: key.init,
      withoutUpdates: wrapped.withoutUpdates,
    });
  }

  #give(session: Session, call: Call, fault: CallFault | undefined, answer: Uint8Array): void {
    const result = fault?.type === 'unreadable' ? NO_SUCH_CONSTRUCTOR : pack(answer);
    this.#settle(session, call, 'answered', result, fault?.type === 'swallow' ? 'lose' : 'deliver');
  }

  #refuse(session: Session, call: Call, error: unknown, delivery: 'deliver' | 'lose'): void {
    const { code, text } = this.#asRpcError(session, error);
    const result = service.encode({ _: 'rpcError', errorCode: code, errorMessage: text });
    this.#settle(session, call, 'failed', result, delivery);
  }

  #asRpcError({ key }: Session, error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    const { violations, internalErrors } = this.#deps;
    if (error instanceof TlDecodeError) {
      const { unknownId, message } = error;
      violations.record(unknownId === undefined ? 'undecodable' : 'unknown_constructor', key.keyId, message);
      return new RpcError(400, unknownId === undefined ? 'INPUT_FETCH_ERROR' : 'INPUT_METHOD_INVALID');
    }
    if (internalErrors.length < KEPT_ERRORS)
      internalErrors.push(error instanceof Error ? error : new Error(String(error)));
    return new RpcError(500, 'INTERNAL_SERVER_ERROR');
  }

  #settle(
    session: Session,
    call: Call,
    outcome: 'answered' | 'failed',
    result: Uint8Array,
    delivery: 'deliver' | 'lose',
  ): void {
    const answer = service.encode({ _: 'rpcResult', reqMsgId: call.msgId, result });
    const send = (): void => call.settle(outcome, answer, () => session.answer(call, delivery === 'lose'));
    const { clock, faults } = this.#deps;
    const delayMs = faults.delayFor((session.key.permanent ?? session.key).keyId);
    if (delayMs === 0) send();
    else clock.after(delayMs, send);
  }
}
