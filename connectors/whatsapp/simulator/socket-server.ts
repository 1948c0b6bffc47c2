import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

const LOOPBACK = '127.0.0.1';

/** The WebSocket entry of the network, on loopback only. */
export class SocketServer {
  readonly #accept: (socket: WebSocket) => void;
  readonly #judge: () => number | 'wait' | undefined;
  readonly #waiting = new Set<Duplex>();
  readonly #sockets = new WebSocketServer({ noServer: true });
  #http: Server | undefined;

  /** `judge` may answer an HTTP status to turn a client away with, as an edge or proxy would, or let it wait for ever. */
  constructor(deps: { accept: (socket: WebSocket) => void; judge: () => number | 'wait' | undefined }) {
    this.#accept = deps.accept;
    this.#judge = deps.judge;
  }

  /** Listens on `port` (0 picks one) and resolves with it; rejects when the port is taken. */
  start(port: number): Promise<number> {
    const http = createServer((_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain' }).end('This is a WebSocket endpoint.\n');
    });
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http = http;
    return new Promise((resolve, reject) => {
      http.once('error', reject);
      http.listen(port, LOOPBACK, () => {
        const address = http.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Ends every socket and stops listening. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const socket of this.#waiting) socket.destroy();
    const http = this.#http;
    if (http === undefined) return;
    this.#http = undefined;
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status = this.#judge();
    if (status === 'wait') {
      this.#waiting.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#waiting.delete(socket));
      return;
    }
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${String(status)} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => undefined); // a reset by the client; `close` follows
      this.#accept(accepted);
    });
  }
}
