import type { LoginStep } from '../../src/connector-api/index.ts';

/**
 * Hands each step to whoever asks next. A code that was replaced before anybody asked is dropped: only the newest can
 * still be scanned.
 */
export class StepQueue {
  #latest: LoginStep | undefined;
  #failure: Error | undefined;
  #waiter: { resolve: (step: LoginStep) => void; reject: (error: Error) => void } | undefined;

  next(): Promise<LoginStep> {
    const step = this.#latest;
    if (step !== undefined) {
      this.#latest = undefined;
      return Promise.resolve(step);
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => (this.#waiter = { resolve, reject }));
  }

  push(step: LoginStep): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) this.#latest = step;
    else waiter.resolve(step);
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#latest = undefined;
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }
}
