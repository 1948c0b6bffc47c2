import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/core/clock.ts';
import { inSlices } from '../../../../src/engine/pacing/in-slices.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const STEP_MS = 3;

/** Work of so many steps, each of which takes some time. */
function* stepsOf(count: number, step: () => void): Generator<undefined, string> {
  for (let index = 0; index < count; index += 1) {
    step();
    yield;
  }
  return 'done';
}

describe('long work', () => {
  it('lets others have their turn every few milliseconds, and tells how long it worked itself', async () => {
    const virtual = new VirtualClock();
    let passedMs = 0;
    const clock: Clock = {
      now: () => virtual.now(),
      monotonic: () => virtual.monotonic() + passedMs,
      after: (delayMs, work) => virtual.after(delayMs, work),
    };
    const steps: number[] = [];
    const work = stepsOf(10, () => {
      passedMs += STEP_MS;
      steps.push(passedMs);
    });
    const working = inSlices(clock, work);
    expect(steps).toHaveLength(3);
    await virtual.advance(0);
    expect(steps).toHaveLength(10);
    passedMs += 1_000; // of others, after it
    expect(await working).toEqual({ result: 'done', workMs: 10 * STEP_MS });
  });

  it('that is short is done at once', async () => {
    expect(
      await inSlices(
        new VirtualClock(),
        stepsOf(10, () => undefined),
      ),
    ).toEqual({ result: 'done', workMs: 0 });
  });
});
