import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import { TlDecodeError } from '../tl/errors.ts';
import type { AuthKey } from './auth-key.ts';
import { hexOf } from './bytes.ts';
import type { Doors } from './doors.ts';
import type { Duties, DutyLine } from './duties.ts';
import type { Message } from './envelope.ts';
import { EnvelopeError, openEnvelope, sealEnvelope } from './envelope.ts';
import { FramingError } from './framing.ts';
import { ExchangeError, KeyExchange } from './key-exchange.ts';
import type { KeyRing } from './key-ring.ts';
import type { Receiver } from './receiver.ts';
import type { RsaKey } from './rsa-key.ts';
import type { ServerMessageIds } from './server-message-ids.ts';
import type { ServiceLine } from './service-desk.ts';
import type { Line, Session } from './session.ts';
import { Transport } from './transport.ts';
import type { ViolationLog } from './violations.ts';

/** What all connections share. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly rsa: RsaKey;
  readonly keys: KeyRing;
  readonly ids: ServerMessageIds;
  readonly receiver: Receiver;
  readonly violations: ViolationLog;
  readonly duties: Duties;
  readonly doors: Doors;
}

/** Transport errors: a code instead of a packet. */
export const transportError = { unknownKey: -404, flood: -429, wrongDc: -444 } as const;

const PLAIN_HEAD_BYTES = 20; // no key id, message id, length
const NO_KEY_ID = Buffer.alloc(8);

/** One TCP connection of one client with one data centre. */
export class Connection implements Line, ServiceLine, DutyLine {
  readonly dcId: number;
  readonly #deps: ConnectionDeps;
  readonly #socket: Socket;
  readonly #transport: Transport;
  readonly #exchange: KeyExchange;
  readonly #sessions = new Set<Session>();
  #key: AuthKey | undefined;
  #isSilent = false;
  #deadline: Timer | undefined;
  #pingedAt: number;

  constructor(deps: ConnectionDeps & { socket: Socket; dcId: number }) {
    this.#deps = deps;
    this.#socket = deps.socket;
    this.dcId = deps.dcId;
    this.#pingedAt = deps.clock.monotonic();
    this.#transport = new Transport(deps);
    this.#exchange = new KeyExchange({ ...deps, made: (key) => deps.keys.add(key) });
  }

  /** Begins to listen; `closed` is called once. */
  start(closed: () => void): void {
    this.#socket.on('data', (chunk) => this.#hear(chunk));
    this.#socket.on('error', () => undefined); // a reset by the client; `close` follows
    this.#socket.on('close', () => {
      this.#deadline?.cancel();
      this.#deps.duties.ended(this);
      for (const session of this.#sessions) session.detach(this);
      closed();
    });
  }

  /** Those that it carries. */
  get sessions(): readonly Session[] {
    return [...this.#sessions].filter(({ line }) => line === this);
  }

  get pingedAt(): number {
    return this.#pingedAt;
  }

  pinged(): void {
    this.#pingedAt = this.#deps.clock.monotonic();
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The permanent key that the client used last; the temporary one while it stands for none. */
  get keyId(): string | undefined {
    return (this.#key?.permanent ?? this.#key)?.keyId;
  }

  /** How the client frames its packets, for tests. */
  get transportName(): string | undefined {
    return this.#transport.name;
  }

  /** From now on nothing is heard and nothing is said, and the socket stays open. */
  silence(): void {
    this.#isSilent = true;
  }

  /** TCP ends without a word. */
  close(): void {
    this.#socket.destroy();
  }

  /** A transport error, and the end. */
  endWith(code: number): void {
    const bytes = this.#transport.wrapError(code);
    if (bytes === undefined || this.#isSilent) this.#socket.destroy();
    else this.#socket.end(bytes);
    this.#isSilent = true; // whatever the client still says
  }

  disconnectAfter(delayMs: number): void {
    this.#deadline?.cancel();
    this.#deadline = this.#deps.clock.after(delayMs, () => this.close());
  }

  deliver({ key, id: sessionId }: Session, message: Message): void {
    const { clock, random } = this.#deps;
    const salt = key.currentSalt(clock.now());
    this.#write(sealEnvelope(key, { ...message, salt, sessionId }, { from: 'server', random }));
  }

  #write(packet: Uint8Array): void {
    if (this.#isSilent || this.#socket.destroyed) return;
    const bytes = this.#transport.wrap(packet);
    if (bytes !== undefined) this.#socket.write(bytes);
  }

  #hear(chunk: Buffer): void {
    if (this.#isSilent) return;
    try {
      for (const packet of this.#transport.push(chunk)) this.#receive(packet);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#blame('framing', error.message);
      this.close();
    }
  }

  #receive(packet: Buffer): void {
    if (this.#isSilent) return; // since a packet before this one
    const { errorCode } = this.#deps.doors;
    if (errorCode !== undefined) {
      this.endWith(errorCode);
      return;
    }
    if (packet.length < PLAIN_HEAD_BYTES) {
      this.#blame('bad_length', 'a packet is shorter than any message');
      this.endWith(transportError.unknownKey);
      return;
    }
    if (packet.subarray(0, 8).equals(NO_KEY_ID)) {
      this.#receivePlain(packet);
      return;
    }
    const key = this.#deps.keys.find(hexOf(packet.subarray(0, 8)));
    if (key?.dcId !== this.dcId) {
      this.endWith(transportError.unknownKey);
      return;
    }
    this.#key = key;
    this.#receiveSealed(key, packet);
  }

  #receiveSealed(key: AuthKey, packet: Buffer): void {
    const { keys, receiver } = this.#deps;
    try {
      const envelope = openEnvelope(key.bytes, withoutTransportPadding(packet, this.#transport.name), 'client');
      const session = keys.session(key, envelope.sessionId);
      session.attach(this);
      this.#sessions.add(session);
      receiver.receive(session, this, envelope);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      this.#blame(error.code, error.message);
      this.endWith(transportError.unknownKey);
    }
  }

  /** The making of a key. */
  #receivePlain(packet: Buffer): void {
    try {
      const length = packet.readUInt32LE(16);
      if (length > packet.length - PLAIN_HEAD_BYTES) throw new ExchangeError('the length does not fit the packet');
      const answer = this.#exchange.answer(packet.subarray(PLAIN_HEAD_BYTES, PLAIN_HEAD_BYTES + length));
      const head = Buffer.alloc(PLAIN_HEAD_BYTES);
      head.writeBigInt64LE(this.#deps.ids.next(true), 8);
      head.writeUInt32LE(answer.length, 16);
      this.#write(Buffer.concat([head, answer]));
    } catch (error) {
      if (!(error instanceof ExchangeError || error instanceof TlDecodeError)) throw error;
      this.#blame('key_exchange', error.message);
      this.endWith(transportError.unknownKey);
    }
  }

  #blame(code: Parameters<ViolationLog['record']>[0], detail: string): void {
    this.#deps.violations.record(code, this.keyId ?? '-', detail);
  }
}

/** Padded transports add up to 15 bytes to whole blocks. */
function withoutTransportPadding(packet: Buffer, transportName: string | undefined): Buffer {
  if (transportName?.endsWith('padded') !== true) return packet;
  return packet.subarray(0, packet.length - ((packet.length - 24) % 16));
}
