import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/**
 * Which connections have a request under way. Node's own `closeIdleConnections` takes one that has not sent its first request yet for a
 * busy one, which would keep a stopping daemon waiting for it.
 */
export class OpenConnections {
  readonly #busy = new Map<Socket, number>();

  /** Made before the server listens. */
  constructor(server: Server) {
    // Over TLS requests come on the socket that carries the plain text.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#busy.set(socket, 0);
      socket.once('close', () => this.#busy.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => this.#count(socket, -1));
    });
    // A WebSocket says goodbye by itself and closes its socket.
    server.on('upgrade', ({ socket }: IncomingMessage) => this.#count(socket, 1));
  }

  closeIdle(): void {
    for (const [socket, requests] of this.#busy) if (requests === 0) socket.destroy();
  }

  #count(socket: Socket, change: number): void {
    const before = this.#busy.get(socket);
    if (before !== undefined) this.#busy.set(socket, before + change);
  }
}
