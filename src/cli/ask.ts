import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { exitCodes } from './exit-codes.ts';
import { CommandError } from './terminal.ts';

export interface Question {
  readonly text: string;
  /** What is typed is not shown. */
  readonly hidden: boolean;
}

/** Where a person sits. */
export interface Desk {
  readonly input: Readable;
  readonly output: Writable;
}

const nothing = (): CommandError => new CommandError(exitCodes.failed, 'Nothing was typed.');

/** Asks one thing and resolves with what was typed, without blanks around it. Rejects when the person ends it instead (Ctrl-C, Ctrl-D). */
export async function ask({ input, output }: Desk, { text, hidden }: Question): Promise<string> {
  // The line editor echoes what is typed by itself; a hidden answer is echoed into nowhere.
  if (hidden) output.write(text);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: hidden ? nowhere : output, terminal: true });
  try {
    const ended = new Promise<never>((_resolve, reject) => {
      reader.once('close', () => reject(nothing()));
    });
    // It rejects by itself, too, when a key ends it while the question is being written.
    const asked = reader.question(hidden ? '' : text).catch(() => Promise.reject(nothing()));
    const answer = await Promise.race([asked, ended]);
    return answer.trim();
  } finally {
    reader.close();
    if (hidden) output.write('\n');
  }
}
