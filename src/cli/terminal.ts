import type { Writable } from 'node:stream';
import Table from 'cli-table3';
import pc from 'picocolors';
import { BellhopError } from '../core/errors.ts';
import { exitCodes } from './exit-codes.ts';

/** Where a command writes: answers to standard output, everything else to standard error. */
export interface Terminal {
  out(text: string): void;
  note(text: string): void;
  readonly interactive: boolean;
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  interactive: process.stdout.isTTY && process.stdin.isTTY,
};

/** `bellhop … | head` ends a pipe early: that must neither end a daemon nor look like a fault of ours. Other errors stay errors. */
export function outliveReaders(streams: readonly Writable[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** A table without frames: reads well in a terminal, and through `cut` and `awk`. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const blank = '';
  const table = new Table({
    head: head.map((title) => pc.bold(title)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: blank,
      'top-mid': blank,
      'top-left': blank,
      'top-right': blank,
      bottom: blank,
      'bottom-mid': blank,
      'bottom-left': blank,
      'bottom-right': blank,
      left: blank,
      'left-mid': blank,
      mid: blank,
      'mid-mid': blank,
      right: blank,
      'right-mid': blank,
      middle: blank,
    },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** What the daemon said when it refused. */
export interface Refusal {
  readonly code: string;
  /** Empty where the code says it all. */
  readonly detail: string;
}

/** A command that fails with a code of its own. */
export class CommandError extends Error {
  readonly exitCode: number;
  readonly remedy: string | undefined;
  readonly refusal: Refusal | undefined;

  constructor(exitCode: number, text: string, remedy?: string, refusal?: Refusal) {
    super(text);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.remedy = remedy;
    this.refusal = refusal;
  }
}

/** Says what went wrong and what to do, in the same form for every command; returns the exit code. */
export function reportFailure(terminal: Terminal, error: unknown, asJson: boolean): number {
  const failure = describe(error);
  if (asJson)
    terminal.out(
      JSON.stringify({ error: { code: failure.code, detail: failure.text, remedy: failure.remedy ?? null } }),
    );
  else {
    terminal.note(`${pc.red('✗')} ${failure.text}`);
    if (failure.remedy !== undefined) terminal.note(`  ${failure.remedy}`);
  }
  return failure.exitCode;
}

function describe(error: unknown): { code: string; text: string; remedy: string | undefined; exitCode: number } {
  if (error instanceof CommandError) {
    return { code: 'command_failed', text: error.message, remedy: error.remedy, exitCode: error.exitCode };
  }
  if (error instanceof BellhopError) {
    const text =
      error.detail === undefined ? error.title : `${error.title}\n  ${error.detail.replaceAll('\n', '\n  ')}`;
    return {
      code: error.code,
      text,
      remedy: error.remedy,
      exitCode: error.code === 'config_invalid' ? exitCodes.config : exitCodes.failed,
    };
  }
  return {
    code: 'internal_error',
    text: error instanceof Error ? error.message : String(error),
    remedy: undefined,
    exitCode: exitCodes.failed,
  };
}
