import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadBaileys } from '../baileys.ts';
import { SharedStorage } from '../shared-context.ts';

describe('storages that share one', () => {
  it('keep their values apart, over turns of the loop and in each other', async () => {
    const [one, other] = [new SharedStorage<string>(), new SharedStorage<string>()];
    const look = () => [one.getStore(), other.getStore()];
    const inside = await one.run('a', async () => {
      await turn();
      const nested = await other.run('b', async () => {
        await turn();
        return look();
      });
      return [nested, look()];
    });
    expect(inside).toEqual([
      ['a', 'b'],
      ['a', undefined],
    ]);
    expect(look()).toEqual([undefined, undefined]);
  });

  it('do not mix two tasks of one storage', async () => {
    const storage = new SharedStorage<number>();
    const task = (value: number) =>
      storage.run(value, async () => {
        await turn();
        return storage.getStore();
      });
    expect(await Promise.all([task(1), task(2), task(3)])).toEqual([1, 2, 3]);
  });

  it('can be left, entered and ended like the original', async () => {
    const [one, other] = [new SharedStorage<string>(), new SharedStorage<string>()];
    await other.run('kept', () =>
      one.run('a', async () => {
        expect(one.exit(() => [one.getStore(), other.getStore()])).toEqual([undefined, 'kept']);
        one.enterWith('b');
        await turn();
        expect(one.getStore()).toBe('b');
        one.disable();
        expect([one.getStore(), other.getStore()]).toEqual([undefined, 'kept']);
      }),
    );
  });

  it('pass arguments and results, and failures', () => {
    const storage = new SharedStorage<string>();
    expect(storage.run('a', (left: number, right: number) => left + right, 1, 2)).toBe(3);
    expect(() =>
      storage.run('a', () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(storage.getStore()).toBeUndefined();
  });
});

it('is what Baileys gets', async () => {
  await loadBaileys();
  const { AsyncLocalStorage } = await import('node:async_hooks');
  expect(AsyncLocalStorage).toBe(SharedStorage);
  const required: unknown = createRequire(import.meta.url)('async_hooks');
  expect(required).toHaveProperty('AsyncLocalStorage', SharedStorage);
});
