import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type TelegramTestApi from 'telegram-test-api';

const require = createRequire(import.meta.url);

/** Starts `telegram-test-api`, which others wrote. Resolves with where it listens. */
export async function startPeer(): Promise<{ readonly root: string; stop(): Promise<unknown> }> {
  mendExpress();
  // as: the package's own types speak of a default export, and Node is given the class itself
  const Peer = require('telegram-test-api') as typeof TelegramTestApi.default;
  const port = await freePort();
  const peer = new Peer({ port, host: '127.0.0.1' });
  await peer.start();
  return { root: `http://127.0.0.1:${port}`, stop: () => peer.stop() };
}

/**
 * The server stands on express 4, which calls `content-disposition` as a function. This project installs a later one for all, which is an
 * object; the server sends no file, so that a function is all it takes.
 */
function mendExpress(): void {
  const theirs = createRequire(require.resolve('telegram-test-api'));
  const ofExpress = createRequire(theirs.resolve('express'));
  const path = ofExpress.resolve('content-disposition');
  const loaded: unknown = ofExpress(path);
  const cached = require.cache[path];
  if (typeof loaded !== 'function' && cached !== undefined) cached.exports = () => 'attachment';
}

/** The server cannot choose a port by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
