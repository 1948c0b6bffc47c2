import type { TlObject } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import { EnvelopeBroken } from './gramjs-envelope.ts';
import { GramjsReader, TlUnreadable } from './gramjs-reader.ts';
import { errorIn, FUTURE_SALTS_ID, intIn, longIn, longsIn, readFutureSalts, stateInfo } from './gramjs-service.ts';
import type { Reply, SessionDeps } from './gramjs-session-deps.ts';
import { toLibraryObject } from './gramjs-values.ts';
import { SALTS_PER_QUESTION } from './salt-book.ts';

interface Sent {
  readonly body: Buffer;
  readonly onReply: (reply: Reply) => void;
  repairs: number;
  id: bigint;
  seqNo: number;
}

interface Message {
  readonly id: bigint;
  readonly seqNo: number;
  readonly body: Buffer;
}

const CONTAINER_ID = 0x73f1f8dc;
const RPC_RESULT_ID = 0xf35c6d01;
/** A server that refuses a message for its envelope more often than this will never take it. */
const MOST_REPAIRS = 5;
/** Ids of the server's messages that are kept, so that a repetition is known. */
const REMEMBERED_IDS = 1000;
/** How far the numbers jump when a server finds them too low. */
const SEQUENCE_STEP = 64;
/** `bad_msg_notification`: https://core.telegram.org/mtproto/service_messages_about_messages */
const [ID_TOO_LOW, ID_TOO_HIGH, SEQUENCE_TOO_LOW] = [16, 17, 32];

/**
 * One MTProto session over one connection, in place of the library's sender: that one drops what shares a container with an error, repeats
 * calls on another connection, and acknowledges only when it has something else to say.
 */
