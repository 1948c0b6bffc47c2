import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('store-child.ts', import.meta.url));

export interface StoreChild {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** Resolves once this many lines have come; rejects when the process ends before. */
  waitForLines(count: number): Promise<void>;
  /** Kills it without a chance to tidy up; resolves with every line once it is gone. */
  kill(): Promise<readonly string[]>;
}

/** Starts `store-child.ts`. */
export function runStoreChild(...args: readonly string[]): StoreChild {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = new Promise<void>((resolve) => reader.on('close', () => resolve()));
  return {
    process: child,
    lines,
    waitForLines: (count) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines.length < count) return;
          reader.off('line', look);
          resolve();
        };
        reader.on('line', look);
        reader.on('close', () => reject(new Error('the store child ended early')));
        look();
      }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
      return lines;
    },
  };
}
