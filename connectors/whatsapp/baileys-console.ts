const MUTED = ['info', 'warn', 'error'] as const;
const LIBRARY = /[\\/]libsignal[\\/]src[\\/]/;

let isMuted = false;

/**
 * libsignal prints whole session objects, private keys included, with `console.info`. What it prints is thrown away; what
 * anybody else prints is not touched. Once a process.
 */
export function muteLibsignal(): void {
  if (isMuted) return;
  isMuted = true;
  for (const name of MUTED) {
    // oxlint-disable-next-line no-console -- the one place that may touch it: secrets must not reach it
    const print = console[name].bind(console);
    // oxlint-disable-next-line no-console -- as above
    console[name] = (...words: unknown[]): void => {
      if (!LIBRARY.test(new Error('who prints').stack ?? '')) print(...words);
    };
  }
}
