/** Runs pieces of work one after the other, in the order in which they were asked for. Work that fails does not stop the next. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.then(ignore, ignore);
    return result;
  }
}

const ignore = (): void => undefined;
