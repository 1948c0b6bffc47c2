import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { ClientEnd } from '../mtproto/client.ts';
import type { MessageHead } from '../mtproto/gramjs-envelope.ts';
import { GramjsReader } from '../mtproto/gramjs-reader.ts';
import { GramjsSchema } from '../mtproto/gramjs-schema.ts';
import { GramjsSession } from '../mtproto/gramjs-session.ts';
import type { Reply } from '../mtproto/gramjs-session-deps.ts';
import { toLibraryObject } from '../mtproto/gramjs-values.ts';
import { MessageIds } from '../mtproto/message-ids.ts';
import { SaltBook } from '../mtproto/salt-book.ts';
import type { TlObject } from '../tl.ts';

const schema = new GramjsSchema();
const bytesOf = (value: TlObject): Buffer => toLibraryObject(schema, value).getBytes();
const call = bytesOf({ _: 'help.getConfig' });
const CONTAINER_ID = 0x73f1f8dc;
const RPC_RESULT_ID = 0xf35c6d01;

interface Posted {
  readonly head: MessageHead;
  readonly value: TlObject;
}

/** A session with a server that a test writes by hand: the envelopes are glass. */
class GlassServer {
  readonly posted: Posted[] = [];
  readonly updates: TlObject[] = [];
  readonly broken: ClientEnd[] = [];
  readonly clock = new VirtualClock();
  readonly session: GramjsSession;
  #next = 1n;
  #packet: { readonly head: MessageHead; readonly body: Buffer } | undefined;
  #sessionId = 0n;
  failOnUpdate = false;

