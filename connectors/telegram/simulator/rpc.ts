import type { TlObject, TlValue } from '../tl.ts';

/*
 * Between the wire of the network in a box (transports, keys, envelopes, data centres) and what the network knows (accounts, chats,
 * updates). The wire calls `RpcHandler`; the world calls `Wire`.
 */

/** A key that a client made with one data centre; the world binds it to an account. */
export interface KeyFacts {
  /** Lower-case hex of the 8-byte key id. */
  readonly keyId: string;
  readonly dcId: number;
}

/** What `invokeWithLayer(initConnection(…))` said for this key. */
export interface InitFacts {
  readonly layer: number;
  readonly apiId: number;
  readonly deviceModel: string;
  readonly systemVersion: string;
  readonly appVersion: string;
  readonly langCode: string;
  readonly systemLangCode: string;
}

export interface CallContext {
  readonly key: KeyFacts;
  /** Hex of the client's session id: one key may have several connections. */
  readonly sessionId: string;
  readonly init: InitFacts;
  /** The client asked not to get updates on this connection (`invokeWithoutUpdates`, or a media connection). */
  readonly withoutUpdates: boolean;
}

/** Becomes `rpc_error`. */
export class RpcError extends Error {
  readonly code: number;
  readonly text: string;

  constructor(code: number, text: string) {
    super(`${code} ${text}`);
    this.name = 'RpcError';
    this.code = code;
    this.text = text;
  }
}

/** Answers every API call; wrappers (`invokeWithLayer`, `initConnection`, `invokeAfterMsg`, …) are already taken off. */
export interface RpcHandler {
  handle(call: TlObject, context: CallContext): Promise<TlValue> | TlValue;
}

/** What the world may ask of the wire. */
export interface Wire {
  /** Sends an `Updates` object to every connection of the key that wants updates; dropped where there is none. */
  push(keyId: string, updates: TlObject): void;
  /** Forgets the key: connections get transport error -404, now and on every later try. */
  forgetKey(keyId: string): void;
  /** Destroys the sockets of the key (all of them without one). */
  cut(keyId?: string): void;
}
