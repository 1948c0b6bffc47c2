import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenConnections } from '../../../src/http/open-connections.ts';

describe('open connections', () => {
  let server: Server;
  let connections: OpenConnections;
  let waiting: ServerResponse[];
  let sockets: Socket[];

  beforeEach(async () => {
    waiting = [];
    sockets = [];
    server = createServer((_, response) => void waiting.push(response));
    connections = new OpenConnections(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  async function open(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    await once(server, 'connection');
    return socket;
  }

  async function ask(socket: Socket): Promise<void> {
    socket.write('GET / HTTP/1.1\r\nhost: bellhop\r\n\r\n');
    await once(server, 'request');
  }

  it('that have not asked for anything yet are closed at once', async () => {
    const socket = await open();
    const closed = once(socket, 'close');
    socket.resume();
    connections.closeIdle();
    await closed;
  });

  it('with a request under way stay until it is answered', async () => {
    const socket = await open();
    await ask(socket);
    connections.closeIdle();
    const [answer] = waiting;
    answer?.end('done');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('200 OK');
    const closed = once(socket, 'close');
    connections.closeIdle();
    await closed;
  });
});
