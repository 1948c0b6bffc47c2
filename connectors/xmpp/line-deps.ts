import type { Element } from '@xmpp/client';
import type { Clock } from '../../src/core/clock.ts';
import type { Library } from './library.ts';

/** How far a stream of the server (XEP-0198) has been received: enough to take it up again on another socket. */
export interface StreamPosition {
  readonly id: string;
  readonly received: number;
  /** The full address that the server gave the stream. */
  readonly jid?: string;
}

export interface LineDeps {
  readonly library: Library;
  readonly clock: Clock;
  readonly service: string | undefined;
  readonly account: { readonly address: string; readonly password: string; readonly resource: string };
  /** The stream that an earlier line left behind. */
  readonly resume: StreamPosition | undefined;
  /** A new stream begins at the server. */
  readonly onStream: (position: StreamPosition) => void;
  /** Each stanza, with the position that it moves the stream to. Stores both before it returns, or throws. */
  readonly onStanza: (stanza: Element, position: StreamPosition) => void;
}
