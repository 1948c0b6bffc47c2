import { Socket } from 'node:net';
import type { Clock } from '../../../src/core/clock.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { ClientEnd } from './client.ts';

/** The tag of the "intermediate" transport: each packet behind its length, 4 bytes. */
const TAG = Buffer.from('eeeeeeee', 'hex');
const HEADER_BYTES = 4;
/** Above the largest container that Telegram sends; more is no packet but noise. */
const LARGEST_PACKET_BYTES = 16 * 1024 * 1024;

export interface PacketListener {
  onPacket(packet: Buffer): void;
  /** Once; never after `destroy`. */
  onEnd(end: ClientEnd): void;
}

/** One TCP connection that carries whole packets. */
export class PacketSocket {
  /** Resolves when the socket has let go of everything. */
  readonly closed: Promise<void>;
  readonly #socket = new Socket();
  readonly #listener: PacketListener;
  readonly #clock: Clock;
  #heardAt: number | undefined;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #bytesRead = 0;
  #systemCode: string | undefined;
  #isReached = false;
  #isOver = false;

  constructor(deps: { readonly clock: Clock; readonly listener: PacketListener }) {
    this.#listener = deps.listener;
    this.#clock = deps.clock;
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
    });
  }

  /** All bytes that ever came. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** When the last of them came; monotonic. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** Whether somebody took the connection. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Starts to connect; what is written before is sent then. */
  open(address: { readonly host: string; readonly port: number }): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('connect', () => {
      this.#isReached = true;
    });
    this.#socket.on('data', (chunk) => this.#onData(chunk));
    this.#socket.on('error', (error) => {
      this.#systemCode = codeOf(error);
    });
    this.#socket.on('close', () => this.#end({ type: 'lost', ...code(this.#systemCode) }));
    this.#socket.connect(address);
    this.#socket.write(TAG);
  }

  write(packet: Uint8Array): void {
    if (this.#isOver) return;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(packet.length, 0);
    this.#socket.write(Buffer.concat([header, packet]));
  }

  /** Idempotent. */
  destroy(): void {
    this.#isOver = true;
    this.#chunks = [];
    this.#socket.destroy();
  }

  #end(end: ClientEnd): void {
    if (this.#isOver) return;
    this.destroy();
    this.#listener.onEnd(end);
  }

  #onData(chunk: Buffer): void {
    this.#bytesRead += chunk.length;
    this.#heardAt = this.#clock.monotonic();
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    for (let packet = this.#next(); packet !== undefined && !this.#isOver; packet = this.#next()) {
      if (packet.length === 4) this.#end({ type: 'transport', code: packet.readInt32LE(0) });
      else this.#listener.onPacket(packet);
    }
  }

  /** The next whole packet. Chunks are joined only when it is complete: a file comes in hundreds of them. */
  #next(): Buffer | undefined {
    if (this.#isOver || this.#buffered < HEADER_BYTES) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < HEADER_BYTES) this.#join();
    const length = this.#chunks[0]?.readUInt32LE(0) ?? 0;
    if (length > LARGEST_PACKET_BYTES || length < 4) {
      this.#end({ type: 'protocol', detail: 'a packet of an impossible length' });
      return undefined;
    }
    if (this.#buffered < HEADER_BYTES + length) return undefined;
    const joined = this.#join();
    const packet = joined.subarray(HEADER_BYTES, HEADER_BYTES + length);
    const left = joined.subarray(HEADER_BYTES + length);
    this.#chunks = left.length > 0 ? [left] : [];
    this.#buffered = left.length;
    return packet;
  }

  #join(): Buffer {
    const joined = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    if (joined !== undefined) return joined;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}

function codeOf(error: unknown): string | undefined {
  const found = isRecord(error) ? error['code'] : undefined;
  return typeof found === 'string' ? found : undefined;
}

function code(systemCode: string | undefined): { readonly systemCode?: string } {
  return systemCode === undefined ? {} : { systemCode };
}
