import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Question } from '../../../src/cli/ask.ts';
import { ask } from '../../../src/cli/ask.ts';

/** Asks, types, and tells what the person saw. */
async function typed(question: Question, keys: string): Promise<{ answer: string; seen: string }> {
  const desk = { input: new PassThrough(), output: new PassThrough() };
  const asking = ask(desk, question);
  desk.input.write(keys);
  const answer = await asking;
  return { answer, seen: String(desk.output.read() ?? '') };
}

describe('a question at the terminal', () => {
  it('shows what is typed, and takes it without the blanks around it', async () => {
    const { answer, seen } = await typed({ text: 'Code: ', hidden: false }, ' 12345 \r');
    expect(answer).toBe('12345');
    expect(seen).toContain('Code: ');
    expect(seen).toContain('12345');
  });

  it('never shows a secret, corrected or not', async () => {
    const { answer, seen } = await typed({ text: 'Password: ', hidden: true }, 'open sesamy\x7fe\r');
    expect(answer).toBe('open sesame');
    expect(seen).toBe('Password: \n');
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('may be left unanswered with %s', async (_name, key) => {
    for (const hidden of [true, false]) {
      await expect(typed({ text: 'Token: ', hidden }, key)).rejects.toThrow('Nothing was typed.');
    }
  });
});
