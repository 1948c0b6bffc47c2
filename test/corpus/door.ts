import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** What becomes of those who knock. `closed`: nobody listens. */
export type DoorMode =
  | { readonly do: 'open' | 'closed' | 'reset' | 'end' | 'stall' }
  /** Something else answers, and `ends` the line or leaves it. */
  | { readonly do: 'answer'; readonly bytes: string | Uint8Array; readonly ends?: boolean }
  /** The line breaks after so many bytes of the server. */
  | { readonly do: 'cut after'; readonly bytes: number }
  /** One bit of the server's byte at this place is altered. */
  | { readonly do: 'flip'; readonly at: number };

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  received: number;
  /** Nothing passes any more, in this direction or in either. */
  frozen: 'no' | 'to client' | 'both';
  flipNext: boolean;
}

/** The way from a client to its server, which counts who comes and on which everything breaks that can. */
export class Door {
  readonly #target: number;
  #server: Server | undefined;
  #port = 0;
  #mode: DoorMode = { do: 'open' };
  readonly #pairs = new Set<Pair>();
  readonly #others = new Set<Socket>();
  /** Connections that were taken, whatever became of them. */
  knocks = 0;

  constructor(deps: { target: number }) {
    this.#target = deps.target;
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const server = createServer((near) => this.#accept(near));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** For those who come from now on; lines that stand are left alone. */
  async become(mode: DoorMode): Promise<void> {
    this.#mode = mode;
    if (mode.do === 'closed' && this.#server !== undefined) {
      const server = this.#server;
      this.#server = undefined;
      server.close();
    } else if (mode.do !== 'closed' && this.#server === undefined) await this.start();
  }

  /** Lines that stand break: without a word, in good order, or by a reset. */
  cut(how: 'silently' | 'in order' | 'reset' = 'silently'): void {
    for (const { near, far } of this.#pairs) {
      if (how === 'in order') near.end();
      else if (how === 'reset') near.resetAndDestroy();
      else near.destroy();
      far.destroy();
    }
    for (const socket of this.#others) socket.destroy();
  }

  /** Lines that stand stay up and carry nothing. */
  freeze(direction: 'to client' | 'both' = 'both'): void {
    for (const pair of this.#pairs) pair.frozen = direction;
  }

  /** The next bytes of the server arrive altered. */
  garble(): void {
    for (const pair of this.#pairs) pair.flipNext = true;
  }

  /** Bytes that the server never said. */
  inject(bytes: string | Uint8Array): void {
    for (const { near } of this.#pairs) near.write(bytes);
  }

  #accept(near: Socket): void {
    this.knocks += 1;
    near.on('error', () => undefined);
    this.#others.add(near);
    near.on('close', () => this.#others.delete(near));
    const mode = this.#mode;
    switch (mode.do) {
      case 'closed':
      case 'reset':
        near.resetAndDestroy();
        return;
      case 'end':
        near.end();
        return;
      case 'stall':
        near.resume();
        return;
      case 'answer':
        near.resume();
        near.write(mode.bytes);
        if (mode.ends !== false) near.end();
        return;
      case 'open':
      case 'cut after':
      case 'flip':
        this.#lead(near, mode);
    }
  }

  #lead(near: Socket, mode: DoorMode): void {
    const far = connect(this.#target, '127.0.0.1');
    far.on('error', () => undefined);
    const pair: Pair = { near, far, received: 0, frozen: 'no', flipNext: false };
    this.#pairs.add(pair);
    near.on('data', (chunk: Buffer) => {
      if (pair.frozen !== 'both') far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => this.#pass(pair, chunk, mode));
    const end = (): void => {
      if (pair.frozen !== 'no' && !near.destroyed) return;
      this.#pairs.delete(pair);
      if (!near.destroyed) near.end();
      far.destroy();
    };
    near.on('close', end);
    far.on('close', end);
  }

  #pass(pair: Pair, chunk: Buffer, mode: DoorMode): void {
    if (pair.frozen !== 'no') return;
    const from = pair.received;
    pair.received += chunk.length;
    if (mode.do === 'cut after' && pair.received > mode.bytes) {
      pair.near.destroy();
      return;
    }
    const isFlipped = mode.do === 'flip' && mode.at >= from && mode.at < pair.received;
    if (isFlipped || pair.flipNext) {
      const place = isFlipped ? mode.at - from : chunk.length - 1;
      chunk.writeUInt8((chunk[place] ?? 0) ^ 1, place);
      pair.flipNext = false;
    }
    pair.near.write(chunk);
  }
}
