import type { LoginProcess, LoginStep } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';

/**
 * One linking, called one step at a time: `next` waits for the person's answer before it asks the connector again, and a
 * step that came while nobody waited is handed to the next caller.
 */
export class RuntimeLogin {
  readonly #process: LoginProcess;
  #step: Promise<LoginStep> | undefined;
  #asking = false;
  #answered: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(process: LoginProcess) {
    this.#process = process;
  }

  async next(signal: AbortSignal): Promise<LoginStep> {
    await unlessAborted(this.#answered, signal);
    this.#step ??= this.#process.next();
    const pending = this.#step;
    try {
      const step = await unlessAborted(pending, signal);
      this.#taken(step);
      return step;
    } catch (error) {
      // An abandoned wait leaves the step for the next caller; a failed one is over.
      if (!signal.aborted) this.#step = undefined;
      throw error;
    }
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    if (!this.#asking) throw new BellhopError('link_input_unexpected');
    try {
      await this.#process.answer(input);
      this.#asking = false;
    } finally {
      this.#release();
    }
  }

  async cancel(): Promise<void> {
    this.#release();
    await this.#process.cancel();
  }

  #taken(step: LoginStep): void {
    this.#step = undefined;
    this.#asking = step.type === 'input';
    if (step.type !== 'input') return;
    this.#answered = new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(new BellhopError('session_down', { detail: 'Nobody waits for this any more.' }));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
