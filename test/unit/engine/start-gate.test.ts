import { describe, expect, it } from 'vitest';
import { Mutex } from '../../../src/engine/mutex.ts';
import { StartGate } from '../../../src/engine/start-gate.ts';
import { settle, VirtualClock } from '../../support/virtual-clock.ts';

const forever = new AbortController().signal;

describe('StartGate', () => {
  it('lets so many in at once, spaced, and the next when one is through', async () => {
    const clock = new VirtualClock();
    const gate = new StartGate({ clock, limit: 2, spacingMs: 100 });
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (index: number) => () => {
      begun.push(index);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    for (const index of [1, 2, 3]) void gate.run(work(index), forever);
    await settle();
    expect(begun).toEqual([1]);
    await clock.advance(1_000);
    expect(begun).toEqual([1, 2]);
    ends[0]?.();
    await settle();
    expect(begun).toEqual([1, 2, 3]);
  });

  it('goes on after work that failed or was called off', async () => {
    const clock = new VirtualClock();
    const gate = new StartGate({ clock, limit: 1, spacingMs: 100 });
    await expect(gate.run(() => Promise.reject(new Error('refused')), forever)).rejects.toThrow('refused');
    const stop = new AbortController();
    const called = gate.run(async () => 'never', stop.signal);
    stop.abort(new Error('called off'));
    await expect(called).rejects.toThrow('called off');
    const last = gate.run(async () => 'through', forever);
    await clock.advance(1_000);
    expect(await last).toBe('through');
  });
});

describe('Mutex', () => {
  it('runs one piece of work after the other, also after a failure', async () => {
    const mutex = new Mutex();
    const told: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        told.push(`${name} begins`);
        await settle(1);
        told.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([mutex.run(work('a', true)), mutex.run(work('b')), mutex.run(work('c'))]);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});
