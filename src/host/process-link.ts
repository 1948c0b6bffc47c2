import type { ChildProcess } from 'node:child_process';
import type { Link } from './link.ts';

/** What `process` and a ChildProcess have in common. */
interface Channel {
  readonly connected: boolean;
  send(message: object): void;
  onMessage(listen: (message: unknown) => void): void;
  onDisconnect(listen: () => void): void;
  disconnect(): void;
}

// `send` reports a closed pipe to its callback; `disconnect` then tells both sides what they need to know.
const ignore = (): void => undefined;

/** The daemon's end: `child` was forked with `serialization: 'advanced'`, which is structured clone. */
export function linkToChild(child: ChildProcess): Link {
  return new ProcessLink({
    get connected() {
      return child.connected;
    },
    send: (message) => child.send(message, ignore),
    onMessage: (listen) => child.on('message', listen),
    onDisconnect: (listen) => child.on('disconnect', listen),
    disconnect: () => child.disconnect(),
  });
}

/** The child's end; meaningful only in a process that was forked. */
export function linkToParent(): Link {
  return new ProcessLink({
    get connected() {
      return process.connected;
    },
    send: (message) => process.send?.(message, undefined, undefined, ignore),
    onMessage: (listen) => process.on('message', listen),
    onDisconnect: (listen) => process.on('disconnect', listen),
    disconnect: () => process.disconnect(),
  });
}

class ProcessLink implements Link {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  send(message: object): void {
    if (this.#channel.connected) this.#channel.send(message);
  }

  listen(listener: Parameters<Link['listen']>[0]): void {
    this.#channel.onMessage((message) => listener.onMessage(message));
    this.#channel.onDisconnect(() => listener.onClose());
  }

  close(): void {
    if (this.#channel.connected) this.#channel.disconnect();
  }
}
