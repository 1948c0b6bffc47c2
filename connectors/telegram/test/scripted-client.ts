import type { CallOptions, ClientEnd, MtprotoClient, MtprotoKey } from '../mtproto/client.ts';
import { CallLost, RpcFailure } from '../mtproto/client.ts';
import type { TlObject, TlValue } from '../tl.ts';

export type Answerer = (call: TlObject, options: CallOptions) => TlValue | Promise<TlValue>;

/** A client that answers from a script, without a network. Calls are kept in order; one at a time, as the port says. */
export class ScriptedClient implements MtprotoClient {
  readonly calls: TlObject[] = [];
  readonly #answers = new Map<string, Answerer>();
  #updates: (updates: TlObject) => void = () => undefined;
  #end: (end: ClientEnd) => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly ended: Promise<ClientEnd>;
  isOpen = false;
  isReached = true;
  heardAt: number | undefined;
  isClosed = false;
  /** Rejects what `open` does, when set. */
  openFailure: Error | undefined;
  ownKey: MtprotoKey = { dcId: 2, authKey: new Uint8Array(256).fill(7) };

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Answers a method from now on. */
  on(method: string, answer: Answerer): this {
    this.#answers.set(method, answer);
    return this;
  }

  called(method: string): readonly TlObject[] {
    return this.calls.filter((call) => call._ === method);
  }

  push(updates: TlObject): void {
    this.#updates(updates);
  }

  end(end: ClientEnd = { type: 'lost' }): void {
    this.isClosed = true;
    this.#end(end);
  }

  async open(): Promise<void> {
    if (this.openFailure !== undefined) throw this.openFailure;
    this.isOpen = true;
  }

  invoke(call: TlObject, options: CallOptions): Promise<TlValue> {
    const answered = this.#last.then(async () => {
      if (this.isClosed) throw new CallLost({ isWritten: false, reason: 'ended' });
      this.calls.push(call);
      const answer = this.#answers.get(call._);
      if (answer === undefined) throw new RpcFailure({ code: 400, text: 'METHOD_NOT_SCRIPTED', method: call._ });
      return answer(call, options);
    });
    this.#last = answered.catch(() => undefined);
    return answered;
  }

  onUpdates(listener: (updates: TlObject) => void): void {
    this.#updates = listener;
  }

  async ping(): Promise<number> {
    return 5;
  }

  key(): MtprotoKey {
    return this.ownKey;
  }

  async provePassword(_password: TlObject, typed: string): Promise<TlObject> {
    return { _: 'inputCheckPasswordSRP', srpId: 1n, A: new Uint8Array(), M1: Buffer.from(typed) };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** What a script throws. */
export function rpc(code: number, text: string, method = 'scripted'): RpcFailure {
  return new RpcFailure({ code, text, method });
}

export const lost = (isWritten: boolean): CallLost => new CallLost({ isWritten, reason: 'ended' });
