import type { ReadStream } from 'node:tty';

const CTRL_C = '\u0003';

/** Aborts when a person presses q or Ctrl-C, or when the process is asked to end. `stop` gives the keyboard back. */
export function leaveKey(input: ReadStream): { readonly signal: AbortSignal; stop(): void } {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  const onKey = (key: Buffer): void => {
    if (['q', 'Q', CTRL_C].includes(key.toString())) leave();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, leave);
  if (input.isTTY) {
    input.setRawMode(true);
    input.on('data', onKey);
  }
  return {
    signal: leaving.signal,
    stop: () => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, leave);
      if (!input.isTTY) return;
      input.off('data', onKey);
      input.setRawMode(false);
      input.pause();
    },
  };
}
