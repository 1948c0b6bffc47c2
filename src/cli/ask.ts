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

/** Asks one thing and resolves with what was typed, without blanks around it. Rejects when the person ends it instead (Ctrl-C, Ctrl-D). */
export async function ask({ input, output }: Desk, { text, hidden }: Question): Promise<string> {
  // The line editor echoes what is typed by itself; a hidden answer is echoed into nowhere.
  if (hidden) output.write(text);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: hidden ? nowhere : output, terminal: true });
  try {
    const ended = new Promise<never>((_resolve, reject) => {
      reader.once('close', () => reject(new CommandError(exitCodes.failed, 'Nothing was typed.')));
    });
    const answer = await Promise.race([reader.question(hidden ? '' : text), ended]);
    return answer.trim();
  } finally {
    reader.close();
    if (hidden) output.write('\n');
  }
}
