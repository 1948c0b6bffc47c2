import pc from 'picocolors';
import type { Clock } from '../core/clock.ts';
import { sleep } from '../core/clock.ts';
import type { Session } from '../engine/model/session.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { fitScreen, renderSessions } from './session-screen.ts';
import { CommandError } from './terminal.ts';

/** Spans are told in seconds, so the screen moves each second; the daemon answers such a question in a few milliseconds. */
const REDRAW_MS = 1_000;
/** Another screen than the one with the history of the shell, and no blinking cursor (xterm's control sequences). */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** What the table is drawn on. */
export interface Screen {
  write(text: string): void;
  size(): { columns: number; rows: number };
}

export interface WatchDeps {
  readonly context: CommandContext;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly fetch: () => Promise<readonly Session[]>;
  /** Ctrl-C, q, or the end of the terminal. */
  readonly signal: AbortSignal;
}

/**
 * `bellhop sessions --watch`. On a terminal a table that is redrawn each second; with `--json`, or into a pipe, one line for each
 * session that changed. A daemon that stops answering is told and waited for: whoever watches wants to see it come back.
 */
export async function watchSessions(deps: WatchDeps): Promise<void> {
  const { context, screen, clock, signal } = deps;
  const draw = context.terminal.interactive && context.options.json !== true ? drawer(deps) : printer(deps);
  let seen: readonly Session[] | undefined;
  try {
    if (draw.isScreen) screen.write(ENTER);
    while (!signal.aborted) {
      try {
        seen = await deps.fetch();
        draw.show(seen, null);
      } catch (error) {
        if (!(error instanceof CommandError && error.exitCode === exitCodes.unreachable)) throw error;
        draw.show(seen ?? [], error.message);
      }
      await sleep(clock, REDRAW_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  } finally {
    if (draw.isScreen) screen.write(LEAVE);
  }
}

interface Drawing {
  readonly isScreen: boolean;
  show(sessions: readonly Session[], trouble: string | null): void;
}

function drawer({ screen, clock }: WatchDeps): Drawing {
  return {
    isScreen: true,
    show: (sessions, trouble) => {
      const time = new Date(clock.now()).toTimeString().slice(0, 8);
      const head =
        trouble === null
          ? pc.dim(`${time}  ${sessions.length} ${sessions.length === 1 ? 'session' : 'sessions'}, q to leave`)
          : pc.red(`${time}  ${trouble} What stands below is old.`);
      const text = fitScreen(`${head}\n\n${renderSessions(sessions, clock.now())}`, screen.size());
      screen.write(`${HOME}${text.replaceAll('\n', `${CLEAR_LINE}\n`)}${CLEAR_LINE}${CLEAR_BELOW}`);
    },
  };
}

function printer({ context }: WatchDeps): Drawing {
  const last = new Map<string, string>();
  let isAway = false;
  return {
    isScreen: false,
    show: (sessions, trouble) => {
      if (trouble !== null && !isAway) context.terminal.note(trouble);
      isAway = trouble !== null;
      if (isAway) return;
      for (const session of sessions) {
        const line = JSON.stringify(session);
        if (last.get(session.id) === line) continue;
        last.set(session.id, line);
        context.terminal.out(context.options.json === true ? line : changeLine(session));
      }
    },
  };
}

function changeLine({ id, state, since, reason }: Session): string {
  const why = reason === null ? '' : `  ${reason.text} ${reason.remedy}`;
  return `${since}  ${id}  ${state}${why}`;
}