export class GramjsSession {
  readonly #deps: SessionDeps;
  readonly #sessionId: bigint;
  readonly #sent = new Map<bigint, Sent>();
  readonly #seen = new Set<bigint>();
  #toAcknowledge: bigint[] = [];
  #serverSession: bigint | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#sessionId = Buffer.from(deps.random.bytes(8)).readBigInt64LE(0);
  }

  /** Sends a call or a ping; `onReply` runs at most once. The returned function forgets it. */
  send(body: Buffer, onReply: (reply: Reply) => void): () => void {
    const sent: Sent = { body, onReply, repairs: 0, id: 0n, seqNo: 0 };
    this.#post(sent);
    return () => this.#sent.delete(sent.id);
  }

  /** Asks for the salts of the coming hours before they are needed. The first salt of all is told by the server, with a refusal. */
  keepSalts(): void {
    const { schema, salts } = this.#deps;
    if (!salts.isShort) return;
    salts.isAsking = true;
    const question: TlObject = { _: 'getFutureSalts', num: SALTS_PER_QUESTION };
    this.#post({
      body: toLibraryObject(schema, question).getBytes(),
      onReply: () => undefined,
      repairs: 0,
      id: 0n,
      seqNo: 0,
    });
  }

  /** Takes a packet in, whole: what cannot be read in it does not hide the rest. */
  receive(packet: Buffer): void {
    const failures: unknown[] = [];
    try {
      const message = this.#deps.envelope.open(packet);
      if (message.sessionId !== this.#sessionId) throw new EnvelopeBroken('a packet of another session');
      this.#take(message, failures);
    } catch (error) {
      failures.push(error);
    }
    this.#acknowledge();
    if (failures.length > 0) this.#deps.onBroken({ type: 'protocol', detail: detailOf(failures[0]) });
  }

  #take(message: Message, failures: unknown[]): void {
    const { schema } = this.#deps;
    const body = new GramjsReader(schema, message.body).unpacked();
    const kind = new GramjsReader(schema, body).uint();
    if (kind === CONTAINER_ID) {
      this.#takeAll(new GramjsReader(schema, body.subarray(4)), failures);
      return;
    }
    if (message.seqNo % 2 === 1) this.#toAcknowledge.push(message.id);
    if (this.#seen.has(message.id)) return;
    this.#remember(message.id);
    if (kind === RPC_RESULT_ID) this.#onResult(new GramjsReader(schema, body.subarray(4)));
    else if (kind === FUTURE_SALTS_ID) this.#onSalts(new GramjsReader(schema, body.subarray(4)));
    else this.#onObject(message.id, body);
  }

  #takeAll(reader: GramjsReader, failures: unknown[]): void {
    for (let left = reader.int(); left > 0; left -= 1) {
      const head = { id: reader.long(), seqNo: reader.int() };
      const body = reader.raw(reader.int());
      try {
        this.#take({ ...head, body }, failures);
      } catch (error) {
        failures.push(error);
      }
    }
  }

  #onResult(reader: GramjsReader): void {
    const sent = this.#forget(reader.long());
    if (sent === undefined) return; // nobody waits for it any more
    const body = reader.unpacked();
    const error = errorIn(this.#deps.schema, body);
    sent.onReply(error === undefined ? { type: 'result', body } : { type: 'error', ...error });
  }

  #onSalts(reader: GramjsReader): void {
    const { requestId, now, salts } = readFutureSalts(reader);
    if (this.#forget(requestId) !== undefined) this.#deps.salts.learn(now, salts);
  }

  #onObject(id: bigint, body: Buffer): void {
    const { schema, onUpdates } = this.#deps;
    const service = new GramjsReader(schema, body).boxed();
    if (!isObject(service)) return;
    switch (service._) {
      case 'pong':
        this.#forget(longIn(service, 'msgId'))?.onReply({ type: 'pong' });
        return;
      case 'badServerSalt':
        this.#deps.salts.name(longIn(service, 'newServerSalt'));
        this.#repair(service);
        return;
      case 'badMsgNotification':
        this.#onBadMessage(id, service);
        return;
      case 'newSessionCreated':
        this.#onNewSession(service);
        return;
      case 'msgDetailedInfo':
      case 'msgNewDetailedInfo':
        this.#onAnswerElsewhere(longIn(service, 'answerMsgId'));
        return;
      case 'msgsStateReq':
        this.#write(stateInfo(id, longsIn(service, 'msgIds'), this.#seen));
        return;
      case 'msgResendReq':
        for (const asked of longsIn(service, 'msgIds')) this.#repeat(asked);
        return;
      default:
        if (schema.byName.get(service._)?.result === 'Updates') onUpdates(service);
    }
  }

  #onBadMessage(id: bigint, service: TlObject): void {
    const code = intIn(service, 'errorCode');
    if (code === ID_TOO_LOW || code === ID_TOO_HIGH) this.#deps.ids.setTime(id);
    else if (code === SEQUENCE_TOO_LOW) this.#deps.ids.skip(SEQUENCE_STEP);
    else throw new TlUnreadable(`the server refuses our messages: ${code}`);
    this.#repair(service);
  }

  /** Sends again what the server did not take for its envelope, in a new one. */
  #repair(service: TlObject): void {
    const sent = this.#forget(longIn(service, 'badMsgId'));
    if (sent === undefined) return;
    sent.repairs += 1;
    if (sent.repairs > MOST_REPAIRS) throw new TlUnreadable('the server refuses a message again and again');
    this.#post(sent);
  }

  #onNewSession(service: TlObject): void {
    this.#deps.salts.name(longIn(service, 'serverSalt'));
    const id = longIn(service, 'uniqueId');
    const isAnother = this.#serverSession !== undefined && this.#serverSession !== id;
    this.#serverSession = id;
    // The server lost what it knew about this connection, and so perhaps updates.
    if (isAnother) this.#deps.onUpdates({ _: 'updatesTooLong' });
  }

  /** The server holds an answer back that it thinks we have. */
  #onAnswerElsewhere(answerId: bigint): void {
    if (this.#seen.has(answerId)) this.#toAcknowledge.push(answerId);
    else this.#write({ _: 'msgResendReq', msgIds: [answerId] });
  }

  /** The same message with the same id, which the server takes for the same. */
  #repeat(id: bigint): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) this.#deps.write(this.#seal(sent, sent.body));
  }

  #post(sent: Sent): void {
    sent.id = this.#deps.ids.next();
    sent.seqNo = this.#deps.ids.sequence(true);
    this.#sent.set(sent.id, sent);
    this.#deps.write(this.#seal(sent, sent.body));
  }

  /** Sends what needs no answer and no acknowledgement. */
  #write(value: TlObject): void {
    const head = { id: this.#deps.ids.next(), seqNo: this.#deps.ids.sequence(false) };
    this.#deps.write(this.#seal(head, toLibraryObject(this.#deps.schema, value).getBytes()));
  }

  #seal({ id, seqNo }: { readonly id: bigint; readonly seqNo: number }, body: Buffer): Buffer {
    return this.#deps.envelope.seal({ salt: this.#deps.salts.current, sessionId: this.#sessionId, id, seqNo }, body);
  }

  #acknowledge(): void {
    if (this.#toAcknowledge.length === 0) return;
    const msgIds = this.#toAcknowledge;
    this.#toAcknowledge = [];
    this.#write({ _: 'msgsAck', msgIds });
  }

  #forget(id: bigint): Sent | undefined {
    const sent = this.#sent.get(id);
    this.#sent.delete(id);
    return sent;
  }

  #remember(id: bigint): void {
    this.#seen.add(id);
    if (this.#seen.size <= REMEMBERED_IDS) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }
}

function detailOf(failure: unknown): string {
  if (failure instanceof TlUnreadable || failure instanceof EnvelopeBroken) return failure.message;
  return 'the listener of updates failed';
}
