// The library comes without types. This is as much of it as the connector uses.
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';

  export interface Element {
    readonly name: string;
    readonly attrs: Record<string, string | undefined>;
    is(name: string, xmlns?: string): boolean;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildText(name: string, xmlns?: string): string | null;
    getChildElements(): Element[];
    toString(): string;
  }

  export interface StreamManagement extends EventEmitter {
    id: string;
    enabled: boolean;
    inbound: number;
    outbound: number;
    requestAckDebounce: number;
  }

  type Authenticate = (credentials: { username: string; password: string }, mechanism: string) => Promise<void>;

  export interface Client extends EventEmitter {
    readonly socket: unknown;
    /** Null until the server has given the connection its name. */
    readonly jid: { toString(): string } | null;
    readonly streamManagement: StreamManagement;
    readonly reconnect: { stop(): void };
    readonly iqCaller: { request(stanza: Element, timeoutMs?: number): Promise<Element> };
    isSecure(): boolean;
    /** Follows a server that sends its clients elsewhere (RFC 6120 §4.9.3.19). Rejects on an address that is none. */
    _onSeeOtherHost(error: Error): Promise<void>;
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
    send(stanza: Element): Promise<void>;
  }

  export function client(options: {
    service: string;
    domain: string;
    resource: string;
    timeout?: number;
    credentials(
      authenticate: Authenticate,
      mechanisms: readonly string[],
      fast: unknown,
      entity: { isSecure(): boolean },
    ): Promise<void>;
  }): Client;

  export function xml(name: string, attrs?: Record<string, string>, ...children: (Element | string)[]): Element;
}
