import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

const LOOPBACK = '127.0.0.1';

/** The WebSocket entry of the network, on loopback only. */
export class SocketServer {
  readonly #accept: (socket: WebSocket) => void;
  readonly #refuseUpgrade: () => number | undefined;
  readonly #sockets = new WebSocketServer({ noServer: true });
  #http: Server | undefined;

  /** `refuseUpgrade` may answer an HTTP status to turn a client away with, as an edge or proxy would. */
  constructor(deps: { accept: (socket: WebSocket) => void; refuseUpgrade: () => number | undefined }) {
    this.#accept = deps.accept;
    this.#refuseUpgrade = deps.refuseUpgrade;
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
    const http = this.#http;
    if (http === undefined) return;
    this.#http = undefined;
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status = this.#refuseUpgrade();
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${String(status)} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#accept(accepted));
  }
}