  constructor() {
    this.session = new GramjsSession({
      schema,
      ids: new MessageIds({ clock: this.clock }),
      salts: new SaltBook({ clock: this.clock }),
      random: seededRandom(1),
      envelope: {
        seal: (head, body) => {
          this.#sessionId = head.sessionId;
          const value = new GramjsReader(schema, Buffer.from(body)).boxed() as TlObject;
          this.posted.push({ head, value });
          return Buffer.alloc(0);
        },
        open: () => {
          if (this.#packet === undefined) throw new Error('nothing came');
          return { ...this.#packet.head, body: this.#packet.body };
        },
      },
      write: () => undefined,
      onUpdates: (updates) => {
        if (this.failOnUpdate) throw new Error('not stored');
        this.updates.push(updates);
      },
      onBroken: (end) => this.broken.push(end),
    });
  }

  last(name: string): Posted {
    const found = this.posted.findLast(({ value }) => value._ === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  count(name: string): number {
    return this.posted.filter(({ value }) => value._ === name).length;
  }

  /** Says something; returns the id of the message. */
  say(body: Buffer, options: { readonly id?: bigint; readonly seqNo?: number } = {}): bigint {
    const id = options.id ?? this.nextId();
    const head = { salt: 0n, sessionId: this.#sessionId, id, seqNo: options.seqNo ?? 1 };
    this.#packet = { head, body };
    this.session.receive(Buffer.alloc(0));
    return id;
  }

  nextId(): bigint {
    this.#next += 4n;
    return (BigInt(Math.floor(this.clock.now() / 1000)) << 32n) + this.#next;
  }
}

const update = (number: number): TlObject => ({
  _: 'updateShort',
  update: { _: 'updateUserStatus', userId: BigInt(number), status: { _: 'userStatusRecently' } },
  date: 1,
});

function result(to: bigint, body: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(RPC_RESULT_ID, 0);
  head.writeBigInt64LE(to, 4);
  return Buffer.concat([head, body]);
}

function container(
  messages: readonly { readonly id: bigint; readonly seqNo: number; readonly body: Buffer }[],
): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(CONTAINER_ID, 0);
  head.writeUInt32LE(messages.length, 4);
  const parts = messages.map(({ id, seqNo, body }) => {
    const inner = Buffer.alloc(16);
    inner.writeBigInt64LE(id, 0);
    inner.writeInt32LE(seqNo, 8);
    inner.writeInt32LE(body.length, 12);
    return Buffer.concat([inner, body]);
  });
  return Buffer.concat([head, ...parts]);
}

describe("the session in place of gramjs' sender", () => {
  let server: GlassServer;
  let replies: Reply[];
  let sentId: bigint;

  beforeEach(() => {
    server = new GlassServer();
    replies = [];
    server.session.send(call, (reply) => replies.push(reply));
    sentId = server.last('help.getConfig').head.id;
  });

  it('acknowledges what it must, at once, and nothing else', () => {
    const id = server.say(bytesOf(update(1)));
    expect(server.last('msgsAck').value).toEqual({ _: 'msgsAck', msgIds: [id] });
    expect(server.last('msgsAck').head.seqNo % 2).toBe(0);
    server.say(bytesOf({ _: 'pong', msgId: 5n, pingId: 6n }), { seqNo: 2 });
    expect(server.count('msgsAck')).toBe(1);
  });

  it('acknowledges a repeated message again, and takes it once', () => {
    const id = server.say(bytesOf(update(1)));
    server.say(bytesOf(update(1)), { id });
    expect(server.updates).toEqual([update(1)]);
    expect(server.count('msgsAck')).toBe(2);
  });

  it('takes the rest of a container in which one message is unreadable, and then ends', () => {
    const messages = [bytesOf(update(1)), Buffer.from('efbeadde', 'hex'), bytesOf(update(2))];
    const all = [...messages, result(sentId, bytesOf({ _: 'updatesTooLong' }))];
    server.say(container(all.map((body) => ({ id: server.nextId(), seqNo: 1, body }))), { seqNo: 0 });
    expect(server.updates).toEqual([update(1), update(2)]);
    expect(replies).toHaveLength(1);
    expect(server.broken).toEqual([{ type: 'protocol', detail: 'unknown constructor deadbeef' }]);
  });

  it('ends, without a word of what was thrown, when an update is not taken', () => {
    server.failOnUpdate = true;
    server.say(bytesOf(update(1)));
    expect(server.broken).toEqual([{ type: 'protocol', detail: 'the listener of updates failed' }]);
  });

  it('sends a call again, in a new envelope, that was refused for its salt, time or number', () => {
    const refusals: readonly TlObject[] = [
      { _: 'badServerSalt', badMsgId: 0n, badMsgSeqno: 1, errorCode: 48, newServerSalt: 99n },
      { _: 'badMsgNotification', badMsgId: 0n, badMsgSeqno: 1, errorCode: 16 },
      { _: 'badMsgNotification', badMsgId: 0n, badMsgSeqno: 1, errorCode: 17 },
      { _: 'badMsgNotification', badMsgId: 0n, badMsgSeqno: 1, errorCode: 32 },
    ];
    for (const [index, refusal] of refusals.entries()) {
      const before = server.last('help.getConfig').head;
      server.say(bytesOf({ ...refusal, badMsgId: before.id }), { seqNo: 2 });
      expect(server.count('help.getConfig')).toBe(index + 2);
      expect(server.last('help.getConfig').head.salt).toBe(99n);
      expect(server.last('help.getConfig').head.seqNo).toBeGreaterThan(before.seqNo);
    }
    server.say(result(server.last('help.getConfig').head.id, bytesOf({ _: 'updatesTooLong' })));
    expect(replies).toHaveLength(1);
    expect(server.broken).toEqual([]);
  });

  it('takes the time from a server that finds its own wrong', () => {
    const serverId = BigInt(Math.floor(server.clock.now() / 1000) + 7200) << 32n;
    const refusal = { _: 'badMsgNotification', badMsgId: sentId, badMsgSeqno: 1, errorCode: 16 };
    server.say(bytesOf(refusal), { id: serverId + 1n, seqNo: 2 });
    expect(server.last('help.getConfig').head.id >> 32n).toBe(serverId >> 32n);
  });

  it('gives up on a server that never takes a message', () => {
    for (let refusal = 0; refusal < 6; refusal += 1) {
      const { id } = server.last('help.getConfig').head;
      const refused = { _: 'badServerSalt', badMsgId: id, badMsgSeqno: 1, errorCode: 48, newServerSalt: 9n };
      server.say(bytesOf(refused), { seqNo: 2 });
    }
    expect(server.broken).toMatchObject([{ type: 'protocol' }]);
    expect(server.count('help.getConfig')).toBe(6);
  });

  it('ends on a refusal that no new envelope mends', () => {
    const refusal = { _: 'badMsgNotification', badMsgId: sentId, badMsgSeqno: 1, errorCode: 64 };
    server.say(bytesOf(refusal), { seqNo: 2 });
    expect(server.broken).toEqual([{ type: 'protocol', detail: 'the server refuses our messages: 64' }]);
  });

  it('asks for an answer that the server holds back, unless it has it', () => {
    const held = server.nextId();
    server.say(bytesOf({ _: 'msgDetailedInfo', msgId: sentId, answerMsgId: held, bytes: 9, status: 0 }), { seqNo: 2 });
    expect(server.last('msgResendReq').value).toEqual({ _: 'msgResendReq', msgIds: [held] });
    server.say(result(sentId, bytesOf({ _: 'updatesTooLong' })), { id: held });
    server.say(bytesOf({ _: 'msgNewDetailedInfo', answerMsgId: held, bytes: 9, status: 0 }), { seqNo: 2 });
    expect(server.count('msgResendReq')).toBe(1);
    expect(server.last('msgsAck').value['msgIds']).toEqual([held]);
  });

  it('tells what it has received, and repeats a message that the server missed under the same id', () => {
    const seen = server.say(bytesOf(update(1)));
    server.say(bytesOf({ _: 'msgsStateReq', msgIds: [seen, 12_345n] }));
    expect(server.last('msgsStateInfo').value['info']).toBe(String.fromCharCode(4, 1));
    server.say(bytesOf({ _: 'msgResendReq', msgIds: [sentId, 777n] }), { seqNo: 2 });
    expect(server.count('help.getConfig')).toBe(2);
    expect(server.last('help.getConfig').head.id).toBe(sentId);
  });

  it('says that updates may be missing when the server began anew in the middle', () => {
    const created = (uniqueId: bigint): Buffer =>
      bytesOf({ _: 'newSessionCreated', firstMsgId: 1n, uniqueId, serverSalt: uniqueId });
    server.say(created(1n));
    server.say(created(1n));
    expect(server.updates).toEqual([]);
    server.say(created(2n));
    expect(server.updates).toEqual([{ _: 'updatesTooLong' }]);
    server.session.send(call, () => undefined);
    expect(server.last('help.getConfig').head.salt).toBe(2n);
  });

  it('forgets a call that nobody waits for', () => {
    const forget = server.session.send(call, (reply) => replies.push(reply));
    const { id } = server.last('help.getConfig').head;
    forget();
    server.say(result(id, bytesOf({ _: 'updatesTooLong' })));
    expect(replies).toEqual([]);
    expect(server.broken).toEqual([]);
  });

  it('gives messages ids that rise and are divisible by four, and odd numbers to those that want an answer', () => {
    for (let count = 0; count < 50; count += 1) server.session.send(call, () => undefined);
    const heads = server.posted.map(({ head }) => head);
    for (const [index, { id, seqNo }] of heads.entries()) {
      expect([id % 4n, seqNo % 2]).toEqual([0n, 1]);
      const before = heads[index - 1];
      if (before !== undefined) expect(id > before.id && seqNo > before.seqNo).toBe(true);
    }
  });
});
