import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import type { MtprotoServer } from '../simulator/mtproto-server.ts';
import { TlReader } from '../simulator/tl/reader.ts';
import { TlWriter } from '../simulator/tl/writer.ts';
import { longOf } from '../simulator/wire/bytes.ts';
import type { Message } from '../simulator/wire/envelope.ts';
import { openEnvelope, sealEnvelope } from '../simulator/wire/envelope.ts';
import type { FramingName } from '../simulator/wire/framing.ts';
import { CONTAINER_ID, service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';
import { announced } from './simulator-wire-raw-calls.ts';
import type { KeyOptions, RawKey } from './simulator-wire-raw-key.ts';
import { makeRawKey } from './simulator-wire-raw-key.ts';
import { RawStream } from './simulator-wire-raw-stream.ts';

export interface RawOptions {
  readonly dcId?: number;
  readonly framing?: FramingName;
  readonly isObfuscated?: boolean;
  /** The server's. */
  readonly clock?: Clock;
}

export interface Heard extends Message {
  readonly object: TlObject;
}

/** A small MTProto client that can do everything wrong. */
export class RawClient {
  readonly #socket: Socket;
  readonly #stream: RawStream;
  readonly #publicKeyPem: string;
  readonly closed: Promise<unknown>;
  key: RawKey | undefined;
  salt = 0n;
  sessionId = longOf(systemRandom.bytes(8));
  readonly #clock: Clock;
  #packets: Buffer[] = [];
  #heard: Heard[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;
  #contentCount = 0;
  #lastId = 0n;

  private constructor(socket: Socket, server: MtprotoServer, options: RawOptions) {
    const { framing = 'intermediate', isObfuscated = false, clock = systemClock } = options;
    this.#socket = socket;
    this.#clock = clock;
    this.#stream = new RawStream(framing, isObfuscated);
    this.#publicKeyPem = server.publicKeyPem;
    this.closed = new Promise((resolve) => socket.once('close', resolve)); // `once` would reject for a reset
    socket.on('data', (chunk: Buffer) => this.#hear(chunk)).on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
    socket.write(this.#stream.head);
  }

  static async connect(server: MtprotoServer, options: RawOptions = {}): Promise<RawClient> {
    const { host, port } = server.endpoint(options.dcId ?? 2);
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket, server, options);
  }

  /** A client with a key, the right salt and an announcement made. */
  static async ready(server: MtprotoServer, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.connect(server, options);
    await client.makeKey();
    await client.call(announced(198));
    return client;
  }

  /** The same key and session on a new connection. */
  async reconnect(server: MtprotoServer): Promise<RawClient> {
    const next = await RawClient.connect(server, { clock: this.#clock });
    next.key = this.key;
    next.salt = this.salt;
    next.sessionId = this.sessionId;
    next.#contentCount = this.#contentCount;
    next.#lastId = this.#lastId;
    return next;
  }

  /** The same key on another connection, in a session of its own. */
  async another(server: MtprotoServer): Promise<RawClient> {
    const next = await RawClient.connect(server, { clock: this.#clock });
    next.key = this.key;
    next.salt = this.salt;
    return next;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Without framing. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  packet(payload: Uint8Array): void {
    this.write(this.#stream.wrap(payload));
  }

  plain(call: TlObject): void {
    const body = service.encodeCall(call);
    const head = Buffer.alloc(20);
    head.writeBigInt64LE(this.nextId(), 8);
    head.writeUInt32LE(body.length, 16);
    this.packet(Buffer.concat([head, body]));
  }

  /** Rises, at the present time. */
  nextId(): bigint {
    const now = BigInt(Math.floor(this.#clock.now() / 1000)) << 32n;
    this.#lastId = now > this.#lastId ? now : this.#lastId + 4n;
    return this.#lastId;
  }

  nextSeqno(isContent = true): number {
    const seqno = this.#contentCount * 2 + (isContent ? 1 : 0);
    if (isContent) this.#contentCount += 1;
    return seqno;
  }

  message(body: Uint8Array, isContent = true): Message {
    return { msgId: this.nextId(), seqno: this.nextSeqno(isContent), body };
  }

  /** Seals and sends; what is given wins over what is right. */
  send(message: Message, tweak: { salt?: bigint; sessionId?: bigint; key?: RawKey } = {}): void {
    const key = tweak.key ?? this.key;
    if (key === undefined) throw new Error('no key yet');
    const envelope = { salt: this.salt, sessionId: this.sessionId, ...tweak, ...message };
    this.packet(sealEnvelope(key, envelope, { from: 'client', random: systemRandom }));
  }

  container(messages: readonly Message[]): Message {
    const writer = new TlWriter();
    writer.uint(CONTAINER_ID);
    writer.uint(messages.length);
    for (const { msgId, seqno, body } of messages) {
      writer.long(msgId);
      writer.int(seqno);
      writer.uint(body.length);
      writer.raw(body);
    }
    return this.message(writer.finish(), false);
  }

  /** Sends a call and resolves with the body of its `rpc_result`. */
  async call(body: Uint8Array): Promise<Uint8Array> {
    const message = this.message(body);
    this.send(message);
    return this.answerTo(message.msgId);
  }

  async answerTo(msgId: bigint): Promise<Uint8Array> {
    const { object } = await this.hears(({ _: name, reqMsgId }) => name === 'rpcResult' && reqMsgId === msgId);
    const result = object['result'];
    if (!(result instanceof Uint8Array)) throw new Error('no result');
    return result;
  }

  async errorTo(msgId: bigint): Promise<TlObject> {
    return service.decode(await this.answerTo(msgId));
  }

  /** The next message that fits; those before it are forgotten. Rejects when the connection ends first. */
  async hears(fits: (object: TlObject) => boolean): Promise<Heard> {
    for (;;) {
      const index = this.#heard.findIndex(({ object }) => fits(object));
      const found = this.#heard[index];
      if (found !== undefined) {
        this.#heard = this.#heard.slice(index + 1);
        return found;
      }
      await this.#more();
    }
  }

  /** The next whole packet, or the code of a transport error. */
  async nextPacket(): Promise<Buffer> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet !== undefined) return packet;
      await this.#more();
    }
  }

  async transportError(): Promise<number> {
    return (await this.nextPacket()).readInt32LE(0);
  }

  async #more(): Promise<void> {
    if (this.#isClosed) throw new Error('the connection ended');
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #hear(chunk: Buffer): void {
    for (const packet of this.#stream.push(chunk))
      if (this.key !== undefined && packet.subarray(0, 8).equals(this.key.id)) this.#open(this.key, packet);
      else this.#packets.push(packet);
    this.#wake();
  }

  #open(key: RawKey, packet: Buffer): void {
    const envelope = openEnvelope(key.bytes, this.#stream.withoutPadding(packet), 'server');
    const reader = new TlReader(envelope.body);
    if (reader.peek() !== CONTAINER_ID) {
      this.#keep(envelope);
      return;
    }
    reader.uint();
    for (let count = reader.uint(); count > 0; count -= 1)
      this.#keep({ msgId: reader.long(), seqno: reader.int(), body: reader.raw(reader.uint()) });
  }

  #keep(message: Message): void {
    try {
      this.#heard.push({ ...message, object: service.decode(message.body) });
    } catch {
      this.#heard.push({ ...message, object: { _: 'unknown' } }); // a push, in the client's layer
    }
  }

  /** The whole key exchange; `spoil` may change each step, sealed ones too, before it is sent. */
  async makeKey(options: KeyOptions = {}): Promise<RawKey> {
    const wire = { send: (step: TlObject) => this.plain(step), answer: () => this.#plainAnswer() };
    this.key = await makeRawKey(wire, this.#publicKeyPem, options);
    this.salt = this.key.firstSalt;
    return this.key;
  }

  async #plainAnswer(): Promise<TlObject> {
    const packet = await this.nextPacket();
    if (packet.length === 4) throw new Error(`transport error ${packet.readInt32LE(0)}`);
    return service.decode(packet.subarray(20, 20 + packet.readUInt32LE(16)));
  }
}
