import type { ProcessEnd } from '../engine/ports/processes.ts';

/** Why a child ended when nobody had asked it to. */
export interface ChildEnd {
  readonly end: ProcessEnd;
  /** Goes on after "The connector's process". */
  readonly text: string;
}

/** How a child that met an error ends itself: EX_SOFTWARE. */
export const EXIT_CRASH = 70;
/** 128 + SIGABRT, where a shell stands between. */
const EXIT_ABORTED = 134;

/** Whether the last words of the child belong to its end: V8 says there that the heap was full. */
export function isAbort(code: number | null, signal: string | null): boolean {
  return signal === 'SIGABRT' || code === EXIT_ABORTED;
}

/** Pure. `lastWords`: the end of its error output. */
export function readEnd(code: number | null, signal: string | null, lastWords: string): ChildEnd {
  if (isAbort(code, signal) && lastWords.includes('heap out of memory'))
    return { end: 'out_of_memory', text: 'ran out of memory: its heap was full' };
  if (signal === 'SIGKILL')
    return {
      end: 'killed',
      text: 'was ended by SIGKILL from outside: by an operator, or by the kernel for want of memory',
    };
  if (signal !== null) return { end: 'crashed', text: `was ended by ${signal}` };
  if (code === EXIT_CRASH)
    return { end: 'crashed', text: `met an error that nobody caught and ended with code ${code}` };
  return { end: 'crashed', text: `ended by itself with code ${code ?? 'unknown'}` };
}

export const hungEnd: ChildEnd = { end: 'hung', text: 'did not answer any more and was ended' };
export const slowEnd: ChildEnd = { end: 'slow', text: 'was blocked for seconds again and again, and was ended' };
