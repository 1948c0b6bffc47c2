import { z } from 'zod';
import { BellhopError } from '../core/errors.ts';
import type { Link } from './link.ts';
import { fromWireError, toWireError } from './wire-error.ts';

/** What crosses a link: calls with their answers and cancellations, and notes that nobody answers. */
const frame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('request'), id: z.number(), method: z.string(), params: z.unknown() }),
  z.object({ kind: z.literal('answer'), id: z.number(), value: z.unknown() }),
  z.object({ kind: z.literal('failure'), id: z.number(), error: z.unknown() }),
  z.object({ kind: z.literal('cancel'), id: z.number() }),
  z.object({ kind: z.literal('note'), method: z.string(), params: z.unknown() }),
]);
type Frame = z.infer<typeof frame>;

export interface PeerHandlers {
  /** Answers a call of the other side. `signal` aborts when the caller has lost interest or is gone. */
  request(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
  note(method: string, params: unknown): void;
  /** The line is gone; every call under way has been rejected. */
  closed(): void;
}

/** A call under way. */
export interface OutgoingCall {
  readonly answer: Promise<unknown>;
  /** Tells the other side to stop; `answer` still settles with what it says. */
  cancel(): void;
  /** Rejects `answer` at once and ignores what the other side says later. */
  abandon(error: Error): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** One end of a conversation over a link. Both ends are equal: each may call the other. */
export class Peer {
  readonly #link: Link;
  readonly #handlers: PeerHandlers;
  readonly #outgoing = new Map<number, Waiting>();
  readonly #incoming = new Map<number, AbortController>();
  #lastId = 0;
  #open = false;
  #heard = 0;

  constructor(deps: { link: Link; handlers: PeerHandlers }) {
    this.#link = deps.link;
    this.#handlers = deps.handlers;
  }

  start(): void {
    this.#open = true;
    this.#link.listen({ onMessage: (message) => this.#receive(message), onClose: () => this.#closed() });
  }

  /** How many messages have come so far; a peer from which nothing comes any more is hung. */
  get heard(): number {
    return this.#heard;
  }

  call(method: string, params: unknown): OutgoingCall {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (!this.#open) {
        reject(gone());
        return;
      }
      this.#outgoing.set(id, { resolve, reject });
      try {
        this.#link.send({ kind: 'request', id, method, params } satisfies Frame);
      } catch (error) {
        this.#outgoing.delete(id);
        reject(notPlain(error));
      }
    });
    return {
      answer,
      cancel: () => {
        if (this.#outgoing.has(id)) this.#link.send({ kind: 'cancel', id } satisfies Frame);
      },
      abandon: (error) => this.#take(id)?.reject(error),
    };
  }

  /** Says something that needs no answer. What cannot be cloned is dropped. */
  note(method: string, params: unknown): void {
    try {
      this.#link.send({ kind: 'note', method, params } satisfies Frame);
    } catch {
      // a log line or a heartbeat is not worth an error
    }
  }

  close(): void {
    this.#link.close();
  }

  #receive(message: unknown): void {
    const parsed = frame.safeParse(message);
    if (!parsed.success) return;
    this.#heard += 1;
    const received = parsed.data;
    switch (received.kind) {
      case 'request':
        void this.#serve(received.id, received.method, received.params);
        return;
      case 'answer':
        this.#take(received.id)?.resolve(received.value);
        return;
      case 'failure':
        this.#take(received.id)?.reject(fromWireError(received.error));
        return;
      case 'cancel':
        this.#incoming.get(received.id)?.abort(new Error('cancelled'));
        return;
      case 'note':
        this.#handlers.note(received.method, received.params);
    }
  }

  async #serve(id: number, method: string, params: unknown): Promise<void> {
    const controller = new AbortController();
    this.#incoming.set(id, controller);
    try {
      const value = await this.#handlers.request(method, params, controller.signal);
      this.#answer({ kind: 'answer', id, value });
    } catch (error) {
      this.#answer({ kind: 'failure', id, error: toWireError(error) });
    } finally {
      this.#incoming.delete(id);
    }
  }

  #answer(reply: Frame & { id: number }): void {
    try {
      this.#link.send(reply);
    } catch (error) {
      this.#link.send({ kind: 'failure', id: reply.id, error: toWireError(notPlain(error)) } satisfies Frame);
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#outgoing.get(id);
    this.#outgoing.delete(id);
    return waiting;
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const controller of this.#incoming.values()) controller.abort(gone());
    const waiting = [...this.#outgoing.values()];
    this.#outgoing.clear();
    for (const call of waiting) call.reject(gone());
    this.#handlers.closed();
  }
}

function gone(): BellhopError {
  return new BellhopError('session_down', { detail: 'The process that runs the session is gone.' });
}

function notPlain(cause: unknown): BellhopError {
  return new BellhopError('internal_error', {
    detail: 'What should cross between processes is not plain data.',
    cause,
  });
}
