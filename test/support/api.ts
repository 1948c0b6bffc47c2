import type { EventEnvelope } from '../../src/engine/model/event.ts';
import type { Page } from '../../src/engine/ports/index.ts';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** What every frame of the stream holds. */
export interface LiveEvent {
  readonly type: string;
}

/** A caller of the public API, as an integrator would write it. */
export class Api {
  readonly url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.#key = key;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.call<T>('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<Answer<T>> {
    return this.call<T>('POST', path, body);
  }

  /** Reads the log from its beginning, then follows the live stream, until `wanted` says yes; returns that event. */
  async waitForEvent(wanted: (event: EventEnvelope) => boolean): Promise<EventEnvelope> {
    let cursor: string | undefined;
    for (;;) {
      const { body } = await this.get<Page<EventEnvelope>>(
        `/v1/events?limit=200${cursor === undefined ? '' : `&after=${cursor}`}`,
      );
      const found = body.data.find(wanted);
      if (found !== undefined) return found;
      cursor = body.nextCursor ?? cursor;
      if (body.data.length < 200) break;
    }
    return this.#follow(cursor, wanted);
  }

  /** The same for what comes from now on, also what is only live and never in the log. */
  waitForLive(wanted: (event: LiveEvent) => boolean): Promise<LiveEvent> {
    return this.#follow(undefined, wanted);
  }

  async #follow<T extends LiveEvent>(cursor: string | undefined, wanted: (event: T) => boolean): Promise<T> {
    const stop = new AbortController();
    const answer = await fetch(`${this.url}/v1/events/stream${cursor === undefined ? '' : `?after=${cursor}`}`, {
      headers: { authorization: `Bearer ${this.#key}`, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    if (answer.status !== 200) throw new Error(`the stream answered ${answer.status}: ${await answer.text()}`);
    let buffer = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
        buffer += decoder.decode(chunk, { stream: true });
        const frames = buffer.split('\n\n');
        buffer = frames.pop() ?? '';
        for (const frame of frames) {
          const data = frame
            .split('\n')
            .filter((line) => line.startsWith('data: '))
            .map((line) => line.slice(6))
            .join('');
          if (data === '') continue;
          const event: T = JSON.parse(data);
          if (wanted(event)) return event;
        }
      }
    } finally {
      stop.abort();
    }
    throw new Error('the stream ended');
  }
}
