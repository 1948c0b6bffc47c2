import pc from 'picocolors';
import type { SandboxLine } from './sandbox-messages.ts';

const NAME_WIDTH = 16;

/** `09:12:01  Katrin Berger     "Guten Tag …"` — simulated people only; a real guest's words never reach a terminal. */
export function renderStory(line: SandboxLine): string {
  const clock = new Date(line.at).toTimeString().slice(0, 8);
  return `${pc.dim(clock)}  ${pc.bold(line.who.padEnd(NAME_WIDTH))}  ${line.what}`;
}
