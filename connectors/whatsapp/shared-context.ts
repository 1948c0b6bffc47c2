import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isRecord } from '../../src/core/json.ts';

/** Under which token each storage keeps its value of the present context. */
const contexts = new AsyncLocalStorage<ReadonlyMap<object, object>>();

/**
 * Behaves as an AsyncLocalStorage, and shares one with all others of its kind. Before Node 24 every storage that was ever used is asked at
 * each promise that is made, and each promise carries all of their values. Baileys makes one for each connection and gives up none: with
 * 250 sessions that was a third of the processor's time, and some megabytes a session that grew with each reconnection.
 */
export class SharedStorage<T> extends AsyncLocalStorage<T> {
  readonly #values = new WeakMap<object, T>();

  override run<R, A extends unknown[]>(store: T, work: (...args: A) => R, ...args: A): R {
    return contexts.run(this.#with(store), work, ...args);
  }

  override exit<R, A extends unknown[]>(work: (...args: A) => R, ...args: A): R {
    return contexts.run(this.#others(), work, ...args);
  }

  override getStore(): T | undefined {
    const token = contexts.getStore()?.get(this);
    return token === undefined ? undefined : this.#values.get(token);
  }

  override enterWith(store: T): void {
    contexts.enterWith(this.#with(store));
  }

  override disable(): void {
    contexts.enterWith(this.#others());
  }

  #with(store: T): ReadonlyMap<object, object> {
    const token = {};
    this.#values.set(token, store);
    return new Map(contexts.getStore()).set(this, token);
  }

  #others(): ReadonlyMap<object, object> {
    const others = new Map(contexts.getStore());
    others.delete(this);
    return others;
  }
}

/**
 * Has whatever is imported from now on make storages that share one. For good: a library sees the class that stands there when it makes a
 * storage, not when it was imported. Idempotent.
 */
export function shareContexts(): void {
  const hooks: unknown = createRequire(import.meta.url)('node:async_hooks');
  if (!isRecord(hooks)) return;
  Reflect.set(hooks, 'AsyncLocalStorage', SharedStorage);
  syncBuiltinESMExports();
}
