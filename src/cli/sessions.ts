import pc from 'picocolors';
import { z } from 'zod';
import { systemClock } from '../core/clock.ts';
import { explainSession, storyLine } from '../engine/explain-session.ts';
import { type Session, session as sessionSchema, timelineEntry } from '../engine/model/session.ts';
import type { ApiClient } from './api-client.ts';
import { type CommandContext, connectToDaemon } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { leaveKey } from './leave-key.ts';
import { renderPacing } from './pacing-screen.ts';
import { paintState, renderSessions } from './session-screen.ts';
import { CommandError } from './terminal.ts';
import { watchSessions } from './watch-sessions.ts';

/** More than one daemon is meant to run; a fleet of that size looks at its metrics. */
const MOST_SESSIONS = 200;
/** Rows of the timeline that fit on a screen with a heading. */
const SHOWN_ENTRIES = 20;

const sessionList = z.object({ data: z.array(sessionSchema) });
const toldEntry = timelineEntry.extend({ summary: z.string() });
const timeline = z.object({ data: z.array(toldEntry) });

/** `bellhop sessions` */
export async function listSessions(context: CommandContext): Promise<void> {
  const sessions = await fetchSessions(connectToDaemon(context));
  if (context.options.json === true) context.terminal.out(JSON.stringify(sessions, null, 2));
  else context.terminal.out(renderSessions(sessions, systemClock.now()));
}

/** `bellhop sessions --pacing`: what each account may still send, and why what waits does. */
export async function showPacing(context: CommandContext, id: string | undefined): Promise<void> {
  const all = await fetchSessions(connectToDaemon(context));
  const sessions = id === undefined ? all : all.filter((each) => each.id === id);
  if (id !== undefined && sessions.length === 0) throw new CommandError(exitCodes.failed, `There is no session ${id}.`);
  if (context.options.json === true)
    context.terminal.out(
      JSON.stringify(
        sessions.map(({ id: session, pacing }) => ({ session, ...pacing })),
        null,
        2,
      ),
    );
  else context.terminal.out(renderPacing(sessions, systemClock.now(), columnsOf(process.stdout)));
}

/** `bellhop sessions <id>`: how it is, and what happened to it, newest last as one reads a diary. */
export async function showSession(context: CommandContext, id: string): Promise<void> {
  const client = connectToDaemon(context);
  const path = `/v1/sessions/${encodeURIComponent(id)}`;
  const session = sessionSchema.parse(await client.get(path));
  const { data } = timeline.parse(await client.get(`${path}/timeline?limit=${SHOWN_ENTRIES}`));
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify({ session, timeline: data }, null, 2));
    return;
  }
  const story = storyLine(explainSession(session, systemClock.now()));
  context.terminal.out(`${pc.bold(session.id)} (${session.channel}) is ${paintState(session.state)}. ${story}\n`);
  for (const entry of data.toReversed()) context.terminal.out(`${pc.dim(localTime(entry.at))}  ${entry.summary}`);
}

/** `bellhop sessions --watch` */
export async function keepShowing(context: CommandContext): Promise<void> {
  const client = connectToDaemon(context);
  const leave = leaveKey(process.stdin);
  const screen = {
    write: (text: string): void => void process.stdout.write(text),
    size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  };
  try {
    const fetch = (): Promise<readonly Session[]> => fetchSessions(client);
    await watchSessions({ context, screen, clock: systemClock, fetch, signal: leave.signal });
  } finally {
    leave.stop();
  }
}

async function fetchSessions(client: ApiClient): Promise<readonly Session[]> {
  return sessionList.parse(await client.get(`/v1/sessions?limit=${MOST_SESSIONS}`)).data;
}

/** `undefined` where it is no terminal. */
function columnsOf({ isTTY, columns }: typeof process.stdout): number | undefined {
  return isTTY ? columns : undefined;
}

/** `2026-03-04 15:00:02` by the clock of whoever reads it. */
function localTime(timestamp: string): string {
  const time = new Date(timestamp);
  const offsetMs = time.getTimezoneOffset() * 60_000;
  return new Date(time.getTime() - offsetMs).toISOString().slice(0, 19).replace('T', ' ');
}
