import type { Readable } from 'node:stream';
import type { Logger } from '../core/logger.ts';

/** Kept of a child's error output, to tell why it died; enough for an error's text and its first frames. */
const TAIL_CHARACTERS = 2_000;

/**
 * Watches what a child writes to its outputs. Network libraries print keys and numbers there, so the text itself never
 * reaches the log: only that something was written, and after a crash a tail without anything that could be either.
 */
export class ChildOutput {
  readonly #log: Logger;
  #tail = '';

  constructor(deps: { log: Logger }) {
    this.#log = deps.log;
  }

  watch(name: 'stdout' | 'stderr', stream: Readable | null): void {
    stream?.on('data', (chunk: Buffer) => {
      this.#log.debug('a child wrote to its output', { stream: name, bytes: chunk.length });
      if (name === 'stderr') this.#tail = (this.#tail + chunk.toString('utf8')).slice(-TAIL_CHARACTERS);
    });
  }

  /** The end of the error output, fit for a log. */
  lastWords(): string {
    return redact(this.#tail).trim();
  }
}

/** Takes out digits that could be a number, and anything long enough to be a key. */
export function redact(text: string): string {
  return text
    .replaceAll(/<Buffer[^>]*>/g, '[bytes]')
    .replaceAll(/[A-Za-z0-9+/_=-]{24,}/g, (run) => (run.includes('/') && run.includes('.') ? run : '[hidden]'))
    .replaceAll(/\+?\d[\d\s().-]{5,}\d/g, '[number]');
}
