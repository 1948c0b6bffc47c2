import type { Clock } from '../../core/clock.ts';

/** So long work may go on before others have their turn: the API answers as if nothing were there; ms. */
const SLICE_MS = 8;

/** Does a long piece of work, whose steps are short, in slices of time. Tells how long it worked, pauses not counted; ms. */
export async function inSlices<T>(
  clock: Clock,
  steps: Iterator<undefined, T>,
): Promise<{ readonly result: T; readonly workMs: number }> {
  let workMs = 0;
  let begunAt = clock.monotonic();
  for (;;) {
    const step = steps.next();
    const spentMs = clock.monotonic() - begunAt;
    if (step.done === true) return { result: step.value, workMs: workMs + spentMs };
    if (spentMs < SLICE_MS) continue;
    workMs += spentMs;
    await new Promise<void>((resolve) => {
      clock.after(0, resolve);
    });
    begunAt = clock.monotonic();
  }
}
