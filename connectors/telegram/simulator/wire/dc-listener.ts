import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { ConnectionDeps } from './connection.ts';
import { Connection } from './connection.ts';

/** The door of one data centre: a port on loopback, and the connections behind it. */
export class DcListener {
  readonly dcId: number;
  readonly #deps: ConnectionDeps;
  readonly #connections = new Set<Connection>();
  readonly #stalled = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(deps: ConnectionDeps & { dcId: number }) {
    this.dcId = deps.dcId;
    this.#deps = deps;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  /** Rejects where the port is taken; 0 picks one. */
  async start(host: string, port: number): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    this.#port = isAddress(address) ? address.port : port;
  }

  /** Ends every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const connection of this.#connections) connection.close();
    for (const socket of this.#stalled) socket.destroy();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const { doors } = this.#deps;
    if (doors.state === 'refuse') {
      socket.resetAndDestroy();
      return;
    }
    if (doors.state === 'stall') {
      this.#stalled.add(socket);
      socket.resume();
      socket.on('error', () => undefined);
      socket.on('close', () => this.#stalled.delete(socket));
      return;
    }
    const connection = new Connection({ ...this.#deps, socket, dcId: this.dcId });
    this.#connections.add(connection);
    connection.start(() => this.#connections.delete(connection));
  }
}

function isAddress(address: ReturnType<Server['address']>): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
