import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.ts';

const script = fileURLToPath(compiled(new URL('store-child.ts', import.meta.url)));

export interface StoreChild {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** Resolves once the lines so far are enough; rejects when the process ends before. */
  waitFor(enough: (lines: readonly string[]) => boolean): Promise<void>;
  /** Kills it without a chance to tidy up; resolves with every line once it is gone. */
  kill(): Promise<readonly string[]>;
}

/** Starts `store-child.ts`. */
export function runStoreChild(...args: readonly string[]): StoreChild {
  return follow(spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] }));
}

/** The same under a limit for the size of each file that it writes, which shows to it as a disk that is full. */
export function runLimitedStoreChild(limitKib: number, ...args: readonly string[]): StoreChild {
  const command = `trap '' XFSZ; ulimit -S -f ${limitKib}; exec "$0" "$@"`;
  const argv = ['-c', command, process.execPath, script, ...args];
  return follow(spawn('bash', argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

function follow(child: ChildProcessByStdio<Writable, Readable, null>): StoreChild {
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = new Promise<void>((resolve) => reader.on('close', () => resolve()));
  return {
    process: child,
    lines,
    waitFor: (enough) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!enough(lines)) return;
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
