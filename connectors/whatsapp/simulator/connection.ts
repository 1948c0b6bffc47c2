import type { BinaryNode } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import type { Random } from '../../../src/core/random.ts';
import type { ViolationLog } from './violations.ts';
import type { NoiseCredentials } from './wire/certificates.ts';
import { FrameReader, writeFrame } from './wire/frames.ts';
import type { ClientFinish, TransportKeys } from './wire/noise.ts';
import { NoiseResponder } from './wire/noise.ts';
import { decodeStanza, encodeStanza, node } from './wire/stanza.ts';

/** Who deals with what a connection brings. Called in the order of the wire. */
export interface ConnectionHandler {
  authenticated(connection: Connection, finish: ClientFinish): void;
  received(connection: Connection, stanza: BinaryNode): void;
  closed(connection: Connection): void;
}

const NO_DATA = new Uint8Array(0);

/**
 * One client socket: frames, Noise, stanzas. It knows nothing of accounts; `label` is for the violation log.
 * Violations of the wire format end the connection, as a real server would.
 */
export class Connection {
  label = '-';
  /** A client that is muted hears nothing more, as on a line that died without a word. */
  muted = false;
  #deaf = false;
  #wasDeaf = false;
  readonly #socket: WebSocket;
  readonly #handler: ConnectionHandler;
  readonly #violations: ViolationLog;
  readonly #noise: NoiseResponder;
  readonly #frames = new FrameReader();
  #stage: 'hello' | 'finish' | 'open' | 'ended' = 'hello';
  #keys: TransportKeys | undefined;
  #decoding: Promise<void> = Promise.resolve();

  constructor(deps: {
    socket: WebSocket;
    handler: ConnectionHandler;
    violations: ViolationLog;
    credentials: NoiseCredentials;
    random: Random;
  }) {
    this.#socket = deps.socket;
    this.#handler = deps.handler;
    this.#violations = deps.violations;
    this.#noise = new NoiseResponder({ credentials: deps.credentials, random: deps.random });
  }

  start(): void {
    this.#socket.on('message', (data: Buffer) => this.#push(data));
    this.#socket.on('close', () => {
      this.#stage = 'ended';
      this.#handler.closed(this);
    });
  }

  get isOpen(): boolean {
    return this.#stage === 'open';
  }

  /** Open, and nothing on it is lost on purpose. */
  get isClear(): boolean {
    return this.#stage === 'open' && !this.muted && !this.#deaf;
  }

  /** What the client says while the server is deaf is lost. */
  set deaf(deaf: boolean) {
    this.#deaf = deaf;
    this.#wasDeaf = this.#wasDeaf || deaf;
  }

  get deaf(): boolean {
    return this.#deaf;
  }

  /** True if something the client said may have been lost on purpose. */
  get wasDeaf(): boolean {
    return this.#wasDeaf;
  }

  /** False when the stanza did not go out, because the line is not open or is muted. */
  send(stanza: BinaryNode): boolean {
    if (this.#stage !== 'open' || this.#keys === undefined || this.muted) return false;
    this.#socket.send(writeFrame(this.#keys.toClient.seal(encodeStanza(stanza), NO_DATA)));
    return true;
  }

  /** Says `last`, if given, and closes the stream in an orderly way. */
  end(last?: BinaryNode): void {
    if (last !== undefined) this.send(last);
    this.send(node('xmlstreamend'));
    this.#stage = 'ended';
    this.#socket.close();
  }

  /** Cuts the TCP connection without a word. */
  destroy(): void {
    this.#stage = 'ended';
    this.#socket.terminate();
  }

  #push(data: Buffer): void {
    try {
      for (const frame of this.#frames.push(data)) this.#accept(frame);
    } catch (error) {
      this.#violations.record('handshake', this.label, error instanceof Error ? error.message : 'unreadable bytes');
      this.destroy();
    }
  }

  #accept(frame: Uint8Array): void {
    switch (this.#stage) {
      case 'hello':
        this.#socket.send(writeFrame(this.#noise.answerHello(frame)));
        this.#stage = 'finish';
        return;
      case 'finish': {
        const finish = this.#noise.finish(frame);
        this.#keys = this.#noise.split();
        this.#stage = 'open';
        this.#handler.authenticated(this, finish);
        return;
      }
      case 'open':
        if (this.#keys !== undefined) this.#decode(this.#keys.fromClient.open(frame, NO_DATA));
        return;
      case 'ended':
    }
  }

  #decode(bytes: Uint8Array): void {
    if (this.#deaf) return;
    this.#decoding = this.#decoding.then(async () => {
      try {
        const stanza = await decodeStanza(bytes);
        if (this.#stage === 'open') this.#handler.received(this, stanza);
      } catch (error) {
        this.#violations.record('malformed', this.label, error instanceof Error ? error.message : 'unreadable stanza');
      }
    });
  }
}
