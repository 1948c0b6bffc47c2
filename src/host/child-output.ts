import type { Readable } from 'node:stream';
import type { Logger } from '../core/logger.ts';
import { redact } from './redact.ts';

/** Kept of a child's error output, to tell why it died; enough for an error's text and its first frames. */
const TAIL_CHARACTERS = 2_000;

/**
 * Watches what a child writes to its outputs. Network libraries print keys and numbers there, so the text itself never
 * reaches the log: only that something was written, and after a crash a tail without anything that could be either.
 */
export class ChildOutput {
  readonly #log: Logger;
  readonly #complete: Promise<void>;
  #close: () => void = () => undefined;
  #tail = '';
  #isComplete = false;
  #reason: string | undefined;

  constructor(deps: { log: Logger }) {
    this.#log = deps.log;
    this.#complete = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  /** The end of its error output; not redacted, never to be shown. */
  get tail(): string {
    return this.#tail;
  }

  /** Resolves once all of its error output has arrived. */
  get complete(): Promise<void> {
    return this.#complete;
  }

  watch(name: 'stdout' | 'stderr', stream: Readable | null): void {
    stream?.on('data', (chunk: Buffer) => {
      this.#log.debug('a child wrote to its output', { stream: name, bytes: chunk.length });
      if (name === 'stderr') this.#tail = (this.#tail + chunk.toString('utf8')).slice(-TAIL_CHARACTERS);
    });
    if (name === 'stderr') stream?.once('close', () => this.#ended());
  }

  /** Logs why a child died, with the end of its error output once all of that has arrived. */
  sayLastWords(reason: string): void {
    this.#reason = reason;
    if (this.#isComplete) this.#say(reason);
  }

  #ended(): void {
    this.#isComplete = true;
    this.#close();
    if (this.#reason !== undefined) this.#say(this.#reason);
  }

  #say(reason: string): void {
    this.#log.error('a child process ended unexpectedly', { reason, lastWords: redact(this.#tail).trim() });
  }
}
