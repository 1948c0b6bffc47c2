import type { TlWriterMap } from '@mtcute/node/utils.js';
import { __tlWriterMap } from '@mtcute/node/utils.js';

const PING = 'mt_ping_delay_disconnect';
/**
 * How long the server keeps a connection that says nothing after this ping; seconds, as Telegram's documentation proposes. Two of our own
 * pings come in that time. The library asks for seven seconds while a call is under way, and would be cut as soon as it rests.
 */
const DISCONNECT_DELAY_S = 75;

/** How the library writes what goes out, with the patience that it asks the server for changed. Without state: one for all connections. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object whose prototype is a map of writers is one
export const writers = Object.create(__tlWriterMap) as TlWriterMap;
writers[PING] = (writer: unknown, ping: object) => {
  __tlWriterMap[PING]?.(writer, { ...ping, disconnectDelay: DISCONNECT_DELAY_S });
};
