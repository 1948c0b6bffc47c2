import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** What the client says is lost. */
  deaf: boolean;
  /** What the server says waits, while this is set. */
  held: Buffer[] | undefined;
}

/** The way between client and server, on which lines break, fall silent and stall. */
export class Proxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #mode: 'open' | 'closed' | 'stalled' = 'open';
  #port = 0;
  #asked = 0;
  #acknowledged = 0;

  constructor(deps: { target: number }) {
    this.#target = deps.target;
    this.#server = createServer((near) => this.#accept(near));
  }

  get port(): number {
    return this.#port;
  }

  /** How often the server has asked what the client has received (XEP-0198, `<r/>`). */
  get asked(): number {
    return this.#asked;
  }

  /** The count that the client named last in answer (`<a/>`). */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : 0;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.cut();
    await closed;
  }

  /** Lines that stand break without a word. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** What happens to lines that are opened from now on. */
  set mode(mode: 'open' | 'closed' | 'stalled') {
    this.#mode = mode;
  }

  /** On lines that stand, the server hears nothing any more. */
  deafen(): void {
    for (const pair of this.#pairs) pair.deaf = true;
  }

  /** On lines that stand, the client hears nothing until it has sent two messages. */
  mute(): void {
    for (const pair of this.#pairs) pair.held = [];
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.#mode === 'closed') near.destroy();
    if (this.#mode !== 'open') return;
    const far = connect(this.#target, '127.0.0.1');
    far.on('error', () => undefined);
    const pair: Pair = { near, far, deaf: false, held: undefined };
    this.#pairs.add(pair);
    let messages = 0;
    near.on('data', (chunk: Buffer) => {
      if (pair.deaf) return;
      const count = /<a [^>]*\bh="(\d+)"/.exec(chunk.toString())?.[1];
      if (count !== undefined) this.#acknowledged = Number(count);
      if (pair.held !== undefined && chunk.includes('<message')) messages += 1;
      far.write(chunk);
      if (messages < 2 || pair.held === undefined) return;
      for (const held of pair.held) near.write(held);
      pair.held = undefined;
    });
    far.on('data', (chunk: Buffer) => {
      if (chunk.includes('<r ')) this.#asked += 1;
      if (pair.held === undefined) near.write(chunk);
      else pair.held.push(chunk);
    });
    const end = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.on('close', end);
    far.on('close', end);
  }
}
