import { Socket } from 'node:net';
import { isRecord } from '../../src/core/json.ts';

/** Cuts what is under the library's socket: a TCP socket, or the library's own wrapper around a TLS one. */
export function destroySocket(socket: unknown): void {
  if (socket instanceof Socket) socket.destroy();
  else if (isRecord(socket)) destroySocket(socket['socket']);
}
